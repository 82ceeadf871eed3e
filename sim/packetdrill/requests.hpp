#pragma once
// What the shell commands of a script asked of the machine while it ran: settings (sysctl), connections to be
// dropped. tests/packetdrill/shim writes them, one a line; packetdrill's commands run in other processes, so
// a file is the way from there to here. Thread rule: pure functions; values.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/base/tcp_state.hpp"
#include "sim/tcp/personality.hpp"

namespace synscope::packetdrill {

/// "set net.ipv4.tcp_sack 0".
struct Setting {
    std::string name;
    std::string value;
    friend bool operator==(const Setting&, const Setting&) = default;
};
/// "drop TIME_WAIT": every connection in this state is forgotten (FreeBSD's tcpdrop).
struct DropState {
    TcpState state = TcpState::Closed;
    friend bool operator==(const DropState&, const DropState&) = default;
};
/// "forget": cached metrics and Fast Open cookies.
struct Forget {
    friend bool operator==(const Forget&, const Forget&) = default;
};
using Request = std::variant<Setting, DropState, Forget>;

/// Lines that say nothing known are left out.
[[nodiscard]] std::vector<Request> read_requests(std::string_view text);

/// Linux's and FreeBSD's names. False when the name means nothing to our TCP, or the value is no number.
bool apply_setting(sim::tcp::Personality& personality, const Setting& setting);

/// FreeBSD's spelling, as sockstat prints it: "SYN_RCVD", "TIME_WAIT".
[[nodiscard]] std::string_view bsd_state_name(TcpState state) noexcept;

}  // namespace synscope::packetdrill
