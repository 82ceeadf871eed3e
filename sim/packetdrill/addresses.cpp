#include "sim/packetdrill/addresses.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace synscope::packetdrill {
namespace {

IpAddress from_ipv6(const in6_addr& address) {
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &address, octets.size());
    IpAddress ip;
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        ip.family = 4;
        std::copy(octets.begin() + 12, octets.end(), ip.octets.begin());
    } else {
        ip.family = 6;
        ip.octets = octets;
    }
    return ip;
}

}  // namespace

std::optional<Endpoint> read_address(const sockaddr* address, socklen_t length) {
    if (address == nullptr || length < sizeof(sa_family_t)) return std::nullopt;
    if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
        sockaddr_in in{};
        std::memcpy(&in, address, sizeof in);
        return Endpoint{IpAddress::v4(ntohl(in.sin_addr.s_addr)), ntohs(in.sin_port)};
    }
    if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
        sockaddr_in6 in{};
        std::memcpy(&in, address, sizeof in);
        return Endpoint{from_ipv6(in.sin6_addr), ntohs(in.sin6_port)};
    }
    return std::nullopt;
}

void write_address(const Endpoint& endpoint, int family, sockaddr* address, socklen_t* length) {
    if (address == nullptr || length == nullptr) return;
    if (family == AF_INET6) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(endpoint.port);
        std::array<std::uint8_t, 16> octets = endpoint.address.octets;
        if (endpoint.address.family == 4) {
            octets = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
            std::copy_n(endpoint.address.octets.begin(), 4, octets.begin() + 12);
        }
        std::memcpy(&in.sin6_addr, octets.data(), octets.size());
        std::memcpy(address, &in, std::min<std::size_t>(*length, sizeof in));
        *length = sizeof in;
        return;
    }
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.address.octets.data(), sizeof in.sin_addr);
    std::memcpy(address, &in, std::min<std::size_t>(*length, sizeof in));
    *length = sizeof in;
}

}  // namespace synscope::packetdrill
