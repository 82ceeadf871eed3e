#include <algorithm>

#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/ecn.hpp"
#include "sim/tcp/segment_arrives.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

/// RFC 2883 §4: the next ACK reports what came twice.
void report_duplicate(const Core& core, Tcb& t, Seq32 begin, Seq32 end) noexcept {
    if (!t.agreed.sack || !core.p.dsack) return;
    t.dsack = SequenceRange{begin, end};
}

/// One ACK has one D-SACK: what came twice first, and what touches it.
void report_duplicate_too(const Core& core, Tcb& t, Seq32 begin, Seq32 end) noexcept {
    if (!t.dsack) return report_duplicate(core, t, begin, end);
    if (after(begin, t.dsack->end) || after(t.dsack->begin, end)) return;
    if (before(begin, t.dsack->begin)) t.dsack->begin = begin;
    if (after(end, t.dsack->end)) t.dsack->end = end;
}

/// RFC 2018 §4: the block with the newest segment first, then the others by how new they are.
void remember_sack(Tcb& t, Seq32 begin, Seq32 end) noexcept {
    std::array<SequenceRange, 4> blocks{};
    std::uint8_t count = 0;
    blocks[count++] = {begin, end};
    for (std::size_t i = 0; i < t.sack_count && count < blocks.size(); ++i) {
        const SequenceRange& old = t.sacks[i];
        if (before_eq(begin, old.end) && before_eq(old.begin, end)) continue;
        blocks[count++] = old;
    }
    t.sacks = blocks;
    t.sack_count = count;
}

/// RCV.NXT passed some of the blocks.
void forget_sacks(Tcb& t) noexcept {
    if (t.out_of_order.empty()) {
        t.sack_count = 0;
        return;
    }
    std::uint8_t count = 0;
    for (std::size_t i = 0; i < t.sack_count; ++i)
        if (after(t.sacks[i].begin, t.rcv.nxt)) t.sacks[count++] = t.sacks[i];
    t.sack_count = count;
}

void deliver(Tcb& t, Payload bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    t.rcv.nxt = t.rcv.nxt + size;
    t.bytes_received += size;
    t.received.push(std::move(bytes));
}

/// MUST-59: everything that has become contiguous is processed before an ACK goes out.
void deliver_out_of_order(const Core& core, Tcb& t) {
    if (t.out_of_order.empty()) return;
    while (auto block = t.out_of_order.take(t.rcv.nxt)) {
        if (!after(block->end(), t.rcv.nxt)) {
            report_duplicate_too(core, t, block->seq, block->end());
            continue;
        }
        if (before(block->seq, t.rcv.nxt)) {
            const Seq32 known = before(t.rcv.nxt, block->end()) ? t.rcv.nxt : block->end();
            report_duplicate_too(core, t, block->seq, known);
            block->payload = block->payload.from(span(block->seq, t.rcv.nxt));
        }
        deliver(t, std::move(block->payload));
        if (block->fin) {
            t.rcv.nxt = t.rcv.nxt + 1;
            t.fin_now = true;
            break;
        }
    }
    // RFC 5681 §4.2: a segment that fills a gap is acknowledged at once.
    if (t.out_of_order.empty()) t.ack.now = true;
    forget_sacks(t);
}

void wake_reader(Core& core, Tcb& t) {
    if (t.received.bytes() >= t.options.receive_low_water || t.fin_now) core.wake(t);
}

/// Nothing of it is wanted: a duplicate, or beyond the window.
void out_of_window(Core& core, Tcb& t) {
    enter_quick_ack(core, t, kMostQuickAcks);
    t.ack.scheduled = true;
}

void queue_in_order(Core& core, Tcb& t, Incoming& in) {
    if (before(in.seq, t.rcv.nxt)) {
        // Part of it is known: SEG.SEQ moves up to RCV.NXT.
        report_duplicate(core, t, in.seq, t.rcv.nxt);
        const std::uint32_t known = span(in.seq, t.rcv.nxt);
        in.payload = in.payload.from(known);
        in.seq = t.rcv.nxt;
    }
    const bool has_data = !in.payload.empty();
    // What lies beyond the window is not taken, nor is the FIN behind it.
    const std::uint32_t room = t.receive_window();
    bool fin = in.fin;
    if (in.payload.size() > room && room != 0) {
        in.payload = in.payload.slice(0, room);
        fin = false;
    }
    deliver(t, in.payload);
    if (has_data) {
        ++t.data_segments_in;
        data_arrived(core, t, in);
        ecn_mark_arrived(core, t, in);
    }
    if (fin) {
        t.rcv.nxt = t.rcv.nxt + 1;
        t.fin_now = true;
        t.out_of_order.clear();
        t.sack_count = 0;
    }
    deliver_out_of_order(core, t);
    forget_sacks(t);
    wake_reader(core, t);
}

void queue_out_of_order(Core& core, Tcb& t, Incoming& in) {
    ecn_mark_arrived(core, t, in);
    t.ack.scheduled = true;
    ++t.data_segments_in;
    ++t.out_of_order_packets;
    const OutOfOrderQueue::Added added = t.out_of_order.add(in.seq, in.payload, in.fin);
    if (added.duplicate) report_duplicate(core, t, added.duplicate->first, added.duplicate->second);
    if (t.agreed.sack) remember_sack(t, added.run_begin, added.run_end);
    if (!in.payload.empty() && !added.nothing_new && t.agreed.sack)
        grow_window(core, t, static_cast<std::uint32_t>(in.payload.size()));
    core.note(&t, "out of order: kept (SHLD-31)");
}

/// RFC 9293 §3.6.1 MUST: data for a user who closed is lost, and the peer is told (RST).
bool nobody_reads(const Tcb& t, const Incoming& in) noexcept {
    const bool fin_wait = t.state == TcpState::FinWait1 || t.state == TcpState::FinWait2;
    if (!fin_wait || !t.receive_shutdown) return false;
    return in.end != in.seq && after(in.end - (in.fin ? 1u : 0u), t.rcv.nxt);
}

}  // namespace

void deliver_text_of_syn(Core& core, Tcb& t) {
    if (!core.p.text_of_syn_is_kept || t.out_of_order.empty()) return;
    deliver_out_of_order(core, t);
    // It fills no gap: its ACK may wait for an answer to ride on.
    t.ack.now = false;
    t.ack.scheduled = true;
    wake_reader(core, t);
}

// RFC 9293 §3.10.7.4, seventh: process the segment text.
Step process_text(Core& core, Tcb& t, Incoming& in) {
    switch (t.state) {
        case TcpState::CloseWait:
        case TcpState::Closing:
        case TcpState::LastAck:
            // "This should not occur since a FIN has been received": only what was seen before is answered.
            // Nothing lies behind a FIN, also not the end of a segment that begins before it.
            if (!before(in.seq, t.rcv.nxt) || after(in.end, t.rcv.nxt)) return Step::Continue;
            break;
        case TcpState::FinWait1:
        case TcpState::FinWait2:
            if (nobody_reads(t, in)) {
                send_reset_for(core, in, &t);
                t.error = Error::ConnectionReset;
                finish(core, t, "data for a closed reader");
                return Step::Stop;
            }
            break;
        default:
            break;
    }
    if (in.seq == in.end) return Step::Continue;
    ecn_cwr_arrived(t, in);
    const std::uint32_t window = t.receive_window();
    if (in.seq == t.rcv.nxt) {
        if (window == 0 && !(in.payload.empty() && in.fin)) {
            out_of_window(core, t);
            return Step::Continue;
        }
        queue_in_order(core, t, in);
    } else if (!after(in.end, t.rcv.nxt)) {
        report_duplicate(core, t, in.seq, in.end);
        out_of_window(core, t);
    } else if (!before(in.seq, t.rcv.nxt + window)) {
        out_of_window(core, t);
    } else if (before(in.seq, t.rcv.nxt)) {
        if (window == 0) {
            report_duplicate(core, t, in.seq, t.rcv.nxt);
            out_of_window(core, t);
            return Step::Continue;
        }
        queue_in_order(core, t, in);
    } else {
        queue_out_of_order(core, t, in);
    }
    return Step::Continue;
}

}  // namespace synscope::sim::tcp
