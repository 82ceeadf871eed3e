#include "ui/model/overview.hpp"

#include <algorithm>
#include <array>

#include "net/base/text.hpp"
#include "ui/model/ladder_text.hpp"

namespace synscope::model {

namespace {

constexpr std::size_t kToldConnections = 3;  ///< a box each, when all are shown

/// What one side sent.
struct Sent {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  ///< without what was sent again
    std::uint64_t again = 0;
};

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
    return concat(n, ' ', n == 1 ? one : many);
}

std::string sent_text(const Sent& sent) {
    std::string text =
        concat(counted(sent.packets, "packet", "packets"), ", ", counted(sent.bytes, "byte", "bytes"));
    if (sent.again > 0) append(text, concat(", ", counted(sent.again, "packet", "packets"), " sent again"));
    return text;
}

/// The last that is known of a side, "TIME-WAIT (kernel)"; empty when nothing is. A guess counts where nobody
/// knows.
std::string last_state(const track::Connection& c, Side side) {
    const bool known = is_simulated(c, side);
    for (auto state = c.states.rbegin(); state != c.states.rend(); ++state)
        if (state->side == side && !(known && state->evidence == Evidence::Inferred))
            return state_text(*state);
    return {};
}

void tell_side(const track::Connection& c, Side side, const Sent& sent, std::string meaning, RowWriter& out) {
    out.field(side == Side::Client ? "client" : "server", c.endpoint(side).text(), std::move(meaning));
    out.field("sent", sent_text(sent), "Bytes that were sent again count once.", 2);
    if (std::string state = last_state(c, side); !state.empty())
        out.field("last state", std::move(state), "The last TCP state that the trace shows of this end.", 2);
}

void tell_connection(const track::Connection& c, Instant start, RowWriter& out) {
    std::array<Sent, 2> sent;
    for (const track::Segment& s : c.segments) {
        Sent& side = sent[static_cast<std::size_t>(s.direction)];
        ++side.packets;
        side.bytes += s.retransmission ? 0 : s.length;
        side.again += s.retransmission ? 1 : 0;
    }
    out.box(concat("connection ", c.id.value), duration_text(c.last_at - c.first_at));
    tell_side(c, Side::Client, sent[0], "The end that asked for the connection, or that was seen first.",
              out);
    tell_side(c, Side::Server, sent[1], "The end that was asked.", out);
    if (!c.segments.empty()) {
        out.link("begins", concat("at ", seconds_text(c.first_at - start, 6), " s"),
                 c.segments.front().event);
        out.link("ends", concat("at ", seconds_text(c.last_at - start, 6), " s"), c.segments.back().event);
    }
    if (!c.saw_syn) out.warning("Joined in the middle: its handshake was not captured.");
}

void tell_trace(const track::Tracker& tracker, const Timeline& timeline, RowWriter& out) {
    std::uint64_t packets = 0;
    for (const track::Connection& c : tracker.connections())
        packets += c.segments.size();
    const bool timed = timeline.first() && timeline.last();
    out.box("this trace", timed ? duration_text(*timeline.last() - *timeline.first()) : std::string{});
    out.field("connections", concat(tracker.connections().size()), "Choose one at the left to see it alone.");
    out.field("TCP packets", concat(packets));
    const Instant start = timeline.first().value_or(Instant{});
    const std::size_t told = std::min(tracker.connections().size(), kToldConnections);
    for (std::size_t i = 0; i < told; ++i)
        tell_connection(tracker.connections()[i], start, out);
}

}  // namespace

std::vector<InspectorRow> overview(const track::Tracker& tracker, const Timeline& timeline,
                                   std::optional<ConnectionId> connection) {
    std::vector<InspectorRow> rows;
    RowWriter out(rows);
    const auto& all = tracker.connections();
    if (connection && connection->value < all.size())
        tell_connection(all[connection->value], timeline.first().value_or(Instant{}), out);
    else
        tell_trace(tracker, timeline, out);
    out.box("how to read the ladder");
    out.field("down", "time; a zigzag leaves out a pause");
    for (const LegendLine& line : legend(legend_needs(timeline, tracker)))
        out.field(std::string(line.mark), std::string(line.meaning));
    return rows;
}

}  // namespace synscope::model
