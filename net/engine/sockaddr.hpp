#pragma once
// Endpoints as the kernel takes and gives them. Thread rule: values.

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <string_view>

#include "net/base/address.hpp"

namespace synscope::engine {

class SockAddr {
  public:
    SockAddr() = default;
    explicit SockAddr(const Endpoint& endpoint) noexcept;
    /// Of a Unix socket; nothing when the path does not fit (107 bytes).
    [[nodiscard]] static std::optional<SockAddr> of_path(std::string_view path) noexcept;

    [[nodiscard]] const sockaddr* get() const noexcept;
    [[nodiscard]] sockaddr* get() noexcept;
    [[nodiscard]] socklen_t size() const noexcept { return size_; }
    /// For calls that fill it in.
    [[nodiscard]] socklen_t* size_for_kernel() noexcept;
    /// Family 0 when it holds no internet address. An IPv4-mapped IPv6 address stays IPv6: so it is on the
    /// socket.
    [[nodiscard]] Endpoint endpoint() const noexcept;

  private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

/// What getsockname says; not recorded, it is a question of ours and none of the program's.
[[nodiscard]] Endpoint local_endpoint(int fd) noexcept;

}  // namespace synscope::engine
