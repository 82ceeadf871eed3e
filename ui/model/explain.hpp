#pragma once
// What one event means, for tooltips and the head of the inspector: a line in the usual notation, a plain
// sentence that explains it, and where the rule behind it is written.
//
// Sentences say what the trace shows and no more; sides are called client and server, as in the ladder. All
// texts are escaped for a window. Thread rule: pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "capture/track/tracker.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model {

struct Explanation {
    std::string line;      ///< "client > server  S 0:0(0) win 64240 <mss 1460>"
    std::string sentence;  ///< "The client asks to open a connection. ..."
    std::string rule;      ///< "RFC 9293 section 3.5", "send(2)"; may be empty
};
[[nodiscard]] Explanation explain(const TraceSource& source, const track::Tracker& tracker,
                                  const Event& event);
[[nodiscard]] Explanation explain_segment(const TraceSource& source, const track::Connection& connection,
                                          std::size_t segment);
/// `entered` is the call; `returned` its end, when there is one.
[[nodiscard]] Explanation explain_call(const track::Tracker& tracker, const Event& entered,
                                       const std::optional<Event>& returned);

/// The event that ends a call or a busy span; nothing while it lasts. Looks only at what arrived after it.
[[nodiscard]] std::optional<Event> end_of(const TraceSource& source, const Event& begun);

/// "bytes 0 to 4", "byte 7", "no bytes"
[[nodiscard]] std::string bytes_text(ByteRange bytes);
/// "1 byte", "5 bytes"
[[nodiscard]] std::string count_text(std::uint64_t count, std::string_view one, std::string_view many);
/// "nothing was there yet; a non-blocking call does not wait"; empty for an errno that has no sentence here.
[[nodiscard]] std::string_view errno_sentence(std::string_view name) noexcept;
/// What a TCP state means, in a sentence; RFC 9293 section 3.3.2.
[[nodiscard]] std::string_view state_sentence(TcpState state) noexcept;
[[nodiscard]] std::string_view side_name(Side side) noexcept;

}  // namespace synscope::model
