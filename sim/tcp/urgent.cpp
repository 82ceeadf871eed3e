#include "sim/tcp/urgent.hpp"

#include <algorithm>

#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {

void urgent_arrived(Core& core, Tcb& t, const Incoming& in) {
    if (in.urg && in.up != 0) {
        // The urgent octet lies before the one the pointer names.
        const Seq32 at = in.seq + (in.syn ? 1u : 0u) + in.up - 1;
        const bool news = !before(at, t.rcv.nxt) && !after(t.rcv.read, at) &&
                          !(t.rcv.urgent_pending && !after(at, t.rcv.up));
        if (news) {
            t.rcv.up = at;
            t.rcv.urgent_pending = true;
            t.rcv.urgent_byte.reset();
            t.rcv.urgent_taken = false;
            core.wake(t);
        }
    }
    if (!t.rcv.urgent_pending || t.rcv.urgent_byte || t.rcv.urgent_taken) return;
    const Seq32 first = in.seq + (in.syn ? 1u : 0u);
    if (!Seq32::in_window(t.rcv.up, first, static_cast<std::uint32_t>(in.payload.size()))) return;
    t.rcv.urgent_byte = in.payload.span()[span(first, t.rcv.up)];
    core.wake(t);
}

IoResult receive_urgent(Tcb& t, MutableByteSpan out, bool peek) {
    if (t.options.oob_inline || !t.rcv.urgent_pending || t.rcv.urgent_taken) return {0, Error::Invalid};
    if (!t.rcv.urgent_byte)
        return {0, t.state == TcpState::Closed || t.receive_shutdown ? Error::None : Error::Again};
    if (out.empty()) return {0, Error::None};
    out[0] = *t.rcv.urgent_byte;
    if (!peek) {
        t.rcv.urgent_byte.reset();
        t.rcv.urgent_taken = true;
    }
    return {1, Error::None};
}

std::size_t readable_before_mark(const Tcb& t, std::size_t most) noexcept {
    if (!t.rcv.urgent_pending || before(t.rcv.up, t.rcv.read)) return most;
    const std::uint32_t ahead = span(t.rcv.read, t.rcv.up);
    // At the mark itself an inline octet is read, any other is skipped by the caller.
    if (ahead == 0) return most;
    return std::min<std::size_t>(most, ahead);
}

}  // namespace synscope::sim::tcp
