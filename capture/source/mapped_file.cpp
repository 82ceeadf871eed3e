#include "capture/source/mapped_file.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>

namespace synscope::source {

/// One mapping, as the handler sees it. Ranges are never freed, only used again: the handler may be walking
/// the list in another thread at any time.
struct MappedFile::Range {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::size_t> size{0};    ///< 0: not in use
    std::atomic<std::uint64_t> lost{0};  ///< the first byte that is known to be cut off
    Range* next = nullptr;
};

namespace {

static_assert(std::atomic<std::uintptr_t>::is_always_lock_free &&
                  std::atomic<std::uint64_t>::is_always_lock_free,
              "the signal handler must not wait for a lock");

std::atomic<MappedFile::Range*> all_ranges{nullptr};
std::mutex register_guard;  // of those who map and unmap, never taken by the handler
struct sigaction previous_action;
std::size_t page_bytes = 4096;

void lower(std::atomic<std::uint64_t>& value, std::uint64_t to) noexcept {
    std::uint64_t now = value.load(std::memory_order_relaxed);
    while (to < now && !value.compare_exchange_weak(now, to, std::memory_order_acq_rel)) {
    }
}

/// Zeros from the page of `address` to the end of its mapping: the rest of a file that was cut is gone, too,
/// and one system call does for all of it. mmap is not on POSIX's list of functions for signal handlers; on
/// Linux it is a bare system call.
bool mend(std::uintptr_t address) noexcept {
    for (MappedFile::Range* r = all_ranges.load(std::memory_order_acquire); r != nullptr; r = r->next) {
        const std::size_t size = r->size.load(std::memory_order_acquire);
        const std::uintptr_t begin = r->begin.load(std::memory_order_acquire);
        if (size == 0 || address < begin || address - begin >= size) continue;
        const std::uintptr_t page = address / page_bytes * page_bytes;
        void* const at = reinterpret_cast<void*>(page);  // NOLINT(performance-no-int-to-ptr)
        void* const zeros = ::mmap(at, begin + size - page, PROT_READ,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
        if (zeros == MAP_FAILED) return false;
        lower(r->lost, page - begin);
        return true;
    }
    return false;
}

/// As if we had never been here.
void pass_on(int number, siginfo_t* about, void* context) {
    if ((previous_action.sa_flags & SA_SIGINFO) != 0) {
        previous_action.sa_sigaction(number, about, context);
        return;
    }
    if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
        previous_action.sa_handler(number);
        return;
    }
    const bool sent_by_somebody = about->si_code <= 0;
    if (previous_action.sa_handler == SIG_IGN && sent_by_somebody) return;
    // A real fault cannot be ignored: the kernel ends the process as soon as this returns.
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(number, &standard, nullptr);
    if (sent_by_somebody) ::raise(number);
}

void on_bus_error(int number, siginfo_t* about, void* context) {
    const int saved = errno;
    const bool mended = about->si_code > 0 && mend(reinterpret_cast<std::uintptr_t>(about->si_addr));
    errno = saved;
    if (!mended) pass_on(number, about, context);
}

void install_handler() {
    static std::once_flag once;
    std::call_once(once, [] {
        page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action {};
        action.sa_sigaction = on_bus_error;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, &previous_action);
    });
}

MappedFile::Range* register_range(const void* memory, std::size_t size) {
    const std::lock_guard lock{register_guard};
    MappedFile::Range* range = all_ranges.load(std::memory_order_relaxed);
    while (range != nullptr && range->size.load(std::memory_order_relaxed) != 0)
        range = range->next;
    const bool fresh = range == nullptr;
    if (fresh) range = new MappedFile::Range;
    range->lost.store(size, std::memory_order_relaxed);
    range->begin.store(reinterpret_cast<std::uintptr_t>(memory), std::memory_order_release);
    range->size.store(size, std::memory_order_release);
    if (fresh) {
        range->next = all_ranges.load(std::memory_order_relaxed);
        all_ranges.store(range, std::memory_order_release);
    }
    return range;
}

}  // namespace

Result<std::unique_ptr<MappedFile>, OsError> MappedFile::map(int fd, std::size_t size) {
    install_handler();
    void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (memory == MAP_FAILED) return failure(OsError{"mmap", errno, ""});
    ::madvise(memory, size, MADV_SEQUENTIAL);
    Range* range = register_range(memory, size);
    return std::unique_ptr<MappedFile>(
        new MappedFile(fd, ByteSpan(static_cast<const std::byte*>(memory), size), range));
}

MappedFile::~MappedFile() {
    {
        const std::lock_guard lock{register_guard};
        range_->size.store(0, std::memory_order_release);
    }
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
    ::close(fd_);
}

std::uint64_t MappedFile::intact() const noexcept {
    // The file's last page reads as zeros beyond its end, without a signal: only its size tells.
    struct stat about {};
    if (::fstat(fd_, &about) == 0)
        lower(range_->lost, static_cast<std::uint64_t>(std::max<off_t>(about.st_size, 0)));
    return range_->lost.load(std::memory_order_acquire);
}

}  // namespace synscope::source
