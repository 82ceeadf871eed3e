#include "capture/track/endpoints.hpp"

#include <utility>

namespace synscope::track {

using wire::TcpFlags;

bool Endpoints::closing() const noexcept {
    return reset_ || ends_[0].fin || ends_[1].fin;
}

void Endpoints::enter(Side side, TcpState state) {
    if (end(side).state == state) return;
    end(side).state = state;
    changes_.push_back({side, state});
}

std::vector<Endpoints::Change> Endpoints::segment(const SegmentFacts& s) {
    changes_.clear();
    if (s.flags.has(TcpFlags::kRst)) {
        reset(s);
    } else {
        syn(s);
        joined_midway(s);
        ack_of_syn(s);
        ack_of_fin(s);
        fin(s);
    }
    return std::exchange(changes_, {});
}

/// RFC 9293 section 3.5.2: who sends a RST has no connection (any more). The other end closes when the RST is
/// acceptable (section 3.5.3); one outside the window shows nothing, it may be forged or old.
void Endpoints::reset(const SegmentFacts& s) {
    const Side to = other(s.from);
    const bool answers_syn = end(to).state == TcpState::SynSent;
    const bool acceptable = answers_syn ? s.ack.value_or(0) == 1
                                        : (!s.acked_before || s.seq >= *s.acked_before) &&
                                              (!s.next_before || s.seq <= *s.next_before);
    if (!acceptable) return;
    reset_ = true;
    enter(s.from, TcpState::Closed);
    enter(to, TcpState::Closed);
}

void Endpoints::syn(const SegmentFacts& s) {
    if (!s.flags.has(TcpFlags::kSyn)) return;
    End& from = end(s.from);
    from.alive = true;
    if (!s.ack) {
        if (!from.state) enter(s.from, TcpState::SynSent);
        return;
    }
    // A SYN-ACK answers a SYN, also where the capture began too late to show it.
    if (!end(other(s.from)).state) {
        end(other(s.from)).alive = true;
        enter(other(s.from), TcpState::SynSent);
    }
    if (!from.state || from.state == TcpState::SynSent) enter(s.from, TcpState::SynReceived);
}

/// Without the handshake: an end that sends bytes is ESTABLISHED, or in CLOSE-WAIT if the other finished
/// before the capture began. Once both have sent something new, neither had finished.
void Endpoints::joined_midway(const SegmentFacts& s) {
    End& from = end(s.from);
    End& to = end(other(s.from));
    if (s.fresh && (s.length > 0 || s.flags.has(TcpFlags::kFin))) from.alive = true;
    if (!from.alive || !to.alive || from.fin) return;
    if (!to.state && to.fin) {
        enter(other(s.from), TcpState::FinWait1);
        if (to.fin_acked) enter(other(s.from), TcpState::FinWait2);
    } else if (!to.state) {
        enter(other(s.from), TcpState::Established);
    }
    if (!from.state && !to.fin) enter(s.from, TcpState::Established);
}

void Endpoints::ack_of_syn(const SegmentFacts& s) {
    if (!s.ack || *s.ack < 1) return;
    const Side to = other(s.from);
    const bool syn = s.flags.has(TcpFlags::kSyn);
    // Only a SYN-ACK gets an end out of SYN-SENT into sending a segment without SYN.
    if (!syn && end(s.from).state == TcpState::SynSent && end(to).state) enter(s.from, TcpState::Established);
    if (end(to).state == TcpState::SynReceived) enter(to, TcpState::Established);
}

void Endpoints::ack_of_fin(const SegmentFacts& s) {
    const Side to = other(s.from);
    End& acker = end(s.from);
    End& finisher = end(to);
    if (!s.ack || !finisher.fin || *s.ack <= *finisher.fin) return;

    // The sender has received the FIN. Joined midway, one that has sent nothing yet may have finished long
    // ago.
    if ((acker.state || acker.alive) && !std::exchange(acker.got_fin, true)) {
        if (!acker.state || acker.state == TcpState::Established) {
            enter(s.from, TcpState::CloseWait);
        } else if (acker.state == TcpState::FinWait2) {
            enter(s.from, TcpState::TimeWait);
        } else if (acker.state == TcpState::FinWait1) {
            if (!acker.fin_acked || acker.acked_behind_fin) enter(s.from, TcpState::Closing);
            if (acker.fin_acked) enter(s.from, TcpState::TimeWait);
        }
    }
    // The ACK will arrive at the other end. If a FIN of ours is on its way there too, the answer to that will
    // show where it went.
    if (std::exchange(finisher.fin_acked, true)) return;
    const bool fin_here = s.flags.has(TcpFlags::kFin);
    if (finisher.state == TcpState::FinWait1) {
        if ((fin_here || acker.fin) && !finisher.got_fin)
            finisher.acked_behind_fin = acker.fin && s.seq > *acker.fin;
        else
            enter(to, TcpState::FinWait2);
    } else if (finisher.state == TcpState::Closing) {
        enter(to, TcpState::TimeWait);
    } else if (finisher.state == TcpState::LastAck) {
        enter(to, TcpState::Closed);
    }
}

void Endpoints::fin(const SegmentFacts& s) {
    if (!s.flags.has(TcpFlags::kFin)) return;
    End& from = end(s.from);
    if (from.fin) return;
    from.fin = s.seq + s.length + (s.flags.has(TcpFlags::kSyn) ? 1 : 0);
    if (from.state == TcpState::CloseWait)
        enter(s.from, TcpState::LastAck);
    else if (from.state == TcpState::Established || from.state == TcpState::SynReceived)
        enter(s.from, TcpState::FinWait1);
    else if (!from.state && end(other(s.from)).alive)
        enter(s.from, TcpState::FinWait1);
}

}  // namespace synscope::track
