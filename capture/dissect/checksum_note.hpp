#pragma once
// The note at a checksum field of TCP, UDP or ICMPv6. Thread rule: pure.

#include <string>

#include "capture/dissect/dissector.hpp"

namespace synscope::dissect {

/// "correct", "wrong", ...; says so when the capture holds too little to judge.
[[nodiscard]] std::string checksum_note(const Piece& segment, const State& state, std::uint8_t protocol,
                                        std::size_t field_at);

}  // namespace synscope::dissect
