#pragma once
// The phases of a call (capture/track/phases.hpp) as views use them: found by a span of the ladder or by the
// call's events, and put into words. Thread rule: pure functions.

#include <optional>
#include <string>

#include "capture/track/phases.hpp"
#include "ui/model/timeline.hpp"

namespace synscope::model {

/// Of a finished call that belongs to a connection; nothing for what neither reads, writes nor accepts.
[[nodiscard]] std::optional<track::CallPhases> span_phases(const track::Tracker& tracker, const Span& span);

struct FoundPhases {
    ConnectionId connection;
    track::CallPhases phases;
};
/// The same by the events that a call is. An accept() belongs to the connection it took.
[[nodiscard]] std::optional<FoundPhases> find_phases(const track::Tracker& tracker, const Event& entered,
                                                     const Event& returned);

/// "It waited 30.1 ms for data (estimated from packet 7, ±12.0 us); waking up and copying 19 bytes took
/// 8.00 us."; empty where there is nothing to say, as of a short call of which nothing is known.
[[nodiscard]] std::string phases_sentence(const track::Connection& connection,
                                          const track::CallPhases& phases);
/// How the border between waiting and working is known: "exact: epoll had reported the socket ready",
/// "estimated from packet 7, ±12.0 us", "unknown: no packet in this trace says it".
[[nodiscard]] std::string border_text(const track::Connection& connection, const track::CallPhases& phases);

}  // namespace synscope::model
