#pragma once
// A TAP device (Linux, Documentation/networking/tuntap.rst): an Ethernet interface of this process's network
// namespace whose cable ends in a descriptor. read() gives one whole frame that the kernel sent, write() is
// one that it receives; without frame check sequence, and without offloads: the kernel's checksums are whole.
//
// The device lasts as long as the descriptor, which works in any process it is handed to, whatever that one's
// namespace. Thread rule: each object belongs to one thread.

#include <string>
#include <utility>

#include "net/base/result.hpp"

namespace synscope::lab {

class Tap {
  public:
    /// A new one, down, in the namespace this process is in. Needs CAP_NET_ADMIN there and /dev/net/tun.
    [[nodiscard]] static Result<Tap, OsError> open(const std::string& interface);
    Tap(Tap&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Tap& operator=(Tap&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Tap();

    /// Nonblocking.
    [[nodiscard]] int fd() const noexcept { return fd_; }

  private:
    explicit Tap(int fd) : fd_(fd) {}
    int fd_ = -1;
};

/// Why there is no TAP device, and what a person can do about it.
[[nodiscard]] UserError explain_no_tap(const OsError& error);

}  // namespace synscope::lab
