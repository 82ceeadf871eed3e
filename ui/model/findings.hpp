#pragma once
// What happened, in plain sentences built from the data: how the connection was made, what became of the
// writes, how it ended. Nothing is assumed: what the trace does not show is said to be unknown.
//
// A finding keeps its kind and its numbers beside the English sentence, so that a translation is another
// function of the same values. Sentences are escaped for a terminal. Thread rule: pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/track/provenance.hpp"
#include "capture/track/tracker.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model {

enum class Topic : std::uint8_t { Handshake, Writes, Messages, Teardown, Reset, Retransmission, Drops };
[[nodiscard]] std::string_view topic_name(Topic topic) noexcept;

struct Finding {
    Topic topic = Topic::Handshake;
    std::optional<ConnectionId> connection;
    std::string sentence;
    std::string rule;  ///< where the rule behind it is written: "RFC 9293 section 3.5"; may be empty
    std::vector<EventId> events;  ///< what it is about, in time order; the first is where to scroll to
};

/// Everything to say about one connection, in time order of topics.
[[nodiscard]] std::vector<Finding> findings(const TraceSource& source, const track::Connection& connection);
/// About the trace as a whole: packets the capture lost.
[[nodiscard]] std::vector<Finding> trace_findings(const TraceSource& source);

}  // namespace synscope::model
