#include "ui/render/session_notice.hpp"

#include <string_view>

#include "net/base/text.hpp"

namespace synscope::render {

namespace {

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
    return concat(n, ' ', n == 1 ? one : many);
}

}  // namespace

std::vector<std::string> session_notices(const trace::SessionSummary& session) {
    std::vector<std::string> notices;
    if (session.has_packet_ids && !session.has_our_events)
        notices.emplace_back(
            "The packets carry identifiers, but no events of Synscope are here: if this was a session, "
            "another "
            "program (editcap, mergecap) dropped its system calls, kernel states and messages.");
    if (session.damaged_events > 0)
        notices.push_back(concat(counted(session.damaged_events, "event", "events"),
                                 " of this session could not be read and were skipped."));
    if (session.missing_packets > 0)
        notices.push_back(concat("Another program removed ",
                                 counted(session.missing_packets, "packet", "packets"),
                                 " that events of this session speak of."));
    if (session.newer_events > 0)
        notices.push_back(concat(counted(session.newer_events, "event", "events"),
                                 " come from a later version of Synscope and were skipped."));
    return notices;
}

}  // namespace synscope::render
