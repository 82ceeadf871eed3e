#pragma once
// The system calls that engines and clients make and that become events. The numbers are ours and are stored
// in session files: append, never renumber. Thread rule: values.

#include <cstdint>
#include <optional>
#include <string_view>

namespace synscope {

enum class Syscall : std::uint8_t {
    Socket,
    Bind,
    Listen,
    Accept,
    Connect,
    Send,
    Sendto,
    Sendmsg,
    Recv,
    Recvfrom,
    Recvmsg,
    Read,
    Write,
    Shutdown,
    Close,
    Setsockopt,
    Getsockopt,
    Fcntl,
    Ioctl,
    Poll,
    Select,
    EpollCreate,
    EpollCtl,
    EpollWait,
    IoUringSetup,
    IoUringEnter,
    Fork,
    Waitpid,
    Eventfd,
    Sigaction,
    Sigwait,
};
inline constexpr std::size_t kSyscallCount = 31;

/// As the manual page is called: "accept", "epoll_wait".
[[nodiscard]] std::string_view syscall_name(Syscall call) noexcept;
/// Whether a positive result is a count of bytes written to (or read from) a stream.
[[nodiscard]] bool writes_stream(Syscall call) noexcept;
[[nodiscard]] bool reads_stream(Syscall call) noexcept;
/// "EAGAIN" for an errno of this platform's Linux ABI; "errno 999" style text is the caller's business when
/// nothing.
[[nodiscard]] std::optional<std::string_view> errno_name(int error) noexcept;

}  // namespace synscope
