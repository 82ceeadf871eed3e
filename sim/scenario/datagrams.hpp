#pragma once
// What of a client's script cannot be said in datagrams (UDP, RFC 768): whatever needs a connection or a
// stream. One list for the reader of files, who knows the place, and for whoever lets a script meant for TCP
// run over UDP. Thread rule: pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/scenario/scenario.hpp"

namespace synscope::scenario {

/// RFC 768 over IPv4: 65535 bytes less the two headers, of 20 and 8.
inline constexpr std::uint64_t kMaxDatagramBytes = 65507;

struct NotInDatagrams {
    const Step* step = nullptr;  ///< of the client; none: the client's own `key`
    std::string_view key;
    std::string what;
    std::string hint;
};
/// The first thing that is wrong, whatever `client.transport` says.
[[nodiscard]] std::optional<NotInDatagrams> why_not_datagrams(const Client& client);

}  // namespace synscope::scenario
