#pragma once
// Nagle's algorithm (RFC 1122 section 4.2.3.4, RFC 9293 section 3.7.4), Minshall's change to it, and corks.
// Private to sim/tcp. Thread rule: pure functions.

#include "sim/tcp/output.hpp"
#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {

/// Whether a segment of `length` bytes, less than a full one, has to wait.
[[nodiscard]] inline bool nagle_holds(const Core& core, const Tcb& t, std::uint32_t /*length*/, bool fin,
                                      Hold hold) noexcept {
    if (hold == Hold::Push || fin) return false;
    // Urgent data is not delayed.
    if (t.snd.urgent && after(t.snd.up, t.snd.una)) return false;
    if (hold == Hold::Cork) return true;
    if (hold == Hold::Off || t.rec.packets_out == 0) return false;
    if (!core.p.minshall_nagle) return true;
    // Minshall: only while another small segment is on its way; a full one does not hold back its small tail.
    return after(t.snd.small_end, t.snd.una) && !after(t.snd.small_end, t.snd.nxt);
}

}  // namespace synscope::sim::tcp
