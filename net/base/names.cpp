// The names of the enumerations of net/base, one table each.
#include <algorithm>
#include <array>
#include <utility>

#include "net/base/event.hpp"
#include "net/base/syscall.hpp"
#include "net/base/tcp_state.hpp"

namespace synscope {

namespace {

template <std::size_t N, class Enum>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
    const auto index = static_cast<std::size_t>(value);
    return index < N ? names[index] : std::string_view{"?"};
}

constexpr std::array<std::string_view, kTcpStateCount> kTcpStates{
    "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
    "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT"};

constexpr std::array<std::string_view, kSyscallCount> kSyscalls{
    "socket",        "bind",       "listen",     "accept",         "connect",        "send",  "sendto",
    "sendmsg",       "recv",       "recvfrom",   "recvmsg",        "read",           "write", "shutdown",
    "close",         "setsockopt", "getsockopt", "fcntl",          "ioctl",          "poll",  "select",
    "epoll_create1", "epoll_ctl",  "epoll_wait", "io_uring_setup", "io_uring_enter", "fork",  "waitpid",
    "eventfd",       "sigaction",  "sigwaitinfo"};

constexpr std::array<std::string_view, kEventKindCount> kEventKinds{
    "packet captured", "packet sent",     "packet delivered",
    "packet dropped",  "syscall entered", "syscall returned",
    "readiness",       "socket named",    "state changed",
    "kernel sample",   "timer set",       "timer fired",
    "cwnd changed",    "message framed",  "busy began",
    "busy ended",      "marker",          "note",
    "actor declared",  "clocks paired",   "capture counters",
    "box acted"};

constexpr std::array<std::string_view, kDropReasonCount> kDropReasons{
    "dropped by a rule",    "random loss", "burst loss",  "queue full",       "dropped by CoDel", "corrupted",
    "too big for the link", "no route",    "TTL expired", "no answer to ARP", "not for this box", "malformed",
    "nobody takes it"};

constexpr std::array<std::string_view, kBoxActionCount> kBoxActions{"address learned",
                                                                    "address moved",
                                                                    "address forgotten",
                                                                    "forwarded",
                                                                    "flooded",
                                                                    "filtered",
                                                                    "routed",
                                                                    "time to live decreased",
                                                                    "link addresses rewritten",
                                                                    "fragmented",
                                                                    "reassembled",
                                                                    "ARP cache updated",
                                                                    "ARP entry expired",
                                                                    "no answer to ARP",
                                                                    "waits for ARP",
                                                                    "address taken",
                                                                    "address given up",
                                                                    "address conflict",
                                                                    "reassembly timed out"};

// Linux's numbering on every architecture with the generic errno table; only those a socket program meets.
constexpr std::array<std::pair<int, std::string_view>, 38> kErrnos{{
    {1, "EPERM"},          {2, "ENOENT"},         {4, "EINTR"},          {5, "EIO"},
    {9, "EBADF"},          {11, "EAGAIN"},        {12, "ENOMEM"},        {13, "EACCES"},
    {14, "EFAULT"},        {16, "EBUSY"},         {17, "EEXIST"},        {19, "ENODEV"},
    {22, "EINVAL"},        {23, "ENFILE"},        {24, "EMFILE"},        {28, "ENOSPC"},
    {32, "EPIPE"},         {38, "ENOSYS"},        {71, "EPROTO"},        {88, "ENOTSOCK"},
    {90, "EMSGSIZE"},      {92, "ENOPROTOOPT"},   {95, "EOPNOTSUPP"},    {97, "EAFNOSUPPORT"},
    {98, "EADDRINUSE"},    {99, "EADDRNOTAVAIL"}, {100, "ENETDOWN"},     {101, "ENETUNREACH"},
    {103, "ECONNABORTED"}, {104, "ECONNRESET"},   {105, "ENOBUFS"},      {106, "EISCONN"},
    {107, "ENOTCONN"},     {110, "ETIMEDOUT"},    {111, "ECONNREFUSED"}, {113, "EHOSTUNREACH"},
    {114, "EALREADY"},     {115, "EINPROGRESS"},
}};

}  // namespace

std::string_view tcp_state_name(TcpState state) noexcept {
    return name_in(kTcpStates, state);
}

std::optional<TcpState> tcp_state_from_linux(std::uint8_t linux_state) noexcept {
    // include/net/tcp_states.h: TCP_ESTABLISHED = 1 .. TCP_CLOSING = 11, TCP_NEW_SYN_RECV = 12.
    static constexpr std::array<TcpState, 12> kLinux{
        TcpState::Established, TcpState::SynSent,  TcpState::SynReceived, TcpState::FinWait1,
        TcpState::FinWait2,    TcpState::TimeWait, TcpState::Closed,      TcpState::CloseWait,
        TcpState::LastAck,     TcpState::Listen,   TcpState::Closing,     TcpState::SynReceived};
    if (linux_state < 1 || linux_state > kLinux.size()) return std::nullopt;
    return kLinux[linux_state - 1u];
}

std::string_view evidence_name(Evidence evidence) noexcept {
    static constexpr std::array<std::string_view, 3> kNames{"kernel", "simulator", "inferred from packets"};
    return name_in(kNames, evidence);
}

std::string_view syscall_name(Syscall call) noexcept {
    return name_in(kSyscalls, call);
}

bool writes_stream(Syscall call) noexcept {
    return call == Syscall::Send || call == Syscall::Sendto || call == Syscall::Sendmsg ||
           call == Syscall::Write;
}

bool reads_stream(Syscall call) noexcept {
    return call == Syscall::Recv || call == Syscall::Recvfrom || call == Syscall::Recvmsg ||
           call == Syscall::Read;
}

std::optional<std::string_view> errno_name(int error) noexcept {
    const auto found =
        std::find_if(kErrnos.begin(), kErrnos.end(), [&](const auto& e) { return e.first == error; });
    if (found == kErrnos.end()) return std::nullopt;
    return found->second;
}

std::string_view event_kind_name(const EventBody& body) noexcept {
    return body.index() < kEventKinds.size() ? kEventKinds[body.index()] : std::string_view{"?"};
}

std::string_view drop_reason_text(DropReason reason) noexcept {
    return name_in(kDropReasons, reason);
}

std::string_view box_action_text(BoxAction action) noexcept {
    return name_in(kBoxActions, action);
}

}  // namespace synscope
