#include "sim/tcp/segment_out.hpp"

#include <algorithm>

#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/option_writer.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/timestamps.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

using wire::TcpFlags;

/// A segment with everything but numbers, window and options.
Segment& begin(Core& core, const Endpoint& from, const Endpoint& to, std::uint16_t flags) {
    Segment& s = core.out.emplace_back();
    s.source = from.address;
    s.destination = to.address;
    s.ttl = core.p.ttl;
    s.header.source_port = from.port;
    s.header.destination_port = to.port;
    s.header.flags = TcpFlags{flags};
    return s;
}

Segment& begin(Core& core, const Tcb& t, std::uint16_t flags) {
    Segment& s = begin(core, t.local, t.remote, flags);
    // MUST-48, MUST-49, SHLD-22: as the program wants it; ECN's two bits are not the program's (RFC 3168).
    s.dscp = static_cast<std::uint8_t>(t.options.traffic_class >> 2);
    if (t.options.time_to_live != 0) s.ttl = t.options.time_to_live;
    return s;
}

void done(Core& core, Tcb& t, const Segment& s) {
    ++t.segments_out;
    if (core.observer != nullptr) core.observer->segment_sent(core.now, &t, s);
}

void set_window(Core& core, Tcb& t, Segment& s) {
    s.header.window = static_cast<std::uint16_t>(std::min(select_window(core, t) >> t.rcv.scale, 65535u));
}

/// Timestamps and SACK blocks, as every segment after the SYN carries them.
void write_options(const Core& core, Tcb& t, Segment& s) {
    OptionWriter w{s.header.options};
    if (t.agreed.timestamps) {
        w.nop();
        w.nop();
        w.timestamps(timestamp_at(core, t, core.now), t.ts.recent);
    }
    const std::size_t room = (wire::OptionBytes::kCapacity - w.size() - 4) / 8;
    std::array<SequenceRange, 5> blocks{};
    std::size_t count = 0;
    if (t.dsack) blocks[count++] = *t.dsack;
    for (std::size_t i = 0; i < t.sack_count && count < room; ++i)
        blocks[count++] = t.sacks[i];
    if (count == 0 || !t.agreed.sack) return;
    w.nop();
    w.nop();
    w.sack(blocks.data(), count);
    t.dsack.reset();
}

/// RFC 9293 §3.10.7.4: an ACK's sequence number lies in the peer's window even when that window shrank.
Seq32 acceptable_seq(const Tcb& t) noexcept {
    const Seq32 end = t.window_end();
    if (!before(end, t.snd.nxt)) return t.snd.nxt;
    return t.agreed.window_scaling && span(end, t.snd.nxt) < (1u << t.snd.scale) ? t.snd.nxt : end;
}

void write_ecn(Tcb& t, Segment& s, bool new_data) noexcept {
    if (!t.agreed.ecn) return;
    std::uint16_t flags = s.header.flags.bits();
    if (new_data) {
        s.ecn = Ecn::Ect0;
        if (t.ecn.queue_cwr) {
            t.ecn.queue_cwr = false;
            flags |= TcpFlags::kCwr;
        }
    }
    if (t.ecn.demand_cwr) flags |= TcpFlags::kEce;
    s.header.flags = TcpFlags{flags};
}

/// RFC 9293 §3.8.5 and RFC 6093: the pointer names the octet behind the urgent data.
void write_urgent(Tcb& t, Segment& s, Seq32 end) noexcept {
    if (!t.snd.urgent || !before(s.header.seq, t.snd.up)) return;
    const std::uint32_t ahead = span(s.header.seq, t.snd.up);
    if (ahead > 0xffff && !after(s.header.seq + 0xffff, end)) return;
    s.header.urgent = static_cast<std::uint16_t>(std::min(ahead, 0xffffu));
    s.header.flags = TcpFlags{static_cast<std::uint16_t>(s.header.flags.bits() | TcpFlags::kUrg)};
}

void send_bare(Core& core, Tcb& t, std::uint16_t flags, Seq32 seq) {
    Segment& s = begin(core, t, flags);
    s.header.seq = seq;
    s.header.ack = t.rcv.nxt;
    if ((flags & TcpFlags::kRst) == 0 || !core.p.zero_window_in_resets) set_window(core, t, s);
    write_options(core, t, s);
    write_ecn(t, s, false);
    write_urgent(t, s, t.snd.nxt);
    ack_was_sent(core, t);
    done(core, t, s);
}

}  // namespace

std::uint32_t sack_option_bytes(const Tcb& t) noexcept {
    const std::uint32_t count = t.sack_count + (t.dsack ? 1u : 0u);
    if (count == 0 || !t.agreed.sack) return 0;
    return 4 + 8 * std::min(count, t.agreed.timestamps ? 3u : 4u);
}

std::uint32_t current_mss(const Core&, const Tcb& t) noexcept {
    const std::uint32_t sack = sack_option_bytes(t);
    return t.mss_cache > sack + 8 ? t.mss_cache - sack : 8;
}

namespace {

void send_plain_ack(Core& core, Tcb& t) {
    if (t.state == TcpState::Closed || t.state == TcpState::Listen) return;
    send_bare(core, t, TcpFlags::kAck, acceptable_seq(t));
}

bool fin_is_out(const Tcb& t) noexcept {
    return t.fin_queued && t.unsent.empty() && t.state != TcpState::TimeWait &&
           before(t.snd.una, t.snd.written);
}

}  // namespace

void send_ack(Core& core, Tcb& t) {
    if (core.p.acks_repeat_fin && fin_is_out(t))
        return send_bare(core, t, TcpFlags::kAck | TcpFlags::kFin, t.snd.nxt - 1);
    send_plain_ack(core, t);
}

void send_duplicate_ack(Core& core, Tcb& t, const Incoming& in) {
    if (in.end != in.seq && before(in.seq, t.rcv.nxt)) {
        enter_quick_ack(core, t, kMostQuickAcks);
        // RFC 2883 §4: what arrived twice is reported.
        if (t.agreed.sack && core.p.dsack)
            t.dsack = SequenceRange{in.seq, after(in.end, t.rcv.nxt) ? t.rcv.nxt : in.end};
    }
    send_ack(core, t);
}

bool may_answer_invalid(Core& core, Tcb& t, const Incoming& in) noexcept {
    // Segments with data are no part of a loop of ACKs.
    if (in.seq != in.end && !in.syn) return true;
    if (t.ack.last_out_of_window && core.now - *t.ack.last_out_of_window < core.p.invalid_ratelimit)
        return false;
    t.ack.last_out_of_window = core.now;
    return true;
}

void send_challenge_ack(Core& core, Tcb& t) {
    if (t.ack.last_out_of_window && core.now - *t.ack.last_out_of_window < core.p.invalid_ratelimit) return;
    t.ack.last_out_of_window = core.now;
    // RFC 5961 §7: a limit per second for the whole host.
    if (!core.challenge_second || core.now - *core.challenge_second >= Duration::seconds(1)) {
        core.challenge_second = core.now;
        core.challenge_left = core.p.challenge_ack_limit;
    }
    if (core.challenge_left == 0) return;
    --core.challenge_left;
    ++core.counters.challenge_acks;
    core.note(&t, "challenge ACK (RFC 5961)");
    send_plain_ack(core, t);
}

void send_probe(Core& core, Tcb& t, bool urgent) {
    send_bare(core, t, TcpFlags::kAck, urgent ? t.snd.una : t.snd.una - 1);
}

void send_active_reset(Core& core, Tcb& t) {
    ++core.counters.resets_sent;
    send_bare(core, t, TcpFlags::kAck | TcpFlags::kRst, acceptable_seq(t));
}

void transmit(Core& core, Tcb& t, SentSegment& segment, bool push) {
    const bool again = segment.transmitted;
    segment.transmitted = true;
    segment.sent = core.now;
    if (!again) segment.first_sent = core.now;
    if (segment.syn) {
        if (t.state == TcpState::SynReceived) return send_syn_ack(core, t);
        return send_syn(core, t, segment);
    }
    std::uint16_t flags = TcpFlags::kAck;
    if (segment.push || push) flags |= TcpFlags::kPsh;
    if (segment.fin) flags |= TcpFlags::kFin;
    Segment& s = begin(core, t, flags);
    s.header.seq = segment.seq;
    s.header.ack = t.rcv.nxt;
    s.payload = segment.payload;
    set_window(core, t, s);
    write_options(core, t, s);
    write_ecn(t, s, !again && !s.payload.empty());
    write_urgent(t, s, segment.end());
    if (!s.payload.empty()) {
        data_was_sent(core, t);
        ++t.data_segments_out;
        t.bytes_sent += s.payload.size();
    }
    ack_was_sent(core, t);
    done(core, t, s);
}

void send_syn(Core& core, Tcb& t, SentSegment& segment) {
    std::uint16_t flags = TcpFlags::kSyn;
    // RFC 3168 §6.1.1: an ECN-setup SYN carries both.
    if (t.agreed.ecn) flags |= TcpFlags::kEce | TcpFlags::kCwr;
    Segment& s = begin(core, t, flags);
    s.header.seq = t.iss;
    s.header.window = static_cast<std::uint16_t>(std::min(t.rcv.wnd, 65535u));
    // RFC 7413 §4.2.1: data rides on the first SYN only.
    if (!segment.ever_retransmitted && t.tfo.data_in_syn && t.sent.size() > 1) s.payload = t.sent[1].payload;
    SynOptions offer;
    offer.mss = t.agreed.advertised_mss;
    offer.window_scaling = core.p.window_scaling;
    offer.scale = t.rcv.scale;
    offer.sack = core.p.sack;
    offer.timestamps = core.p.timestamps;
    offer.ts_value = timestamp_at(core, t, core.now);
    offer.fastopen = t.tfo.requested && !segment.ever_retransmitted;
    offer.fastopen_experimental = t.tfo.experimental;
    offer.cookie = ByteSpan{t.tfo.cookie}.first(t.tfo.cookie_size);
    OptionWriter w{s.header.options};
    write_syn_options(w, offer, core.p.option_order);
    done(core, t, s);
}

void send_syn_ack(Core& core, Tcb& t) {
    std::uint16_t flags = TcpFlags::kSyn | TcpFlags::kAck;
    // RFC 3168 §6.1.1: an ECN-setup SYN-ACK carries ECE alone.
    if (t.agreed.ecn) flags |= TcpFlags::kEce;
    Segment& s = begin(core, t, flags);
    s.header.seq = t.iss;
    s.header.ack = t.rcv.nxt;
    s.header.window = static_cast<std::uint16_t>(std::min(t.rcv.wnd, 65535u));
    SynOptions offer;
    offer.mss = t.agreed.advertised_mss;
    offer.window_scaling = t.agreed.window_scaling;
    offer.scale = t.rcv.scale;
    offer.sack = t.agreed.sack;
    offer.timestamps = t.agreed.timestamps;
    offer.ts_value = timestamp_at(core, t, core.now);
    offer.ts_echo = t.ts.recent;
    offer.fastopen = t.tfo.cookie_reply;
    offer.fastopen_experimental = t.tfo.experimental;
    offer.cookie = ByteSpan{t.tfo.cookie}.first(t.tfo.cookie_size);
    OptionWriter w{s.header.options};
    write_syn_options(w, offer, core.p.option_order);
    done(core, t, s);
}

void send_reset_for(Core& core, const Incoming& in, const Tcb* t) {
    if (in.rst) return;
    ++core.counters.resets_sent;
    const Endpoint from{in.segment.destination, in.segment.header.destination_port};
    const Endpoint to{in.segment.source, in.segment.header.source_port};
    Segment& s = begin(core, from, to, in.has_ack ? TcpFlags::kRst : TcpFlags::kRst | TcpFlags::kAck);
    // RFC 9293 §3.10.7.1: <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>.
    if (in.has_ack) {
        s.header.seq = in.ack;
    } else {
        s.header.ack = in.segment.header.seq + in.segment.length();
    }
    if (core.observer != nullptr) core.observer->segment_sent(core.now, t, s);
}

void send_stateless_syn_ack(Core& core, const Incoming& in, const StatelessSynAck& answer) {
    const Endpoint from{in.segment.destination, in.segment.header.destination_port};
    const Endpoint to{in.segment.source, in.segment.header.source_port};
    std::uint16_t flags = TcpFlags::kSyn | TcpFlags::kAck;
    if (answer.ecn) flags |= TcpFlags::kEce;
    Segment& s = begin(core, from, to, flags);
    s.header.seq = answer.iss;
    s.header.ack = in.seq + 1;
    s.header.window = static_cast<std::uint16_t>(std::min(answer.window, 65535u));
    SynOptions offer;
    offer.mss = answer.mss;
    offer.window_scaling = answer.window_scaling;
    offer.scale = answer.scale;
    offer.sack = answer.sack;
    offer.timestamps = answer.timestamps;
    offer.ts_value = answer.ts_value;
    offer.ts_echo = in.options.ts_value;
    OptionWriter w{s.header.options};
    write_syn_options(w, offer, core.p.option_order);
    if (core.observer != nullptr) core.observer->segment_sent(core.now, nullptr, s);
}

}  // namespace synscope::sim::tcp
