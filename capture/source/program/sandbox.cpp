#include "capture/source/program/sandbox.hpp"

#include <cap-ng.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cerrno>
#include <initializer_list>
#include <memory>

namespace synscope::source {
namespace {

Result<void, OsError> capability_error(const char* detail) {
    return failure(OsError{"capset", errno, detail});
}

struct FilterReleaser {
    void operator()(void* filter) const { seccomp_release(filter); }
};

/// A seccomp filter under construction; remembers the first error.
class Filter {
  public:
    Filter() : filter_(seccomp_init(SCMP_ACT_KILL_PROCESS)), status_(filter_ ? 0 : -ENOMEM) {}

    void allow(std::initializer_list<int> calls) {
        for (const int call : calls)
            note(seccomp_rule_add_array(filter_.get(), SCMP_ACT_ALLOW, call, 0, nullptr));
    }
    /// Only when the first argument is `fd`.
    void allow_on(int fd, std::initializer_list<int> calls) {
        if (fd < 0) return;
        for (const int call : calls)
            allow_if(call, {0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(fd), 0});
    }
    void allow_if(int call, scmp_arg_cmp condition) {
        note(seccomp_rule_add_array(filter_.get(), SCMP_ACT_ALLOW, call, 1, &condition));
    }
    [[nodiscard]] int load() {
        if (status_ == 0) note(seccomp_load(filter_.get()));
        return status_;
    }

  private:
    void note(int status) {
        if (status_ == 0 && status < 0) status_ = status;
    }
    std::unique_ptr<void, FilterReleaser> filter_;
    int status_;
};

constexpr scmp_datum_t kGetInterfaceName = 0x8910;   // SIOCGIFNAME
constexpr scmp_datum_t kGetInterfaceFlags = 0x8913;  // SIOCGIFFLAGS

}  // namespace

Result<void, OsError> keep_only_net_raw() {
    if (capng_get_caps_process() != 0) return capability_error("read");
    const bool net_raw = capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW) != 0;
    // The bounding set can be narrowed only by who may; with no_new_privs below it is a second lock.
    const bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
    capng_clear(CAPNG_SELECT_BOTH);
    if (net_raw)
        capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED), CAP_NET_RAW);
    if (capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) != 0)
        return capability_error("keep CAP_NET_RAW only");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failure(OsError{"prctl", errno, "no_new_privs"});
    return {};
}

Result<void, OsError> drop_all_capabilities() {
    capng_clear(CAPNG_SELECT_CAPS);
    if (capng_apply(CAPNG_SELECT_CAPS) != 0) return capability_error("drop all");
    // Ask the kernel, not the library's memory.
    if (capng_get_caps_process() != 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
        return failure(OsError{"capset", 0, "capabilities are still there after they were dropped"});
    return {};
}

Result<void, OsError> confine(const LoopDescriptors& descriptors) {
    Filter filter;
    filter.allow({SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(restart_syscall), SCMP_SYS(clock_gettime),
                  SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
                  SCMP_SYS(gettid), SCMP_SYS(getpid)});
    // Memory: never executable.
    filter.allow({SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
                  SCMP_SYS(sched_yield), SCMP_SYS(getrandom)});
    filter.allow_if(SCMP_SYS(mmap), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
    filter.allow_if(SCMP_SYS(mprotect), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
    filter.allow_on(descriptors.output, {SCMP_SYS(write)});
    filter.allow_on(2, {SCMP_SYS(write), SCMP_SYS(writev)});
    // pcap_stats; and what libpcap asks when the interface goes down.
    filter.allow_on(descriptors.packets, {SCMP_SYS(getsockopt), SCMP_SYS(getsockname)});
    filter.allow_if(SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, kGetInterfaceName, 0});
    filter.allow_if(SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, kGetInterfaceFlags, 0});
    // InterfaceDrops; the socket speaks with the kernel alone, and without capabilities it can only ask.
    filter.allow_on(descriptors.netlink,
                    {SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(recvfrom)});
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    // A sanitizer tries whether memory may be read by writing it into a pipe of its own.
    filter.allow({SCMP_SYS(pipe2), SCMP_SYS(write), SCMP_SYS(sigaltstack)});
#endif
    if (const int status = filter.load(); status < 0)
        return failure(OsError{"seccomp", -status, "load the filter"});
    return {};
}

}  // namespace synscope::source
