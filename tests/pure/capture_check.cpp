#include "capture/dissect/dissect.hpp"
#include "capture/filter/filter.hpp"
#include "capture/track/provenance.hpp"
#include "capture/track/tracker.hpp"
#include "tests/pure/frames.hpp"
#include "tests/pure/self_check.hpp"

namespace synscope::pure {
namespace {

void check_dissect(Checks& checks) {
    const auto dissection = dissect::dissect(wire::LinkType::Raw, kSyn, kSyn.size());
    const auto* port = dissection.find_field("tcp.dstport");
    checks.that(dissection.find_layer("tcp") != nullptr, "the TCP layer is shown");
    checks.that(port != nullptr && port->value == "80", "its destination port is 80");
    checks.that(dissection.field_at(22) == port, "and lies where the hex says");
}

void check_track(Checks& checks) {
    track::Tracker tracker;
    const auto at = [](std::int64_t ms) { return Instant{} + Duration::milliseconds(ms); };
    tracker.packet({EventId{0}, at(0), ActorId{}, {}, PacketCaptured{PacketId{0}}}, wire::LinkType::Raw, kSyn,
                   kSyn.size());
    tracker.packet({EventId{1}, at(1), ActorId{}, {}, PacketCaptured{PacketId{1}}}, wire::LinkType::Raw,
                   kData, kData.size());
    checks.that(tracker.connections().size() == 1, "two packets, one connection");
    if (tracker.connections().size() != 1) return;
    const auto& connection = tracker.connections().front();
    checks.that(connection.client.port == 40000 && connection.server.port == 80, "the SYN makes the client");
    checks.that(connection.segments.size() == 2 && connection.segments[1].bytes().begin == 0 &&
                    connection.segments[1].bytes().end == 6,
                "stream offsets begin after the SYN, over the wrap");
    const auto runs = track::provenance(connection, Direction::ClientToServer);
    checks.that(runs.size() == 1 && runs[0].segments.size() == 1, "the bytes know their segment");
}

void check_filter(Checks& checks) {
    const auto dissection = dissect::dissect(wire::LinkType::Raw, kData, kData.size());
    filter::PacketFacts packet;
    packet.bytes = kData;
    packet.dissection = &dissection;
    const auto accepts = [&packet](std::string_view text) {
        const auto filter = filter::Filter::compile(text);
        return filter && filter->matches(packet);
    };
    checks.that(accepts("tcp.dstport == 80 && ip.src == 192.0.2.0/24"), "a filter finds its packet");
    checks.that(accepts("tcp.payload matches \"^HELLO\""), "a regular expression does");
    checks.that(!accepts("tcp.flags.syn == 1"), "another does not");
    checks.that(!filter::Filter::compile("tcp.dstprt == 80"), "an unknown field is refused");
}

}  // namespace

void check_capture(Checks& checks) {
    check_dissect(checks);
    check_track(checks);
    check_filter(checks);
}

}  // namespace synscope::pure
