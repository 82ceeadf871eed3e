#pragma once
// What an arrow of the ladder stands for: a TCP segment of a connection or a UDP datagram, as every drawing
// writes it. Ownership: refers to tracker and timeline. Thread rule: a value.

#include <cstdint>
#include <optional>
#include <string>

#include "ui/model/theme.hpp"
#include "ui/model/timeline.hpp"

namespace synscope::model {

struct Flight {
    PacketId packet;
    EventId event;
    Instant at;
    Direction direction = Direction::ClientToServer;
    Ink ink = Ink::Data;
    std::optional<Arrival> arrival;           ///< known where the wire is ours
    std::optional<ConnectionId> connection;   ///< of a segment
    const track::Segment* segment = nullptr;  ///< none: a datagram
    std::uint32_t length = 0;                 ///< of a datagram
    std::optional<std::uint32_t> peer;        ///< of a datagram, where there are several to tell apart
};
/// Of a row of kind Packet or Datagram.
[[nodiscard]] Flight flight_of(const track::Tracker& tracker, const Timeline& timeline, const Row& row);
/// In front of its text: what it is beyond what it says ("again: ", packet_mark()), or whose ("peer 1: ").
[[nodiscard]] std::string flight_mark(const Flight& flight);
/// "P. 1:6(5) ack 1", "UDP, length 6": the longest form that fits.
[[nodiscard]] std::string flight_text(const TraceSource& source, const Flight& flight, std::size_t columns);

}  // namespace synscope::model
