#include "capture/track/analysis.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "capture/track/analysis_rules.hpp"
#include "capture/track/analysis_state.hpp"
#include "net/wire/tcp_options.hpp"

namespace synscope::track {

namespace {

using wire::TcpFlags;
using wire::TcpSegment;

/// Connection records in chunks, so that growing moves none.
class Connections {
  public:
    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
    [[nodiscard]] ConnectionState& operator[](std::uint32_t i) noexcept {
        return chunks_[i / kChunk][i % kChunk];
    }
    [[nodiscard]] const ConnectionState& operator[](std::uint32_t i) const noexcept {
        return chunks_[i / kChunk][i % kChunk];
    }
    /// Asks the memory for what a segment touches; the counts of flags, at the end, mostly are not. Always
    /// inline: GCC 12 takes a function that only prefetches for one without an effect, and drops the call.
    [[gnu::always_inline]] void prefetch(std::uint32_t i) const noexcept {
        const auto* bytes = reinterpret_cast<const std::byte*>(&(*this)[i]);
        for (std::size_t at = 0; at < offsetof(ConnectionState, counts); at += 64)
            __builtin_prefetch(bytes + at, 1);
    }
    std::uint32_t append() {
        if (size_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<ConnectionState[]>(kChunk));
        return size_++;
    }

  private:
    static constexpr std::size_t kChunk = 256;
    std::vector<std::unique_ptr<ConnectionState[]>> chunks_;
    std::uint32_t size_ = 0;
};

/// RFC 7323 section 2.3: more than 14 counts as 14.
constexpr std::uint8_t kMaxShift = 14;

bool is_first_syn(const TcpSegment& s) noexcept {
    return s.flags.has(TcpFlags::kSyn) && !s.flags.has(TcpFlags::kAck);
}
bool is_syn_ack(const TcpSegment& s) noexcept {
    return s.flags.has(TcpFlags::kSyn | TcpFlags::kAck);
}

/// The first segment says which end is the client's, and when it began: also where an ICMP error named the
/// connection before.
void begin(ConnectionState& c, TcpFlags flags, bool from_high, Instant at) noexcept {
    // A SYN with ACK is the server's.
    c.client_is_high = from_high != flags.has(TcpFlags::kSyn | TcpFlags::kAck);
    c.joined_midway = !flags.has(TcpFlags::kSyn);
    c.first_at = c.last_at = at;
}

/// What the options of a SYN settle.
void read_syn_options(Half& mine, Half& theirs, const TcpSegment& s) noexcept {
    for (const wire::TcpOption& option : wire::TcpOptions{s.options}) {
        if (const auto* scale = std::get_if<wire::tcp_option::WindowScale>(&option))
            mine.scale.offer(std::min(scale->shift, kMaxShift));
        if (const auto* mss = std::get_if<wire::tcp_option::Mss>(&option)) {
            mine.mss = mss->value;
            mine.mss_known = true;
        }
    }
    // RFC 7323 section 2.2: in use only when both SYNs offered it. Nobody answers an offer that was not made:
    // behind a SYN that was missed, the SYN with ACK speaks for both.
    if (!mine.scale.offered()) {
        if (s.header_cut) return;  // who knows
        mine.scale.turn_off();
        theirs.scale.turn_off();
    } else if (is_syn_ack(s) && theirs.scale.off()) {
        mine.scale.turn_off();
    }
}

std::uint32_t sacked_bytes(const TcpSegment& s) noexcept {
    // Two NOPs and timestamps fill twelve bytes: the usual case holds no SACK.
    constexpr std::size_t kTimestampsOnly = 12;
    if (s.options.size() <= kTimestampsOnly && !s.options.empty() && s.options.size() == kTimestampsOnly &&
        load_be32(s.options, 0) == 0x0101080a)
        return 0;
    std::uint32_t bytes = 0;
    for (const wire::TcpOption& option : wire::TcpOptions{s.options})
        if (const auto* sack = std::get_if<wire::tcp_option::Sack>(&option))
            for (std::size_t i = 0; i < sack->count; ++i)
                bytes += sack->blocks[i].right.raw() - sack->blocks[i].left.raw();
    return bytes;
}

/// docs/ANALYSIS.md, tcp.completeness; but for the SYN, which counts as the beginning only where it is one.
std::uint8_t seen_of(TcpFlags flags, std::uint32_t payload_length) noexcept {
    std::uint8_t bits = flags.has(TcpFlags::kRst) ? completeness::kRst : std::uint8_t{0};
    if (!flags.has(TcpFlags::kAck)) return bits;
    if (flags.has(TcpFlags::kSyn))
        bits |= completeness::kSynAck;
    else
        bits |= payload_length > 0 ? completeness::kData : completeness::kAck;
    if (flags.has(TcpFlags::kFin)) bits |= completeness::kFin;
    return bits;
}

/// A first segment that is no SYN counts only for those behind it.
void note_seen(ConnectionState& c, bool first, TcpFlags flags, std::uint32_t payload_length) noexcept {
    const std::uint8_t bits = seen_of(flags, payload_length);
    if (!first) {
        c.completeness |= bits;
    } else if (flags.has(TcpFlags::kSyn) && !flags.has(TcpFlags::kAck)) {
        c.completeness |= completeness::kSyn;
        if (payload_length > 0) c.completeness |= completeness::kData;  // fast open
    } else {
        c.seen_first = bits;
    }
}

bool has_closed(const ConnectionState& c) noexcept {
    return c.halves[0].fin_acknowledged && c.halves[1].fin_acknowledged;
}

/// A RST behind the end is about no connection; only the first one can end it. What it acknowledges itself
/// does not count: who resets has not taken the FIN.
void note_rst(ConnectionState& c, TcpFlags flags) noexcept {
    if (!flags.has(TcpFlags::kRst) || ((c.completeness | c.seen_first) & completeness::kRst) != 0) return;
    c.closed_before_rst = has_closed(c);
}

/// docs/ANALYSIS.md, state
void note_fin(Half& mine, Half& theirs, const TcpSegment& s) noexcept {
    if (s.flags.has(TcpFlags::kFin)) {
        mine.fin = true;
        mine.behind_fin = s.seq + s.sequence_length();
    }
    if (theirs.fin && s.flags.has(TcpFlags::kAck) && !Seq32::after(theirs.behind_fin, s.ack))
        theirs.fin_acknowledged = true;
}

/// Relative 0 of both directions. Where the SYN was missed, what comes first is 1.
void set_bases(Half& mine, Half& theirs, const TcpSegment& s) noexcept {
    if (!mine.base.known()) {
        const bool syn = s.flags.has(TcpFlags::kSyn);
        mine.base.set(syn ? s.seq : s.seq - 1);
        mine.base_guessed = !syn;
    }
    if (s.flags.has(TcpFlags::kAck) && !theirs.base.known()) theirs.base.set(s.ack - 1);
}

/// For what it is compared with: a SYN at time 0 was stamped by a clock that was not set.
std::optional<Duration> trusted_rtt(const ConnectionState& c) noexcept {
    return c.syn_at == Instant{} ? std::nullopt : c.initial_rtt;
}

std::uint8_t completeness_of(const ConnectionState& c) noexcept {
    const bool several = c.halves[0].packets + c.halves[1].packets > 1;
    return c.completeness | (several ? c.seen_first : std::uint8_t{0});
}

Ending ending_of(const ConnectionState& c) noexcept {
    if ((completeness_of(c) & completeness::kRst) != 0 && !c.closed_before_rst) return Ending::Reset;
    const int fins = (c.halves[0].fin ? 1 : 0) + (c.halves[1].fin ? 1 : 0);
    return fins == 2 ? Ending::Closed : fins == 1 ? Ending::HalfClosed : Ending::Open;
}

/// docs/ANALYSIS.md, initial RTT
void time_handshake(ConnectionState& c, Instant at, TcpFlags flags) noexcept {
    if (c.initial_rtt) return;
    if (flags.has(TcpFlags::kSyn)) {
        if (!flags.has(TcpFlags::kAck)) c.syn_at = at;
    } else if (flags.has(TcpFlags::kAck) && c.syn_at && at > *c.syn_at) {
        c.initial_rtt = at - *c.syn_at;
    }
}

/// What both sides ask for again: duplicate ACKs, and ACKs beyond all that was seen.
void note_requests(Half& mine, Half& theirs, const TcpSegment& s, AnalysisFlags flags) noexcept {
    if (flags.has(AnalysisFlag::DuplicateAck)) {
        ++mine.duplicate_acks;
        mine.missed = false;
    }
    if (mine.last_ack != s.ack) {
        mine.duplicate_acks = 0;
        mine.missed = false;
    }
    if (!s.flags.has(TcpFlags::kAck) || !theirs.contiguous.known() ||
        !Seq32::after(s.ack, theirs.contiguous.value()))
        return;
    if (theirs.contiguous.is(theirs.next.value())) {
        // Its ACKs may be among what was missed: the count begins anew.
        theirs.duplicate_acks = 0;
        theirs.missed = true;
    } else {
        theirs.contiguous.set(theirs.next.value());
    }
}

/// Moves the numbers of the sender on, once it has been judged.
void note_numbers(Half& mine, Half& theirs, Instant at, const TcpSegment& s, AnalysisFlags flags) noexcept {
    const bool probe = flags.has(AnalysisFlag::ZeroWindowProbe);
    note_requests(mine, theirs, s, flags);
    if (flags.has(AnalysisFlag::LostSegment)) mine.flight_known = false;

    const bool steers = s.flags.any(TcpFlags::kSyn | TcpFlags::kFin);
    const Seq32 end = s.seq + s.payload_length + (steers ? 1u : 0u);
    if (!probe && (!mine.next.known() || Seq32::after(end, mine.next.value()))) {
        mine.next.set(end);
        mine.next_at = at;
    }
    if (!probe && (!mine.contiguous.known() || mine.contiguous.is(s.seq)))
        mine.contiguous.set(mine.next.value());
    mine.window = s.window;
    mine.window_seen = true;
    mine.last_ack = s.ack;
    mine.last_ack_at = at;
    if (s.flags.has(TcpFlags::kSyn))
        mine.window_of_syn = true;
    else if (s.flags.has(TcpFlags::kAck))
        mine.window_of_syn = false;
    mine.last_flags = flags;
}

}  // namespace

struct Analyzer::Impl {
    /// How many segments add() looks at together: what they touch stays in the first cache.
    static constexpr std::size_t kTogether = 32;

    FlowTable table;
    Connections connections;
    FlightPool pool;

    struct Place {
        std::uint32_t number;
        bool from_high;
        bool reused;
    };
    [[nodiscard]] Place locate(const TcpSegment& s, const OrientedFlow& oriented, std::uint32_t hash,
                               Instant at);
    std::uint32_t open(TcpFlags flags, const OrientedFlow& oriented, Instant at);
    Verdict add(Instant at, const TcpSegment& s, const OrientedFlow& oriented, std::uint32_t hash);
    void note_flight(Half& mine, Half& theirs, Instant at, const TcpSegment& s, Verdict& verdict);
};

std::uint32_t Analyzer::Impl::open(TcpFlags flags, const OrientedFlow& oriented, Instant at) {
    const std::uint32_t number = connections.append();
    ConnectionState& c = connections[number];
    c.flow = oriented.flow;
    begin(c, flags, oriented.from_high, at);
    return number;
}

/// docs/ANALYSIS.md, reused_ports
Analyzer::Impl::Place Analyzer::Impl::locate(const TcpSegment& s, const OrientedFlow& oriented,
                                             std::uint32_t hash, Instant at) {
    const auto found =
        table.find(hash, [&](std::uint32_t number) { return connections[number].flow == oriented.flow; });
    if (!found) {
        const std::uint32_t number = open(s.flags, oriented, at);
        table.insert(hash, number);
        return {number, oriented.from_high, false};
    }
    if (!s.flags.has(TcpFlags::kSyn)) return {*found, oriented.from_high, false};
    ConnectionState& c = connections[*found];
    Half& mine = c.halves[oriented.from_high ? 1 : 0];
    const bool other_number = mine.base.known() && mine.base.value() != s.seq;
    if (is_syn_ack(s)) {
        // The answer to a SYN of this connection: it tells where relative 0 really is.
        if (other_number) mine.base.set(s.seq);
        mine.base_guessed = false;
        return {*found, oriented.from_high, other_number};
    }
    if (!other_number) return {*found, oriented.from_high, false};
    const std::uint32_t number = open(s.flags, oriented, at);
    connections[number].earlier = *found;
    connections[number].reused_ports = true;
    table.replace(hash, *found, number);
    return {number, oriented.from_high, true};
}

/// docs/ANALYSIS.md, bytes in flight and RTT
void Analyzer::Impl::note_flight(Half& mine, Half& theirs, Instant at, const TcpSegment& s,
                                 Verdict& verdict) {
    const bool steers = s.flags.any(TcpFlags::kSyn | TcpFlags::kFin);
    if (s.payload_length > 0 || steers)
        mine.flight.sent(pool, s.seq, s.seq + s.payload_length + (steers ? 1u : 0u), at);
    if (s.flags.has(TcpFlags::kAck)) {
        theirs.flight_known = true;
        if (const auto sent_at = theirs.flight.acknowledged(pool, s.ack)) verdict.ack_rtt = at - *sent_at;
    }
    if (s.payload_length == 0 || !mine.flight_known) return;
    const std::uint32_t span = mine.flight.span(pool);
    const std::uint32_t apart = theirs.sacked + (steers ? 1u : 0u);
    if (span > apart) verdict.bytes_in_flight = span - apart;
}

Verdict Analyzer::Impl::add(Instant at, const TcpSegment& s, const OrientedFlow& oriented,
                            std::uint32_t hash) {
    const Place place = locate(s, oriented, hash, at);
    ConnectionState& c = connections[place.number];
    Half& mine = c.halves[place.from_high ? 1 : 0];
    Half& theirs = c.halves[place.from_high ? 0 : 1];
    const bool first = mine.packets + theirs.packets == 0;
    if (first) begin(c, s.flags, place.from_high, at);
    Verdict verdict;
    verdict.connection = ConnectionId{place.number};
    verdict.direction =
        place.from_high == c.client_is_high ? Direction::ClientToServer : Direction::ServerToClient;
    // A RST answers with numbers of the other side's choice: the SYN sent again begins where it began.
    if (is_first_syn(s) && mine.base.is(s.seq)) mine.next = mine.contiguous;
    set_bases(mine, theirs, s);
    verdict.flags = judge({s, at, mine, theirs, trusted_rtt(c)});
    if (place.reused) verdict.flags.add(AnalysisFlag::ReusedPorts);
    verdict.super_segment = theirs.mss_known && s.payload_length > theirs.mss;
    note_numbers(mine, theirs, at, s, verdict.flags);
    if (verdict.flags.has(AnalysisFlag::DuplicateAck)) verdict.duplicate_ack_number = mine.duplicate_acks;
    note_flight(mine, theirs, at, s, verdict);
    mine.sacked = s.options.empty() ? 0 : sacked_bytes(s);
    time_handshake(c, at, s.flags);
    if (s.flags.has(TcpFlags::kSyn)) read_syn_options(mine, theirs, s);

    note_rst(c, s.flags);
    note_seen(c, first, s.flags, s.payload_length);
    c.first_at = std::min(c.first_at, at);
    c.last_at = std::max(c.last_at, at);
    note_fin(mine, theirs, s);
    ++mine.packets;
    mine.payload_bytes += s.payload_length;
    if (s.header_cut) {
        // What its options say may change the judgement.
        verdict.flags = {};
        verdict.duplicate_ack_number = 0;
    }
    if (!verdict.flags.empty())
        for (std::size_t i = 0; i < kAnalysisFlagCount; ++i)
            c.counts[i] += verdict.flags.has(static_cast<AnalysisFlag>(i)) ? 1u : 0u;
    verdict.first = first;
    verdict.seq_guessed = mine.base_guessed;
    verdict.ack_guessed = theirs.base_guessed;
    verdict.seq = s.seq.raw() - mine.base.value().raw();
    verdict.ack = s.ack.raw() - (s.flags.has(TcpFlags::kAck) ? theirs.base.value().raw() : 0);
    verdict.window = std::uint32_t{s.window} << (s.flags.has(TcpFlags::kSyn) ? 0 : mine.scale.shift());
    return verdict;
}

Analyzer::Analyzer() : impl_(std::make_unique<Impl>()) {}
Analyzer::~Analyzer() = default;
Analyzer::Analyzer(Analyzer&&) noexcept = default;
Analyzer& Analyzer::operator=(Analyzer&&) noexcept = default;

Verdict Analyzer::add(Instant at, const wire::TcpSegment& segment) {
    const OrientedFlow oriented = OrientedFlow::of(segment.source, segment.destination);
    return impl_->add(at, segment, oriented, oriented.flow.hash());
}

ConnectionId Analyzer::name(Instant at, const wire::NamedTcp& named) {
    auto id = find(named.source, named.destination);
    if (!id) {
        const OrientedFlow oriented = OrientedFlow::of(named.source, named.destination);
        id = ConnectionId{impl_->open(named.flags, oriented, at)};
        impl_->table.insert(oriented.flow.hash(), id->value);
        if (named.flags.has(TcpFlags::kSyn) && !named.flags.has(TcpFlags::kAck))
            impl_->connections[id->value].completeness = completeness::kSyn;
    }
    ConnectionState& c = impl_->connections[id->value];
    note_rst(c, named.flags);
    c.completeness |= seen_of(named.flags, 0);
    return *id;
}

/// Every step asks the memory for what the next one reads, for all segments before the first is looked at:
/// with many connections each of these reads would wait for the one before it.
void Analyzer::add(std::span<const Timed> segments, std::span<Verdict> verdicts) {
    while (!segments.empty()) {
        const std::size_t count = std::min(segments.size(), Impl::kTogether);
        std::array<OrientedFlow, Impl::kTogether> flows;
        std::array<std::uint32_t, Impl::kTogether> hashes;
        for (std::size_t i = 0; i < count; ++i) {
            flows[i] = OrientedFlow::of(segments[i].segment->source, segments[i].segment->destination);
            hashes[i] = flows[i].flow.hash();
            impl_->table.prefetch(hashes[i]);
        }
        std::array<std::optional<std::uint32_t>, Impl::kTogether> numbers;
        for (std::size_t i = 0; i < count; ++i) {
            numbers[i] = impl_->table.likely(hashes[i]);
            if (numbers[i]) impl_->connections.prefetch(*numbers[i]);
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (!numbers[i]) continue;
            const auto& halves = impl_->connections[*numbers[i]].halves;
            const bool has_ack = segments[i].segment->flags.has(TcpFlags::kAck);
            if (has_ack) halves[flows[i].from_high ? 0 : 1].flight.prefetch_first(impl_->pool);
            if (segments[i].segment->sequence_length() > 0)
                halves[flows[i].from_high ? 1 : 0].flight.prefetch_last(impl_->pool);
        }
        for (std::size_t i = 0; i < count; ++i)
            verdicts[i] = impl_->add(segments[i].at, *segments[i].segment, flows[i], hashes[i]);
        segments = segments.subspan(count);
        verdicts = verdicts.subspan(count);
    }
}

std::size_t Analyzer::size() const noexcept {
    return impl_->connections.size();
}

ConnectionFacts Analyzer::connection(ConnectionId id) const {
    const ConnectionState& c = impl_->connections[id.value];
    ConnectionFacts facts;
    facts.id = id;
    facts.client = c.client_is_high ? c.flow.high_end() : c.flow.low_end();
    facts.server = c.client_is_high ? c.flow.low_end() : c.flow.high_end();
    for (std::size_t d = 0; d < 2; ++d) {
        const Half& half = c.halves[c.client_is_high ? 1 - d : d];
        DirectionFacts& direction = facts.directions[d];
        direction.packets = half.packets;
        direction.payload_bytes = half.payload_bytes;
        if (half.base.known()) direction.isn = half.base.value();
        if (half.mss_known) direction.mss = half.mss;
        if (half.scale.offered()) direction.window_shift = static_cast<std::uint8_t>(half.scale.shift());
    }
    facts.first_at = c.first_at;
    facts.last_at = c.last_at;
    facts.completeness = completeness_of(c);
    facts.initial_rtt = c.initial_rtt;
    facts.reused_ports = c.reused_ports;
    facts.joined_midway = c.joined_midway;
    facts.ending = ending_of(c);
    facts.counts = c.counts;
    return facts;
}

std::uint8_t Analyzer::completeness(ConnectionId id) const noexcept {
    return completeness_of(impl_->connections[id.value]);
}

std::uint8_t Analyzer::settle(ConnectionId id, const wire::TcpSegment& s, Verdict& verdict) const noexcept {
    const ConnectionState& c = impl_->connections[id.value];
    const bool from_high = (verdict.direction == Direction::ClientToServer) == c.client_is_high;
    const Half& mine = c.halves[from_high ? 1 : 0];
    const Half& theirs = c.halves[from_high ? 0 : 1];
    if (verdict.seq_guessed && mine.base.known()) verdict.seq = s.seq.raw() - mine.base.value().raw();
    if (verdict.ack_guessed && s.flags.has(TcpFlags::kAck) && theirs.base.known())
        verdict.ack = s.ack.raw() - theirs.base.value().raw();
    if (!s.flags.has(TcpFlags::kSyn)) verdict.window = std::uint32_t{s.window} << mine.scale.shift();
    return verdict.first ? c.completeness : completeness_of(c);
}

std::optional<ConnectionId> Analyzer::find(const Endpoint& a, const Endpoint& b) const noexcept {
    const OrientedFlow oriented = OrientedFlow::of(a, b);
    const auto found = impl_->table.find(oriented.flow.hash(), [&](std::uint32_t number) {
        return impl_->connections[number].flow == oriented.flow;
    });
    if (!found) return std::nullopt;
    return ConnectionId{*found};
}

std::optional<ConnectionId> Analyzer::earlier(ConnectionId id) const noexcept {
    const std::uint32_t earlier = impl_->connections[id.value].earlier;
    if (earlier == ConnectionState::kNoConnection) return std::nullopt;
    return ConnectionId{earlier};
}

}  // namespace synscope::track
