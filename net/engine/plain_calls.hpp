#pragma once
// recv(), send() and epoll_wait() without thread cancellation: for the files calls_*.cpp alone.
//
// In libc they are cancellation points (POSIX.1-2017 section 2.9.5.2). A program that has ever had a second
// thread pays for that with atomic operations around every call, 5 % of a whole echo. We never cancel a
// thread. Thread rule: as the calls themselves; errno is set as by libc.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace synscope::engine::plain {

// ThreadSanitizer learns from libc's functions that a byte sent happened before it was received.
#if defined(__SANITIZE_THREAD__) || !defined(SYS_recvfrom) || !defined(SYS_epoll_pwait)
inline std::int64_t recv(int fd, void* into, std::size_t size, int flags) {
    return ::recv(fd, into, size, flags);
}
inline std::int64_t send(int fd, const void* bytes, std::size_t size, int flags) {
    return ::send(fd, bytes, size, flags);
}
inline std::int64_t epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms) {
    return ::epoll_wait(epoll, events, capacity, timeout_ms);
}
#else
inline std::int64_t recv(int fd, void* into, std::size_t size, int flags) {
    return ::syscall(SYS_recvfrom, fd, into, size, flags, nullptr, nullptr);
}
inline std::int64_t send(int fd, const void* bytes, std::size_t size, int flags) {
    return ::syscall(SYS_sendto, fd, bytes, size, flags, nullptr, 0);
}
inline std::int64_t epoll_wait(int epoll, epoll_event* events, int capacity, int timeout_ms) {
    return ::syscall(SYS_epoll_pwait, epoll, events, capacity, timeout_ms, nullptr, 0);
}
#endif

}  // namespace synscope::engine::plain
