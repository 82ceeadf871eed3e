#pragma once
// The words of the ladder: calls, states, bands, as every drawing writes them. Packets are written by
// net/wire/tcp_text.hpp. All texts are escaped for a terminal. Thread rule: pure.

#include <string>
#include <vector>

#include "ui/model/flight.hpp"
#include "ui/model/timeline.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model {

/// "S. 0:0(0) ack 1 win 65483 <mss 65495,sackOK,...>", without times and names.
[[nodiscard]] std::string packet_text(const TraceSource& source, const track::Segment& segment);
/// The same in ever shorter forms: without timestamps and padding; without what tells least here (the window
/// of a SYN, the options and then the window of anything else); flags and range last.
[[nodiscard]] std::vector<std::string> packet_forms(const TraceSource& source, const track::Segment& segment);
/// The longest form that fits `columns`; the shortest, cut, where none does.
[[nodiscard]] std::string packet_text(const TraceSource& source, const track::Segment& segment,
                                      std::size_t columns);
/// What a segment is beyond what it says, in front of its text: "again: ", "probe: " (keep-alive or
/// zero-window probe, which look alike), "duplicate: " (ACK), "window update: "; empty for an ordinary one.
[[nodiscard]] std::string_view packet_mark(const track::Segment& segment);
/// Words beside a lifeline to fit `columns`: "(inferred)" becomes "(inf.)" and then nothing, for the strip
/// shows it; reasons in brackets go; what still does not fit is cut.
[[nodiscard]] std::string side_text(std::string text, std::size_t columns);
/// What a call lost stands at the end of its words.
inline constexpr std::string_view kLost = " lost";
/// Of plain ASCII: its end, where it does not fit.
[[nodiscard]] std::string cut_front(std::string_view ascii, std::size_t columns, std::string_view ellipsis);
/// Whether our own TCP speaks for this side: what packets let one guess is not shown then.
[[nodiscard]] bool is_simulated(const track::Connection& connection, Side side);
/// Whether a state tells something new about its side: another state, or other evidence for the same.
[[nodiscard]] bool changes_state(const track::Connection& connection, std::size_t index);
/// Whether a packet of a capture brought it about: it shows its effect when it arrives, not when it left.
[[nodiscard]] bool caused_by_arrival(const Timeline& timeline, const track::Connection& connection,
                                     const track::StateChange& change);

/// "send(5) = 5", "recv() = 11", "recv() = -1 EAGAIN", "recvfrom(3) = 5, 2 bytes lost", "connect()" while it
/// has not returned.
[[nodiscard]] std::string call_text(const TraceSource& source, const Span& call);
/// "recv() entered"
[[nodiscard]] std::string call_begin_text(const TraceSource& source, const Span& call);
/// "busy 30.1 ms (server.busy)"; "busy (server.busy)" while it is not over.
[[nodiscard]] std::string busy_text(const TraceSource& source, const Span& busy);
/// "ESTABLISHED (kernel)"
[[nodiscard]] std::string state_text(const track::StateChange& change);
/// "finds message 1: 5 bytes"; "makes" where it is on its way out
[[nodiscard]] std::string message_text(const TraceSource& source, EventId message);
/// "Connection 0   client 127.0.0.1:41000 → server 127.0.0.1:7000"
[[nodiscard]] std::string connection_text(const track::Connection& connection, bool ascii);
/// "UDP   client 127.0.0.1:41000 → server 127.0.0.1:7000"; numbered where there are several.
[[nodiscard]] std::string peer_text(const Timeline& timeline, std::uint32_t peer, bool ascii);
/// A packet of no TCP connection on one line: who sends it and what its innermost protocol says, and how it
/// was lost if it was.
[[nodiscard]] std::string frame_text(const TraceSource& source, const Timeline& timeline, EventId sent);
/// Whether a note is about trouble; else it tells a story.
[[nodiscard]] bool warns(const TraceSource& source, EventId note);
/// The note's words; what our own processes say to each other is put into words for people.
[[nodiscard]] std::string note_text(const TraceSource& source, const Note& note);
[[nodiscard]] std::string marker_text(const TraceSource& source, EventId marker);
[[nodiscard]] std::string drops_text(const Span& drops);

/// What the marks mean, one line each.
struct LegendLine {
    std::string_view mark;
    std::string_view meaning;
};
/// What a picture holds, hence what its legend must explain.
struct LegendNeeds {
    bool arrows = false;     ///< of TCP segments
    bool datagrams = false;  ///< likewise
    bool estimated = false;
    bool probes = false;
    bool duplicates = false;
    bool calls = false;
    bool lost = false;    ///< bytes of datagrams
    bool parted = false;  ///< calls whose waiting and work are told apart
    bool kernel = false;
    bool inferred = false;
    bool simulator = false;
    bool breaks = false;
};
[[nodiscard]] std::vector<LegendLine> legend(const LegendNeeds& needs);
/// Adds what one packet's text needs.
void add_needs(LegendNeeds& needs, const Flight& flight);
/// What a timeline holds.
[[nodiscard]] LegendNeeds legend_needs(const Timeline& timeline, const track::Tracker& tracker);

}  // namespace synscope::model
