// Segments of any kind, few enough connections that they meet: whatever they say, the analyser's words agree
// with each other, the facts count what was said, and a batch says what single segments say.
//
// A record of ten bytes: flow and side, flags, sequence number (2), ACK (2), length, window, time step
// (signed), option.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "capture/track/analysis.hpp"
#include "capture/track/flight.hpp"

using namespace synscope;

namespace {

constexpr std::size_t kRecord = 10;

void require(bool condition) {
    if (!condition) std::abort();
}

wire::TcpSegment segment_of(ByteSpan record, std::array<std::byte, 10>& options) {
    const auto byte = [&](std::size_t i) { return load_u8(record, i); };
    wire::TcpSegment s;
    s.source = {IpAddress::v4(0x0a000001), static_cast<std::uint16_t>(1000 + (byte(0) >> 1 & 3))};
    s.destination = {IpAddress::v4(0x0a000002), 80};
    if (byte(0) & 1) std::swap(s.source, s.destination);
    s.flags = wire::TcpFlags{byte(1)};
    // Near the wrap, in steps that meet, and now and then far away.
    const std::uint32_t far = byte(0) & 0x80 ? 0x7fffff00u : 0;
    s.seq = Seq32{0xffffff00u + load_be16(record, 2) + far};
    s.ack = Seq32{0xffffff00u + load_be16(record, 4) + far};
    s.payload_length = byte(6) == 0xff ? 0xffffffffu : byte(6);
    s.window = byte(7);
    if (byte(9) & 1) {
        options = {std::byte{5}, std::byte{10}};
        for (std::size_t i = 0; i < 8; ++i)
            options[2 + i] = record[i + 1];
        s.options = options;
    } else if (byte(9) & 2) {
        options = {std::byte{3}, std::byte{3}, record[9], std::byte{2}, std::byte{4}, record[8], record[7]};
        s.options = options;
    }
    return s;
}

void check(const track::Verdict& v, const wire::TcpSegment& s) {
    using track::AnalysisFlag;
    require(v.flags.has(AnalysisFlag::DuplicateAck) == (v.duplicate_ack_number > 0));
    if (v.bytes_in_flight) require(s.payload_length > 0 && *v.bytes_in_flight > 0);
    if (v.flags.has(AnalysisFlag::SpuriousRetransmission) || v.flags.has(AnalysisFlag::FastRetransmission))
        require(v.flags.has(AnalysisFlag::Retransmission));
    if (v.flags.has(AnalysisFlag::OutOfOrder)) require(!v.flags.has(AnalysisFlag::Retransmission));
    if (v.flags.has(AnalysisFlag::KeepAlive)) require(!v.flags.has(AnalysisFlag::Retransmission));
    if (v.ack_rtt) require(s.flags.has(wire::TcpFlags::kAck));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan input = std::as_bytes(std::span(data, size));
    const std::size_t count = input.size() / kRecord;
    std::vector<std::array<std::byte, 10>> options(count);
    std::vector<wire::TcpSegment> segments;
    std::vector<track::Analyzer::Timed> timed;
    segments.reserve(count);
    Instant at;
    for (std::size_t i = 0; i < count; ++i) {
        const ByteSpan record = input.subspan(i * kRecord, kRecord);
        at = at + Duration::microseconds(static_cast<std::int8_t>(load_u8(record, 8)) * 100);
        segments.push_back(segment_of(record, options[i]));
        timed.push_back({at, &segments.back()});
    }
    track::Analyzer single;
    std::vector<track::Verdict> verdicts(count);
    std::vector<std::array<std::uint32_t, track::kAnalysisFlagCount>> counts;
    std::vector<std::uint64_t> packets;
    for (std::size_t i = 0; i < count; ++i) {
        verdicts[i] = single.add(timed[i].at, segments[i]);
        check(verdicts[i], segments[i]);
        const std::size_t c = verdicts[i].connection.value;
        require(c < single.size());
        counts.resize(single.size());
        packets.resize(single.size());
        ++packets[c];
        for (std::size_t f = 0; f < track::kAnalysisFlagCount; ++f)
            counts[c][f] += verdicts[i].flags.has(static_cast<track::AnalysisFlag>(f)) ? 1u : 0u;
    }
    for (std::size_t c = 0; c < single.size(); ++c) {
        const auto facts = single.connection(ConnectionId{static_cast<std::uint32_t>(c)});
        require(facts.counts == counts[c]);
        require(facts.directions[0].packets + facts.directions[1].packets == packets[c]);
        require(facts.first_at <= facts.last_at && facts.completeness < 64);
        const auto newest = single.find(facts.server, facts.client);
        require(newest && newest->value >= c);
    }
    track::Analyzer batched;
    std::vector<track::Verdict> together(count);
    batched.add(timed, together);
    require(batched.size() == single.size());
    for (std::size_t i = 0; i < count; ++i)
        require(together[i].connection == verdicts[i].connection && together[i].flags == verdicts[i].flags &&
                together[i].bytes_in_flight == verdicts[i].bytes_in_flight);
    return 0;
}
