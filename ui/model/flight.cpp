#include "ui/model/flight.hpp"

#include "net/base/text.hpp"
#include "ui/model/ladder_rows.hpp"
#include "ui/model/ladder_text.hpp"

namespace synscope::model {

Flight flight_of(const track::Tracker& tracker, const Timeline& timeline, const Row& row) {
    Flight flight;
    if (row.kind == RowKind::Datagram) {
        const Datagram& d = timeline.datagrams().all()[row.index];
        flight.packet = d.packet;
        flight.event = d.event;
        flight.at = d.at;
        flight.direction = d.direction;
        flight.length = d.length;
        if (timeline.datagrams().peers().size() > 1) flight.peer = d.peer;
    } else {
        const track::Segment& s = tracker.connections()[row.connection->value].segments[row.index];
        flight.packet = s.packet;
        flight.event = s.event;
        flight.at = s.at;
        flight.direction = s.direction;
        flight.ink = arrow_ink(s);
        flight.connection = row.connection;
        flight.segment = &s;
    }
    flight.arrival = timeline.arrival(flight.packet);
    return flight;
}

std::string flight_mark(const Flight& flight) {
    if (flight.segment != nullptr) return std::string(packet_mark(*flight.segment));
    return flight.peer ? concat("peer ", *flight.peer, ": ") : std::string{};
}

std::string flight_text(const TraceSource& source, const Flight& flight, std::size_t columns) {
    if (flight.segment != nullptr) return packet_text(source, *flight.segment, columns);
    std::string text = concat("UDP, length ", flight.length);
    if (text_columns(text) > columns) text = concat("UDP ", flight.length);
    return cut_columns(text, columns);
}

}  // namespace synscope::model
