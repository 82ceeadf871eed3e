#include "ui/render/packet_table.hpp"

#include <array>
#include <string_view>

#include "net/base/text.hpp"

namespace synscope::render {

namespace {

/// The columns of the contract, in its order.
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

constexpr std::array<std::string_view, kColumnCount> kNames{"frame.number",
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

/// Cells go out in the order of the columns. Every cell is made of numbers, addresses, and names from our own
/// tables: nothing in it needs escaping.
class TsvCells {
  public:
    explicit TsvCells(std::string& out) : out_(out) {}
    void number(Column column, std::uint64_t value) { append(begin(column), value); }
    void text(Column column, std::string_view value) { begin(column) += value; }
    /// Seconds with nine decimals.
    void seconds(Column column, std::int64_t ns) { append_seconds(begin(column), ns); }
    /// For text that the caller appends.
    std::string& begin(Column column) {
        out_.append(column - at_, '\t');
        at_ = column;
        return out_;
    }
    void end(Column) {}
    void finish() {
        out_.append(kColumnCount - 1 - at_, '\t');
        out_ += '\n';
    }
    static void append_seconds(std::string& out, std::int64_t ns);

  private:
    std::string& out_;
    std::size_t at_ = 0;
};

void TsvCells::append_seconds(std::string& out, std::int64_t ns) {
    // Negating the most negative value would overflow; as unsigned it is well defined.
    const std::uint64_t size = ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
    if (ns < 0) out += '-';
    append(out, size / 1'000'000'000);
    std::array<char, 10> digits;
    digits[0] = '.';
    std::uint64_t fraction = size % 1'000'000'000;
    for (std::size_t i = 9; i > 0; --i, fraction /= 10)
        digits[i] = static_cast<char>('0' + fraction % 10);
    out.append(digits.data(), digits.size());
}

class JsonCells {
  public:
    explicit JsonCells(std::string& out) : out_(out) {}
    void number(Column column, std::uint64_t value) { append(key(column), value); }
    void text(Column column, std::string_view value) {
        begin(column) += value;
        end(column);
    }
    void seconds(Column column, std::int64_t ns) { TsvCells::append_seconds(key(column), ns); }
    std::string& begin(Column column) { return key(column) += '"'; }
    void end(Column) { out_ += '"'; }
    void finish() { out_ += "}\n"; }

  private:
    std::string& key(Column column) {
        out_ += first_ ? "{\"" : ",\"";
        first_ = false;
        out_ += kNames[column];
        return out_ += "\":";
    }
    std::string& out_;
    bool first_ = true;
};

void append_address(std::string& out, const IpAddress& address) {
    if (address.family != 4) {
        out += address.text();
        return;
    }
    for (std::size_t i = 0; i < 4; ++i) {
        if (i != 0) out += '.';
        append(out, address.octets[i]);
    }
}

template <class Cells>
void addresses(Cells& cells, const IpAddress& source, const IpAddress& destination) {
    append_address(cells.begin(kSource), source);
    cells.end(kSource);
    append_address(cells.begin(kDestination), destination);
    cells.end(kDestination);
}

template <class Cells>
void ports(Cells& cells, std::uint16_t source, std::uint16_t destination) {
    cells.number(kSourcePort, source);
    cells.number(kDestinationPort, destination);
}

template <class Cells>
void verdict_cells(Cells& cells, const track::Verdict& verdict, std::uint8_t completeness) {
    cells.number(kCompleteness, completeness);
    if (!verdict.flags.empty()) {
        verdict.flags.append_names(cells.begin(kAnalysis));
        cells.end(kAnalysis);
    }
    if (verdict.duplicate_ack_number != 0) cells.number(kDuplicateAckNumber, verdict.duplicate_ack_number);
    if (verdict.bytes_in_flight) cells.number(kBytesInFlight, *verdict.bytes_in_flight);
    if (verdict.ack_rtt) cells.seconds(kAckRtt, verdict.ack_rtt->ns);
}

template <class Cells>
void tcp_cells(Cells& cells, const PacketRow& packet) {
    const wire::TcpSegment& segment = *packet.segment;
    const track::Verdict* verdict = packet.verdict;
    ports(cells, segment.source.port, segment.destination.port);
    if (verdict != nullptr) cells.number(kStream, verdict->connection.value);
    std::string& flags = cells.begin(kFlags);
    flags += "0x";
    append(flags, Hex{segment.flags.bits(), 4});
    cells.end(kFlags);
    if (verdict != nullptr) cells.number(kSeq, verdict->seq);
    cells.number(kSeqRaw, segment.seq.raw());
    if (verdict != nullptr) cells.number(kAck, verdict->ack);
    cells.number(kAckRaw, segment.ack.raw());
    cells.number(kTcpLength, segment.payload_length);
    if (verdict == nullptr) return;
    cells.number(kWindow, verdict->window);
    verdict_cells(cells, *verdict, packet.completeness);
}

template <class Cells>
void write_row(Cells cells, const PacketRow& packet) {
    cells.number(kNumber, packet.number);
    cells.seconds(kTime, packet.at.ns);
    cells.number(kLength, packet.original_length);
    cells.number(kCapturedLength, packet.bytes.size());
    cells.text(kProtocols, packet.protocols);
    // The outermost addresses, also of TCP inside a tunnel.
    if (const auto ip = wire::find_ip(packet.link, packet.bytes, packet.original_length))
        addresses(cells, ip->source, ip->destination);
    if (packet.segment != nullptr)
        tcp_cells(cells, packet);
    else if (const auto udp = wire::find_udp(packet.link, packet.bytes, packet.original_length))
        ports(cells, udp->source.port, udp->destination.port);
    cells.finish();
}

}  // namespace

std::string packet_table_header() {
    std::string out;
    for (const std::string_view name : kNames) {
        if (!out.empty()) out += '\t';
        out += name;
    }
    return out;
}

void append_packet_line(std::string& out, const PacketRow& packet) {
    write_row(TsvCells{out}, packet);
}

void append_packet_json(std::string& out, const PacketRow& packet) {
    write_row(JsonCells{out}, packet);
}

}  // namespace synscope::render
