#include "ui/render/summary_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::render {

namespace {

std::string plural(std::uint64_t n, std::string_view one, std::string_view many) {
    return concat(n, ' ', n == 1 ? one : many);
}

std::string interface_text(const trace::Interface& interface) {
    const std::string_view link = wire::link_type_name(interface.link_type);
    const std::string type =
        link.empty() ? concat("link type ", static_cast<unsigned>(interface.link_type), ", not dissected")
                     : std::string{link};
    return interface.name.empty() ? type : concat(escaped(interface.name, Medium::Terminal), " (", type, ')');
}

void append_file(std::string& out, const trace::Store& store, const std::string& name,
                 const trace::SessionSummary& session) {
    const std::uint64_t packets = store.packet_count();
    std::uint64_t bytes = 0;
    Instant first{};
    Instant last{};
    for (std::uint64_t i = 0; i < packets; ++i) {
        const trace::Packet packet = store.packet(PacketId{i});
        bytes += packet.original_length;
        first = i == 0 ? packet.at : std::min(first, packet.at);
        last = i == 0 ? packet.at : std::max(last, packet.at);
    }
    append(out, concat(escaped(name, Medium::Terminal), ": ", plural(packets, "packet", "packets"), ", ",
                       plural(bytes, "byte", "bytes"), " on the wire"));
    if (packets > 1) append(out, concat(", over ", duration_text(last - first)));
    out += '\n';
    for (std::size_t i = 0; i < store.interface_count(); ++i)
        append(out,
               concat("interface ", i, ": ",
                      interface_text(store.interface(InterfaceId{static_cast<std::uint16_t>(i)})), '\n'));
    if (session.has_our_events)
        append(out, concat("session of Synscope: ", plural(session.events, "event", "events"),
                           " beside the packets\n"));
    if (session.has_packet_ids && !session.has_our_events)
        out +=
            "the packets carry identifiers, but no events of Synscope are here: if this was a session, "
            "another program dropped them\n";
    if (session.damaged_events > 0)
        append(out, concat(plural(session.damaged_events, "event", "events"),
                           " could not be read and were skipped\n"));
    if (session.missing_packets > 0)
        append(out, concat("another program removed ", plural(session.missing_packets, "packet", "packets"),
                           " that events of this session speak of\n"));
    if (session.newer_events > 0)
        append(out,
               concat(plural(session.newer_events, "event", "events"), " of a later version were skipped\n"));
}

/// How a connection ended, as far as its packets show.
std::string_view ending(const track::Connection& c) {
    std::array<bool, 2> fin{};
    for (const track::Segment& s : c.segments) {
        if (s.flags.has(wire::TcpFlags::kRst)) return "reset";
        if (s.flags.has(wire::TcpFlags::kFin)) fin[static_cast<std::size_t>(s.direction)] = true;
    }
    if (fin[0] && fin[1]) return "closed";
    if (fin[0] || fin[1]) return "half closed";
    return "open at the end";
}

std::string_view beginning(const track::Connection& c) {
    return c.saw_syn ? "" : ", joined in the middle";
}

void append_connection(std::string& out, const track::Connection& c) {
    std::array<std::uint64_t, 2> payload{};
    std::uint64_t again = 0;
    for (const track::Segment& s : c.segments) {
        payload[static_cast<std::size_t>(s.direction)] += s.retransmission ? 0 : s.length;
        again += s.retransmission ? 1 : 0;
    }
    append(out, concat("  ", c.id.value, "  ", c.client.text(), " > ", c.server.text(), "  ",
                       plural(c.segments.size(), "packet", "packets"), ", ", payload[0], " bytes there, ",
                       payload[1], " back, ", duration_text(c.last_at - c.first_at), ", ", ending(c),
                       beginning(c)));
    if (again > 0) append(out, concat(", ", again, " sent again"));
    out += '\n';
}

}  // namespace

std::string summary_text(const trace::Store& store, const track::Tracker& tracker, const std::string& name,
                         const trace::SessionSummary& session, std::optional<std::uint32_t> only) {
    std::string out;
    append_file(out, store, name, session);
    const auto& connections = tracker.connections();
    append(out, concat(plural(connections.size(), "TCP connection", "TCP connections"),
                       connections.empty() ? "\n" : ":\n"));
    for (const track::Connection& c : connections) {
        if (!only || c.id.value == *only) append_connection(out, c);
    }
    return out;
}

}  // namespace synscope::render
