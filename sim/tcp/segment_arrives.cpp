#include "sim/tcp/segment_arrives.hpp"

#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/listener.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/time_wait.hpp"

namespace synscope::sim::tcp {
namespace {

/// RFC 9293 MUST-57 and MUST-63: nobody opens a connection with a group.
bool from_one_host(const Segment& s) noexcept {
    return !is_any(s.source) && !is_group(s.source) && !is_group(s.destination);
}

}  // namespace

// RFC 9293 §3.10.7.
void segment_arrives(Core& core, const Segment& segment) {
    Incoming in{segment};
    const Endpoint local{segment.destination, segment.header.destination_port};
    const Endpoint remote{segment.source, segment.header.source_port};
    Tcb* t = from_one_host(segment) ? core.find(local, remote) : nullptr;
    if (core.observer != nullptr) core.observer->segment_arrived(core.now, t, segment);
    if (!from_one_host(segment)) return core.note(nullptr, "dropped: not from one host to one (MUST-57)");
    std::optional<Seq32> new_isn;
    if (t != nullptr && t->state == TcpState::TimeWait) {
        if (!time_wait_state(core, *t, in, new_isn)) return;
        t = nullptr;
    }
    if (t != nullptr) {
        ++t->segments_in;
        if (t->state == TcpState::SynSent) return syn_sent_state(core, *t, in);
        return other_states(core, *t, in);
    }
    if (Tcb* listener = core.find_listener(local)) return listen_for(core, *listener, in, new_isn);
    closed_state(core, in);
}

// RFC 9293 §3.10.7.1, CLOSED: everything but a RST is answered with a RST.
void closed_state(Core& core, const Incoming& in) {
    send_reset_for(core, in);
}

// RFC 9293 §3.10.7.2, LISTEN.
void listen_state(Core& core, Tcb& listener, Incoming& in) {
    listen_for(core, listener, in, std::nullopt);
}

// RFC 9293 §3.10.7.4, otherwise.
void other_states(Core& core, Tcb& t, Incoming& in) {
    t.ack.now = false;
    t.fin_now = false;
    if (check_sequence(core, t, in) == Step::Stop) return;
    if (check_rst(core, t, in) == Step::Stop) return;
    if (check_security(core, t, in) == Step::Stop) return;
    if (check_syn(core, t, in) == Step::Stop) return;
    if (check_ack(core, t, in) == Step::Stop) return;
    if (check_urg(core, t, in) == Step::Stop) return;
    if (process_text(core, t, in) == Step::Stop) return;
    if (check_fin(core, t, in) == Step::Stop) return;
    // What the ACK made room for goes out, and carries the acknowledgement of what arrived (SHLD-18).
    push_pending(core, t);
    check_space(core, t);
    acknowledge(core, t, true);
}

}  // namespace synscope::sim::tcp
