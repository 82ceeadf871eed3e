#include "ui/render/connection_table.hpp"

#include "net/base/text.hpp"

namespace synscope::render {

namespace {

void append_endpoint(std::string& out, const Endpoint& endpoint) {
    append(out, concat(endpoint.address.text(), '\t', endpoint.port, '\t'));
}

}  // namespace

std::string connection_table_header() {
    return "tcp.stream\tclient\tcport\tserver\tsport\tpackets\tbytes_c2s\tbytes_s2c\tstart\tduration\tstate\t"
           "flags";
}

void append_connection_line(std::string& out, const track::ConnectionFacts& connection) {
    const track::DirectionFacts& there = connection.of(Direction::ClientToServer);
    const track::DirectionFacts& back = connection.of(Direction::ServerToClient);
    append(out, connection.id.value);
    out += '\t';
    append_endpoint(out, connection.client);
    append_endpoint(out, connection.server);
    append(out, concat(there.packets + back.packets, '\t', there.payload_bytes, '\t', back.payload_bytes,
                       '\t', seconds_text(connection.first_at - Instant{}, 9), '\t',
                       seconds_text(connection.last_at - connection.first_at, 9), '\t',
                       there.packets + back.packets == 0 ? "named" : track::name(connection.ending), '\t'));
    track::AnalysisFlags seen;
    for (std::size_t i = 0; i < track::kAnalysisFlagCount; ++i)
        if (connection.counts[i] != 0) seen.add(static_cast<track::AnalysisFlag>(i));
    seen.append_names(out);
    out += '\n';
}

}  // namespace synscope::render
