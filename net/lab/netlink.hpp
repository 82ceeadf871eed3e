#pragma once
// Interfaces of this process's network namespace, set up by rtnetlink (rtnetlink(7), through libnl). Thread
// rule: each call has a socket of its own.

#include <cstdint>
#include <optional>
#include <string>

#include "net/base/address.hpp"
#include "net/base/result.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::lab {

struct InterfaceSettings {
    std::optional<wire::MacAddress> mac{};
    std::optional<std::uint32_t> mtu{};
    bool silent = false;  ///< no IPv6 address of its own making, so that an idle wire is idle
};

/// Changes what is given and sets the interface up.
[[nodiscard]] Result<void, OsError> set_up(const std::string& interface, const InterfaceSettings& settings);
/// An IPv4 address with its prefix length; the route to its network comes with it.
[[nodiscard]] Result<void, OsError> add_address(const std::string& interface, const IpAddress& address,
                                                unsigned prefix_length);
/// The IPv4 default route.
[[nodiscard]] Result<void, OsError> add_default_route(const std::string& interface, const IpAddress& gateway);

}  // namespace synscope::lab
