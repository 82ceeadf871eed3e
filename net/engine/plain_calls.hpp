#pragma once
// recv(), send() and epoll_wait() without libc: for the files calls_*.cpp alone.
//
// In libc they are cancellation points (POSIX.1-2017 section 2.9.5.2), for which a program that has ever had
// a second thread pays with atomic operations around every call, and errno lies in the thread's own memory,
// behind two more calls. All that is 6 % of a whole echo. We never cancel a thread. Thread rule: as the calls
// themselves; errno is not touched.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace synscope::engine {

/// What a call came to.
struct Outcome {
    std::int64_t value = 0;  ///< -1: `error` says why
    int error = 0;
};
/// Of a function of libc.
inline Outcome outcome_of(std::int64_t returned) noexcept {
    return {returned, returned < 0 ? errno : 0};
}
inline Outcome outcome_of(Outcome outcome) noexcept {
    return outcome;
}

namespace plain {

// ThreadSanitizer learns from libc's functions that a byte sent happened before it was received.
#if defined(__SANITIZE_THREAD__) || !defined(__x86_64__)
inline Outcome recv(int fd, void* into, std::size_t size, int flags) {
    return outcome_of(::recv(fd, into, size, flags));
}
inline Outcome send(int fd, const void* bytes, std::size_t size, int flags) {
    return outcome_of(::send(fd, bytes, size, flags));
}
inline Outcome epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms) {
    return outcome_of(::epoll_wait(epoll, events, capacity, timeout_ms));
}
#else
/// The number in rax, the arguments in rdi, rsi, rdx, r10, r8 and r9; the result, or the error as a negative
/// number, in rax; rcx and r11 are the kernel's (System V ABI, AMD64 supplement, appendix A.2.1).
inline Outcome enter_kernel(std::int64_t number, std::int64_t first, const void* second, std::size_t third,
                            std::int64_t fourth) noexcept {
    register std::int64_t r10 asm("r10") = fourth;
    register std::int64_t r8 asm("r8") = 0;
    register std::int64_t r9 asm("r9") = 0;
    std::int64_t result = number;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    if (result >= 0) return {result, 0};
    return {-1, static_cast<int>(-result)};
}
inline Outcome recv(int fd, void* into, std::size_t size, int flags) noexcept {
    return enter_kernel(SYS_recvfrom, fd, into, size, flags);
}
inline Outcome send(int fd, const void* bytes, std::size_t size, int flags) noexcept {
    return enter_kernel(SYS_sendto, fd, bytes, size, flags);
}
inline Outcome epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms) noexcept {
    return enter_kernel(SYS_epoll_wait, epoll, events, static_cast<std::size_t>(capacity), timeout_ms);
}
#endif

}  // namespace plain

}  // namespace synscope::engine
