#pragma once
// Linux's TCP sockets of one simulated host: descriptors, calls, results and errno values, in virtual time.
//
//   Sockets host{options};
//   const int fd = host.socket(kAfInet, kSockStream, 0).value;
//   host.connect(now, fd, server);          // {-1, EINPROGRESS}: a blocking program waits until poll(fd)
//   says POLLOUT
//
// No call blocks: what would block says EAGAIN (EINPROGRESS for connect), whether or not the descriptor is
// nonblocking; the caller that plays a blocking program waits for readiness and calls again. nonblocking()
// says which it plays. close() says it while SO_LINGER has it wait, at the latest until lingers_until(); the
// descriptor takes no other call then. The network side is stack(). Errors: errno values of Linux
// (linux_abi.hpp), 0 for success. Ownership: owns its stack and descriptors. Thread rule: one world, one
// thread.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "sim/host/linux_abi.hpp"
#include "sim/tcp/stack.hpp"

namespace synscope::sim {

/// What a call returns: `value` is -1 when `error` is not 0.
struct CallResult {
    std::int64_t value = 0;
    int error = 0;

    [[nodiscard]] bool would_block() const noexcept {
        return error == linux_abi::kEagain || error == linux_abi::kEinprogress;
    }
    friend bool operator==(const CallResult&, const CallResult&) = default;
};
struct AcceptResult {
    CallResult call;
    Endpoint peer;
};

class Sockets {
  public:
    /// The first descriptor that socket() gives out; 0 to 2 are a program's standard streams.
    static constexpr int kFirstDescriptor = 3;

    explicit Sockets(tcp::StackOptions options) : stack_(std::move(options)) {}
    [[nodiscard]] tcp::Stack& stack() noexcept { return stack_; }
    [[nodiscard]] const tcp::Stack& stack() const noexcept { return stack_; }

    // ---- the calls
    CallResult socket(int domain, int type, int protocol);
    CallResult bind(Instant now, int fd, const Endpoint& local);
    CallResult listen(Instant now, int fd, int backlog);
    AcceptResult accept(Instant now, int fd, int flags = 0);
    CallResult connect(Instant now, int fd, const Endpoint& remote);
    /// connect() with AF_UNSPEC.
    CallResult disconnect(Instant now, int fd);
    CallResult send(Instant now, int fd, ByteSpan bytes, int flags = 0);
    CallResult send(Instant now, int fd, const Payload& bytes, int flags = 0);
    /// The destination counts with MSG_FASTOPEN only.
    CallResult send_to(Instant now, int fd, const Payload& bytes, int flags, std::optional<Endpoint> to);
    CallResult receive(Instant now, int fd, MutableByteSpan out, int flags = 0);
    CallResult shutdown(Instant now, int fd, int how);
    CallResult close(Instant now, int fd);
    [[nodiscard]] std::optional<Instant> lingers_until(int fd) const noexcept;

    /// Options whose value is an int (also struct linger's two as {on, seconds}).
    CallResult set_option(Instant now, int fd, int level, int name, std::int64_t value,
                          std::int64_t second = 0);
    /// TCP_CONGESTION.
    CallResult set_congestion(Instant now, int fd, std::string_view name);
    /// The value in CallResult::value; SO_LINGER: seconds, or -1 when off, with error 0.
    CallResult get_option(Instant now, int fd, int level, int name);
    [[nodiscard]] std::string_view congestion(int fd) const;
    /// TCP_INFO.
    [[nodiscard]] std::optional<tcp::TcpInfo> info(Instant now, int fd) const;
    CallResult ioctl(Instant now, int fd, unsigned request, int argument = 0);
    CallResult set_nonblocking(int fd, bool on);
    [[nodiscard]] bool nonblocking(int fd) const noexcept;

    /// poll(2)'s bits now; POLLNVAL for a descriptor that is none.
    [[nodiscard]] std::uint32_t poll(int fd);
    [[nodiscard]] std::optional<Endpoint> local(int fd) const;
    [[nodiscard]] std::optional<Endpoint> peer(int fd) const;

    /// The stack's id behind a descriptor, and the reverse for wakeups.
    [[nodiscard]] std::optional<SocketId> id(int fd) const noexcept;
    [[nodiscard]] std::optional<int> descriptor(SocketId id) const noexcept;

  private:
    struct Descriptor {
        SocketId id;
        bool open = false;
        bool nonblocking = false;
        std::optional<Instant> lingers_until = std::nullopt;  ///< it is being closed
    };
    int allocate(SocketId id, bool nonblocking);
    [[nodiscard]] const Descriptor* find(int fd) const noexcept;
    /// Also one that is being closed.
    [[nodiscard]] const Descriptor* find_any(int fd) const noexcept;

    tcp::Stack stack_;
    std::vector<Descriptor> descriptors_;
};

}  // namespace synscope::sim
