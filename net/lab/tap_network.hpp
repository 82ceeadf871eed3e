#pragma once
// A network namespace with one TAP device in it, kept by a process of its own, and the device's other end
// here.
//
//   caller                         tap host (a child: unsharing a namespace cannot be undone)
//   TapNetwork::start  --------->  run_tap_host: namespaces, device, address, route
//                      <---------  the device's descriptor
//   begin()            --------->  becomes the command; without one it waits until the caller has gone
//
// The child says itself what it cannot do, on standard error. Ownership: the TapNetwork owns descriptor and
// child, which does not outlive it. Thread rule: each object belongs to one thread; the child has one.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/result.hpp"
#include "net/lab/child.hpp"
#include "net/lab/namespace.hpp"
#include "net/lab/tap.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::lab {

/// The interface is named like this.
inline constexpr const char* kTapInterface = "tap0";

struct TapHostOptions {
    wire::MacAddress mac;
    std::uint32_t mtu = 1500;
    std::optional<IpAddress> address{};  ///< IPv4; absent: none
    unsigned prefix_length = 24;
    std::optional<IpAddress> gateway{};
    std::vector<std::string> command{};  ///< program, looked up in PATH, and its arguments
};

/// The child's part, in a process that has one thread. Returns when the caller has gone or gave up, or what
/// could not be done; not at all when it becomes the command.
[[nodiscard]] Result<void, UserError> run_tap_host(const TapHostOptions& options);

class TapNetwork {
  public:
    /// Starts `program tap-host` with these options, its standard output on `output_fd`, and waits until the
    /// device is there. Nothing when the child could not make it, and has said why.
    [[nodiscard]] static Result<std::optional<TapNetwork>, OsError> start(const std::string& program,
                                                                          const TapHostOptions& options,
                                                                          int output_fd);
    TapNetwork(TapNetwork&& other) noexcept;
    TapNetwork& operator=(TapNetwork&& other) = delete;
    ~TapNetwork();

    [[nodiscard]] int tap_fd() const noexcept { return tap_fd_; }
    /// Readable once the child has ended.
    [[nodiscard]] int ended_fd() const noexcept { return ended_fd_; }
    [[nodiscard]] pid_t pid() const noexcept { return child_.pid(); }
    [[nodiscard]] Isolation isolation() const noexcept { return isolation_; }
    /// The command may start.
    void begin();
    /// How the child ended; without a command asks it to end.
    ExitStatus finish();

  private:
    TapNetwork(Child child, int control_fd) : child_(std::move(child)), control_fd_(control_fd) {}
    Result<bool, OsError> receive_device();

    Child child_;
    int control_fd_ = -1;
    int tap_fd_ = -1;
    int ended_fd_ = -1;
    Isolation isolation_ = Isolation::UserAndNetwork;
};

}  // namespace synscope::lab
