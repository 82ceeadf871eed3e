#pragma once
// What a display filter is asked about: one packet, and what others found out about it. Thread rule: values.

#include <cstdint>
#include <optional>

#include "capture/dissect/dissection.hpp"
#include "capture/track/analysis.hpp"
#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"

namespace synscope::filter {

/// Nothing is owned; all of it outlives the question. What the filter does not need (Needs) may be left out.
struct PacketFacts {
    std::uint64_t number = 0;            ///< in the capture, from 1
    Instant at;                          ///< since the Unix epoch
    Instant first_at;                    ///< of packet 1
    std::optional<Instant> previous_at;  ///< of the packet before it; nothing for packet 1
    std::uint32_t original_length = 0;
    std::uint16_t interface = 0;
    ByteSpan bytes;  ///< the frame, as far as captured
    const dissect::Dissection* dissection = nullptr;
    const track::Verdict* verdict = nullptr;             ///< null for packets that are no TCP
    const track::ConnectionFacts* connection = nullptr;  ///< the verdict's; final where that is known
};

/// What a filter has to be given beyond number, times, lengths and bytes.
struct Needs {
    bool dissection = false;
    bool analysis = false;    ///< the verdict
    bool connection = false;  ///< the facts about the connection
};

}  // namespace synscope::filter
