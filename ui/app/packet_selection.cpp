#include "ui/app/packet_selection.hpp"

#include <cstdio>
#include <utility>

#include "capture/dissect/dissect.hpp"
#include "net/base/text.hpp"
#include "ui/app/command.hpp"

namespace synscope::app {

std::optional<filter::Filter> compile_display_filter(const std::string& text) {
    auto filter = filter::Filter::compile(text);
    if (filter) return *std::move(filter);
    report({concat("bad display filter: ", filter.error().message), "", ""});
    // Escaped already, since an escape changes where the carets stand: report() would do it again.
    std::string place = filter::point_at(text, filter.error());
    place.insert(place.find('\n') + 1, "  ");
    std::fputs(concat("  ", place, "\n  docs/FILTERS.md has the syntax and the fields\n").c_str(), stderr);
    return std::nullopt;
}

PacketSelection::PacketSelection(const filter::Filter& filter, const analyze::ShardedRun& finished)
    : filter_(filter) {
    if (!filter.needs().connection) return;
    connections_.reserve(finished.size());
    for (std::size_t i = 0; i < finished.size(); ++i)
        connections_.push_back(finished.connection(ConnectionId{static_cast<std::uint32_t>(i)}));
}

bool PacketSelection::accepts(const analyze::Packet& packet) {
    const source::RawPacket& raw = *packet.raw;
    if (!first_at_) first_at_ = raw.at;
    filter::PacketFacts facts;
    facts.number = packet.number;
    facts.at = raw.at;
    facts.first_at = *first_at_;
    facts.previous_at = previous_at_;
    facts.original_length = raw.original_length;
    facts.interface = raw.interface;
    facts.bytes = raw.bytes;
    facts.verdict = packet.verdict;
    previous_at_ = raw.at;
    if (packet.verdict != nullptr && packet.verdict->connection.value < connections_.size())
        facts.connection = &connections_[packet.verdict->connection.value];
    if (!filter_.needs().dissection) return filter_.matches(facts);
    const auto dissection =
        dissect::dissect(raw.link_type, raw.bytes, raw.original_length, fragments_, raw.at);
    facts.dissection = &dissection;
    return filter_.matches(facts);
}

}  // namespace synscope::app
