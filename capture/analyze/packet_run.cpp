#include "capture/analyze/packet_run.hpp"

#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "net/base/hash.hpp"

namespace synscope::analyze {

namespace {

/// Enough that the analyzer can fetch its records from memory side by side, few enough to stay in the first
/// cache.
constexpr std::size_t kBatch = 128;

std::uint64_t word_of(const IpAddress& address) noexcept {
    std::array<std::uint64_t, 2> words;
    std::memcpy(words.data(), address.octets.data(), sizeof(words));
    return words[0] ^ words[1];
}

/// Both directions of a conversation, and everything on the same addresses and ports, fall to the same run.
bool is_mine(const Endpoint& source, const Endpoint& destination, const Share& share) noexcept {
    if (share.of == 1) return true;
    const std::uint64_t ends =
        (word_of(source.address) + source.port) + (word_of(destination.address) + destination.port);
    const std::uint64_t mixed = hash_mix(ends) >> 32;
    return (mixed * share.of) >> 32 == share.index;
}

}  // namespace

struct PacketRun::Batch {
    std::array<source::RawPacket, kBatch> raw;
    std::array<Packet, kBatch> packets;
    std::array<std::optional<wire::TcpSegment>, kBatch> segments;
    std::array<track::Analyzer::Timed, kBatch> timed;
    std::array<track::Verdict, kBatch> verdicts;
    std::array<std::uint64_t, kBatch> numbers;  ///< of the packets of `timed`
    std::size_t packet_count = 0;
    std::size_t raw_count = 0;
    std::size_t raw_next = 0;  ///< the first not looked at yet
};

PacketRun::PacketRun(source::PacketSource& source, source::BpfFilter filter, Share share)
    : source_(source),
      filter_(std::move(filter)),
      filtering_(!filter_.expression().empty()),
      share_(share),
      batch_(std::make_unique<Batch>()) {}

PacketRun::~PacketRun() = default;

void PacketRun::judge(std::size_t segments) {
    Batch& b = *batch_;
    analyzer_.add(std::span(b.timed).first(segments), std::span(b.verdicts).first(segments));
    if (analyzer_.size() == first_packets_.size()) return;
    for (std::size_t i = 0; i < segments; ++i)
        if (b.verdicts[i].connection.value == first_packets_.size()) first_packets_.push_back(b.numbers[i]);
}

/// Finds the segments of the raw packets at hand and has them judged. A segment out of IP fragments ends the
/// batch, since its bytes last only until the next one is looked for; so does what only names a connection,
/// which takes its number after those before it.
Result<void, UserError> PacketRun::take() {
    Batch& b = *batch_;
    std::size_t tcp = 0;
    bool reassembled = false;
    std::optional<wire::NamedTcp> named;
    while (b.raw_next < b.raw_count && !reassembled && !named) {
        const source::RawPacket& raw = b.raw[b.raw_next++];
        ++read_;
        if (filtering_) {
            const auto passes = filter_.matches(raw.link_type, raw.bytes, raw.original_length);
            if (!passes) return failure(passes.error());
            if (!*passes) continue;
        }
        Packet& packet = b.packets[b.packet_count++];
        packet = {read_, &raw, nullptr, nullptr};
        auto& segment = b.segments[tcp];
        // Made where it stays: the value is large, and nearly every packet has one.
        std::construct_at(&segment, wire::find_usual_tcp(raw.link_type, raw.bytes, raw.original_length));
        if (!segment) {
            const auto found = finder_.find_all(raw.link_type, raw.bytes, raw.original_length, raw.at);
            segment = found.tcp;
            named = found.named;
        }
        if (share_.index == 0) totals_.add(raw, segment.has_value());
        if (!segment) continue;
        reassembled = segment->reassembled;
        packet.segment = &*segment;
        if (!is_mine(segment->source, segment->destination, share_)) continue;
        b.timed[tcp] = {raw.at, &*segment};
        b.numbers[tcp] = read_;
        packet.verdict = &b.verdicts[tcp];
        ++tcp;
    }
    judge(tcp);
    if (named && is_mine(named->source, named->destination, share_)) {
        analyzer_.name(b.raw[b.raw_next - 1].at, *named);
        if (analyzer_.size() != first_packets_.size()) first_packets_.push_back(read_);
    }
    return {};
}

/// The next raw packets: a whole batch where their bytes stay, else what the source gives at once.
Result<void, UserError> PacketRun::fill() {
    Batch& b = *batch_;
    b.raw_next = b.raw_count = 0;
    do {
        const auto count = source_.next_batch(std::span(b.raw).subspan(b.raw_count));
        // The source says it again when it is asked for the packets behind those that came before it.
        if (!count && b.raw_count == 0) return failure(count.error());
        if (!count || *count == 0) break;
        b.raw_count += *count;
    } while (b.raw_count < kBatch && gathering_ && source_.keeps_bytes());
    return {};
}

Result<std::span<const Packet>, UserError> PacketRun::next() {
    Batch& b = *batch_;
    b.packet_count = 0;
    while (b.packet_count == 0) {
        if (b.raw_next == b.raw_count) {
            if (auto filled = fill(); !filled) return failure(filled.error());
            if (b.raw_count == 0) break;
        }
        if (auto taken = take(); !taken) return failure(taken.error());
    }
    return std::span<const Packet>(b.packets).first(b.packet_count);
}

}  // namespace synscope::analyze
