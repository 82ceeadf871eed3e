#include "net/wire/tcp_flags.hpp"

#include <utility>

namespace synscope::wire {

std::string TcpFlags::text() const {
    // The order of tcpdump's table (print-tcp.c prints S F R P W E U .), with packetdrill's habit of S, F, P
    // first and the acknowledgement's point last.
    static constexpr std::pair<std::uint16_t, char> kLetters[] = {
        {kSyn, 'S'}, {kFin, 'F'}, {kRst, 'R'}, {kPsh, 'P'}, {kUrg, 'U'},
        {kEce, 'E'}, {kCwr, 'W'}, {kAe, 'e'},  {kAck, '.'},
    };
    std::string out;
    for (const auto& [bit, letter] : kLetters)
        if (any(bit)) out += letter;
    return out.empty() ? "-" : out;
}

}  // namespace synscope::wire
