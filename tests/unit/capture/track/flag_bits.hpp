#pragma once
// TCP flags as tcpdump and packetdrill write them: "S.", "FP.".

#include <cstdint>
#include <string_view>

#include "net/wire/tcp_flags.hpp"

namespace synscope::track {

inline std::uint16_t flag_bits(std::string_view text) {
    std::uint16_t bits = 0;
    for (const char c : text)
        bits = static_cast<std::uint16_t>(bits | (c == 'S'   ? wire::TcpFlags::kSyn
                                                  : c == 'F' ? wire::TcpFlags::kFin
                                                  : c == 'R' ? wire::TcpFlags::kRst
                                                  : c == 'P' ? wire::TcpFlags::kPsh
                                                  : c == '.' ? wire::TcpFlags::kAck
                                                             : 0));
    return bits;
}

}  // namespace synscope::track
