#pragma once
// Between the kernel's socket addresses and our endpoints. A socket of AF_INET6 may speak IPv4: its addresses
// are mapped ones then (RFC 4291 section 2.5.5.2). Thread rule: pure functions.

#include <sys/socket.h>

#include <optional>

#include "net/base/address.hpp"

namespace synscope::packetdrill {

/// Nothing when the address is too short, or of another family.
[[nodiscard]] std::optional<Endpoint> read_address(const sockaddr* address, socklen_t length);
/// As a socket of `family` shows it; cut at *length, which becomes the full length.
void write_address(const Endpoint& endpoint, int family, sockaddr* address, socklen_t* length);

}  // namespace synscope::packetdrill
