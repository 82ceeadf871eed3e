#include "ui/render/packet_table.hpp"

#include <array>
#include <string_view>

#include "capture/dissect/dissect.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/wire/transport.hpp"

namespace synscope::render {

namespace {

/// The columns of the contract, in its order; a Row has one cell for each.
enum Column : std::size_t {
    kNumber,
    kTime,
    kLength,
    kCapturedLength,
    kProtocols,
    kSource,
    kDestination,
    kSourcePort,
    kDestinationPort,
    kStream,
    kFlags,
    kSeq,
    kSeqRaw,
    kAck,
    kAckRaw,
    kTcpLength,
    kWindow,
    kCompleteness,
    kAnalysis,
    kDuplicateAckNumber,
    kBytesInFlight,
    kAckRtt,
    kColumnCount
};
constexpr std::array<std::string_view, kColumnCount> kColumnNames{"frame.number",
                                                                  "frame.time_epoch",
                                                                  "frame.len",
                                                                  "frame.cap_len",
                                                                  "frame.protocols",
                                                                  "ip.src",
                                                                  "ip.dst",
                                                                  "srcport",
                                                                  "dstport",
                                                                  "tcp.stream",
                                                                  "tcp.flags",
                                                                  "tcp.seq",
                                                                  "tcp.seq_raw",
                                                                  "tcp.ack",
                                                                  "tcp.ack_raw",
                                                                  "tcp.len",
                                                                  "tcp.window_size",
                                                                  "tcp.completeness",
                                                                  "tcp.analysis",
                                                                  "tcp.analysis.duplicate_ack_num",
                                                                  "tcp.analysis.bytes_in_flight",
                                                                  "tcp.analysis.ack_rtt"};

using Row = std::array<std::string, kColumnCount>;

void fill_tcp(Row& row, const wire::TcpSegment& tcp, const track::Tracker& tracker, PacketId packet) {
    row[kSourcePort] = concat(tcp.source.port);
    row[kDestinationPort] = concat(tcp.destination.port);
    row[kFlags] = concat("0x", Hex{tcp.flags.bits(), 4});
    row[kSeqRaw] = concat(tcp.seq.raw());
    row[kAckRaw] = concat(tcp.ack.raw());
    row[kTcpLength] = concat(tcp.payload_length);
    const auto place = tracker.find(packet);
    if (!place) return;
    const track::Segment& segment = tracker.connections()[place->connection.value].segments[place->segment];
    row[kStream] = concat(place->connection.value);
    // Wireshark prints relative numbers modulo 2^32, also for what lies before the first byte.
    row[kSeq] = concat(static_cast<std::uint32_t>(segment.seq));
    row[kAck] = segment.ack ? concat(static_cast<std::uint32_t>(*segment.ack)) : std::string{"0"};
    row[kWindow] = concat(segment.window);
}

}  // namespace

std::string packet_table_header() {
    std::string out;
    for (const std::string_view name : kColumnNames) {
        if (!out.empty()) out += '\t';
        out += name;
    }
    return out;
}

void append_packet_line(std::string& out, const trace::Store& store, const track::Tracker& tracker,
                        const trace::Packet& packet) {
    const wire::LinkType link = store.interface(packet.interface).link_type;
    Row row;
    row[kNumber] = concat(packet.id.value + 1);
    row[kTime] = seconds_text(packet.at - Instant{}, 9);
    row[kLength] = concat(packet.original_length);
    row[kCapturedLength] = concat(packet.bytes.size());
    row[kProtocols] = dissect::dissect(link, packet.bytes, packet.original_length).protocols();
    if (const auto ip = wire::find_ip(link, packet.bytes, packet.original_length)) {
        row[kSource] = ip->source.text();
        row[kDestination] = ip->destination.text();
    }
    if (const auto tcp = wire::find_tcp(link, packet.bytes, packet.original_length)) {
        fill_tcp(row, *tcp, tracker, packet.id);
    } else if (const auto udp = wire::find_udp(link, packet.bytes, packet.original_length)) {
        row[kSourcePort] = concat(udp->source.port);
        row[kDestinationPort] = concat(udp->destination.port);
    }
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        if (i != 0) out += '\t';
        out += escaped(row[i], Medium::Tsv);
    }
    out += '\n';
}

}  // namespace synscope::render
