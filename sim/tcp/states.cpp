#include "sim/tcp/states.hpp"

#include <algorithm>
#include <cassert>

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {
namespace {

/// A child that its listener still holds leaves the listener's books.
void leave_listener(Core& core, Tcb& t) {
    const std::optional<SocketId> parent_id = t.tfo_listener ? t.tfo_listener : t.listener;
    if (!parent_id) return;
    Tcb* parent = core.find(*parent_id);
    t.tfo_listener.reset();
    if (parent == nullptr) return;
    ListenerState& listen = parent->listen;
    const auto forget = [&](std::vector<SocketId>& ids) {
        const auto found = std::find(ids.begin(), ids.end(), t.id);
        if (found == ids.end()) return false;
        ids.erase(found);
        return true;
    };
    if (forget(listen.children)) --listen.syn_queue;
    // A connection in the accept queue that dies stays there: accept() returns it and read() says why it
    // died.
}

}  // namespace

void enter(Core& core, Tcb& t, TcpState next, std::string_view why) {
    const TcpState from = t.state;
    if (from == next) return;
    assert(edge_allowed(from, next));
    t.state = next;
    if (next == TcpState::Established) t.ever_established = true;
    if (core.observer != nullptr) core.observer->state_changed(core.now, t, from, next, why);
    core.wake(t);
}

void finish(Core& core, Tcb& t, std::string_view why) {
    const bool waits_in_accept_queue = [&] {
        if (!t.listener) return false;
        const Tcb* parent = core.find(*t.listener);
        return parent != nullptr &&
               std::find(parent->listen.accept_queue.begin(), parent->listen.accept_queue.end(), t.id) !=
                   parent->listen.accept_queue.end();
    }();
    enter(core, t, TcpState::Closed, why);
    for (std::size_t i = 0; i < kTimerPlaces; ++i)
        core.stop(t, static_cast<TimerPlace>(i));
    core.unhash(t);
    t.sent.clear();
    t.unsent.clear();
    t.out_of_order.clear();
    t.rec.packets_out = t.rec.sacked_out = t.rec.lost_out = t.rec.retrans_out = 0;
    t.receive_shutdown = true;
    leave_listener(core, t);
    core.wake(t);
    if ((t.orphan || (t.passive && !t.ever_established && !t.tfo.server)) && !waits_in_accept_queue) {
        t.dead = true;
        core.to_sweep.push_back(t.slot);
    }
}

}  // namespace synscope::sim::tcp
