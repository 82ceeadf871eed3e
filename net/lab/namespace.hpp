#pragma once
// A network of our own: moving this process into new user and network namespaces (user_namespaces(7),
// network_namespaces(7)).
//
// Inside, the process is root over its network and over nothing else: it may capture, and nobody outside sees
// or disturbs its `lo`. Children inherit it; it ends with the last of them. Thread rule: call in a process
// that has one thread; the kernel refuses others.

#include <cstdint>
#include <string>

#include "net/base/result.hpp"

namespace synscope::lab {

enum class Isolation : std::uint8_t {
    UserAndNetwork,  ///< the current user and group are root inside; every other identity is gone
    NetworkOnly,     ///< plain root where user namespaces are denied
};

/// Moves this process into a new network namespace, with a new user namespace where that is allowed. Its `lo`
/// is still down. After a failure of a later step ("uid_map") the process is of no more use: fork first, or
/// exit.
[[nodiscard]] Result<Isolation, OsError> enter_network_namespace();

/// enter_network_namespace, then `lo` up.
[[nodiscard]] Result<Isolation, OsError> enter_own_network();

/// Why this machine denies it, and what a person can do: looks at the switches that are known to deny it
/// (user.max_user_namespaces, kernel.unprivileged_userns_clone, AppArmor's restriction).
[[nodiscard]] UserError explain_denial(const OsError& error);

}  // namespace synscope::lab
