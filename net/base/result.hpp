#pragma once
// Result<T, E>: a value or the reason why there is none. No exceptions cross a folder boundary.
//
// Four channels, chosen by cause: an expected outcome is a value (an enum per operation); a failed system
// call is an OsError; malformed traffic is data (an event, or a layer marked malformed); a programmer's error
// is an assert.

#include <string>
#include <tl/expected.hpp>

namespace synscope {

template <class T, class E>
using Result = tl::expected<T, E>;

template <class E>
[[nodiscard]] constexpr auto failure(E&& error) {
    return tl::unexpected<std::decay_t<E>>(static_cast<E&&>(error));
}

/// A system call that failed: which, why (errno), and on what.
struct OsError {
    std::string operation;  ///< the call's name: "bind"
    int error = 0;          ///< errno; 0 when the cause is not an errno
    std::string detail;     ///< what it was about: "127.0.0.1:7000"
};

/// What a person is told: what went wrong, where, and what to do. All three are plain text, not yet escaped.
struct UserError {
    std::string what;
    std::string where;
    std::string hint;
};

}  // namespace synscope
