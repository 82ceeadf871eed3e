#include "tests/unit/sim/tcp/tcb_audit.hpp"

#include "net/base/text.hpp"

namespace synscope::sim::tcp::test {
namespace {

bool synchronized_state(TcpState state) noexcept {
    switch (state) {
        case TcpState::Established:
        case TcpState::FinWait1:
        case TcpState::FinWait2:
        case TcpState::CloseWait:
        case TcpState::Closing:
        case TcpState::LastAck:
            return true;
        default:
            return false;
    }
}

std::int64_t distance(Seq32 from, Seq32 to) noexcept {
    return Seq32::distance(from, to);
}

/// SND.UNA =< SND.NXT =< what was written, and the queues hold exactly what lies between.
std::string sending_side(const Tcb& t) {
    const std::int64_t flight = distance(t.snd.una, t.snd.nxt);
    const std::int64_t waiting = distance(t.snd.nxt, t.snd.written);
    if (flight < 0) return "SND.UNA lies behind SND.NXT";
    if (waiting < 0) return "SND.NXT lies behind what was written";
    if (t.sent.empty() != (flight == 0)) return "the retransmission queue is not what is in flight";
    if (!t.sent.empty()) {
        Seq32 at = t.sent.front().seq;
        if (distance(at, t.snd.una) < 0) return "what is in flight begins behind SND.UNA";
        if (distance(t.snd.una, t.sent.front().end()) <= 0) return "an acknowledged segment is still queued";
        for (std::size_t i = 0; i < t.sent.size(); ++i) {
            const SentSegment& s = t.sent[i];
            if (s.seq != at) return concat("a hole in the retransmission queue at segment ", i);
            if (s.length != s.payload.size() + (s.syn ? 1u : 0u) + (s.fin ? 1u : 0u))
                return "a queued segment's length is not its payload's";
            at = s.end();
        }
        if (at != t.snd.nxt) return "the retransmission queue does not end at SND.NXT";
    }
    const bool fin_waits = !t.unsent.empty() && t.unsent.tail().fin;
    if (waiting != std::int64_t{t.unsent.bytes()} + (fin_waits ? 1 : 0))
        return concat("written and not sent: ", waiting, ", queued: ", t.unsent.bytes());
    return {};
}

/// The counts of RFC 6675's scoreboard agree with the marks.
std::string scoreboard(const Tcb& t) {
    std::uint32_t sacked = 0;
    std::uint32_t lost = 0;
    std::uint32_t retransmitted = 0;
    for (std::size_t i = 0; i < t.sent.size(); ++i) {
        sacked += t.sent[i].sacked ? 1u : 0u;
        lost += t.sent[i].lost ? 1u : 0u;
        retransmitted += t.sent[i].retransmitted ? 1u : 0u;
        if (t.sent[i].sacked && t.sent[i].lost) return "a segment is lost and has arrived";
    }
    if (t.rec.packets_out != t.sent.size()) return "packets_out is not the number of segments out";
    if (t.agreed.sack ? t.rec.sacked_out != sacked : t.rec.sacked_out > t.rec.packets_out)
        return concat("sacked_out is ", t.rec.sacked_out, ", marked are ", sacked);
    if (t.rec.lost_out != lost) return concat("lost_out is ", t.rec.lost_out, ", marked are ", lost);
    if (t.rec.retrans_out != retransmitted)
        return concat("retrans_out is ", t.rec.retrans_out, ", marked are ", retransmitted);
    if (t.cc.cwnd == 0) return "the congestion window is 0";
    return {};
}

/// Whoever waits for the peer has a timer that ends the wait.
std::string timers(const Tcb& t) {
    const bool out = !t.sent.empty() || (t.passive && t.state == TcpState::SynReceived);
    if (out && !t.timers.in(TimerPlace::Retransmit)) return "in flight, and no timer runs";
    if (!t.unsent.empty() && t.sent.empty() && synchronized_state(t.state) &&
        !t.timers.in(TimerPlace::Retransmit))
        return "data waits, nothing is in flight, and no timer runs";
    if (t.ack.scheduled && synchronized_state(t.state) && !t.timers.in(TimerPlace::Ack))
        return "an ACK is owed, and no timer runs";
    if (t.state == TcpState::TimeWait && !t.timers.runs(TimerPlace::Life, TimerKind::TimeWait))
        return "TIME-WAIT without an end";
    if (t.state == TcpState::Closed && t.timers.earliest() != kNever) return "CLOSED, and a timer runs";
    return {};
}

std::string receiving_side(const Tcb& t) {
    if (t.receive_shutdown || t.orphan) return {};
    const std::int64_t unread = distance(t.rcv.read, t.rcv.nxt) - (t.fin_received ? 1 : 0);
    if (unread != static_cast<std::int64_t>(t.received.bytes()))
        return concat("arrived and not read: ", unread, ", queued: ", t.received.bytes());
    // The last segment of a window may reach beyond it.
    if (t.received.bytes() + t.out_of_order.bytes() > std::size_t{t.rcv.buffer} + 65536)
        return "more is queued than the buffer holds";
    return {};
}

}  // namespace

std::string audit(const Tcb& t) {
    std::string fault = timers(t);
    if (fault.empty() && synchronized_state(t.state)) {
        fault = sending_side(t);
        if (fault.empty()) fault = scoreboard(t);
        if (fault.empty()) fault = receiving_side(t);
    }
    if (fault.empty() && t.state == TcpState::Listen && t.listen.accept_queue.size() > t.listen.backlog + 1)
        fault = "the accept queue is longer than its backlog";
    return fault.empty() ? fault : concat(tcp_state_name(t.state), ": ", fault);
}

std::string audit(const Stack& stack) {
    for (const SocketId id : stack.sockets())
        if (std::string fault = audit(*stack.find(id)); !fault.empty()) return fault;
    return {};
}

}  // namespace synscope::sim::tcp::test
