#include "net/engine/sockaddr.hpp"

#include <sys/un.h>

#include <cstring>

namespace synscope::engine {

SockAddr::SockAddr(const Endpoint& endpoint) noexcept {
    if (endpoint.address.family == 4) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(endpoint.port);
        std::memcpy(&in.sin_addr, endpoint.address.octets.data(), 4);
        std::memcpy(&storage_, &in, sizeof in);
        size_ = sizeof in;
    } else if (endpoint.address.family == 6) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(endpoint.port);
        std::memcpy(&in.sin6_addr, endpoint.address.octets.data(), 16);
        std::memcpy(&storage_, &in, sizeof in);
        size_ = sizeof in;
    }
}

std::optional<SockAddr> SockAddr::of_path(std::string_view path) noexcept {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof un.sun_path) return std::nullopt;
    path.copy(un.sun_path, path.size());
    SockAddr out;
    std::memcpy(&out.storage_, &un, sizeof un);
    out.size_ = sizeof un;
    return out;
}

// The one cast that the sockets interface asks for: sockaddr is its "any address".
const sockaddr* SockAddr::get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage_);
}
sockaddr* SockAddr::get() noexcept {
    return reinterpret_cast<sockaddr*>(&storage_);
}

socklen_t* SockAddr::size_for_kernel() noexcept {
    size_ = sizeof storage_;
    return &size_;
}

Endpoint SockAddr::endpoint() const noexcept {
    Endpoint out;
    if (storage_.ss_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &storage_, sizeof in);
        out.address.family = 4;
        std::memcpy(out.address.octets.data(), &in.sin_addr, 4);
        out.port = ntohs(in.sin_port);
    } else if (storage_.ss_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &storage_, sizeof in);
        out.address.family = 6;
        std::memcpy(out.address.octets.data(), &in.sin6_addr, 16);
        out.port = ntohs(in.sin6_port);
    }
    return out;
}

Endpoint local_endpoint(int fd) noexcept {
    SockAddr address;
    if (getsockname(fd, address.get(), address.size_for_kernel()) != 0) return {};
    return address.endpoint();
}

}  // namespace synscope::engine
