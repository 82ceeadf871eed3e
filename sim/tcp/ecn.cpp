#include "sim/tcp/ecn.hpp"

#include "sim/tcp/delayed_ack.hpp"

namespace synscope::sim::tcp {

bool ecn_asked(const Core& core, const Incoming& in) noexcept {
    return core.p.ecn != 0 && in.ece && in.cwr && in.segment.ecn == Ecn::NotEct;
}

bool ecn_agreed(const Incoming& in) noexcept {
    return in.ece && !in.cwr;
}

void ecn_mark_arrived(Core& core, Tcb& t, const Incoming& in) noexcept {
    if (!t.agreed.ecn) return;
    switch (in.segment.ecn) {
        case Ecn::NotEct:
            // A retransmission: the sender may have lost its window.
            if (t.ecn.seen) enter_quick_ack(core, t, 2);
            break;
        case Ecn::Ce:
            if (!t.ecn.demand_cwr) {
                enter_quick_ack(core, t, 2);
                t.ecn.demand_cwr = true;
            }
            t.ecn.seen = true;
            break;
        case Ecn::Ect0:
        case Ecn::Ect1:
            t.ecn.seen = true;
            break;
    }
}

void ecn_cwr_arrived(Tcb& t, const Incoming& in) noexcept {
    if (!t.agreed.ecn || !in.cwr) return;
    t.ecn.demand_cwr = false;
    // Its window may be one segment now: no delay.
    if (!in.payload.empty()) t.ack.now = true;
}

}  // namespace synscope::sim::tcp
