#pragma once
// Sending what the user wrote: how much of it, when, in which segments (RFC 9293 section 3.7.4, 3.8.6.2.1;
// RFC 5681; Nagle with Minshall's change and corking). Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// What holds a last, small segment back. Push: nothing does.
enum class Hold : std::uint8_t { Nagle, Cork, Off, Push };

/// Sends what congestion window, peer's window and Nagle allow. True when data is left and nothing is in
/// flight: the persist timer has to run. `only_one`: at most one burst; `probe`: one segment even beyond
/// the congestion window.
struct WriteLimits {
    Hold hold = Hold::Nagle;
    bool only_one = false;
    bool probe = false;
};
bool write_out(Core& core, Tcb& t, WriteLimits limits);
/// write_out() and the persist timer.
void push_pending(Core& core, Tcb& t, Hold hold);
/// push_pending() with the socket's own setting, if there is anything to send.
void push_pending(Core& core, Tcb& t);
[[nodiscard]] Hold hold_of(const Tcb& t) noexcept;
/// Queues the user's bytes behind what is unsent, cut into runs, and sends; how many: a new run is begun only
/// while the send buffer has room.
[[nodiscard]] std::size_t queue_bytes(Core& core, Tcb& t, const Payload& bytes, SendFlags flags);
/// The FIN takes its number behind the last byte.
void queue_fin(Core& core, Tcb& t);
/// Bytes that the send buffer has room for.
[[nodiscard]] std::uint32_t send_room(const Core& core, const Tcb& t) noexcept;
[[nodiscard]] bool writable(const Core& core, const Tcb& t) noexcept;
/// What was acknowledged made room: grows the buffer, wakes the writer.
void check_space(Core& core, Tcb& t);
void expand_send_buffer(const Core& core, Tcb& t) noexcept;
/// Bytes that one run may hold: a user's write is accepted run by run.
[[nodiscard]] std::uint32_t run_goal(const Core& core, const Tcb& t, std::uint32_t mss) noexcept;
/// A segment from the head of the unsent queue; `length` bytes of payload, and the FIN when it is due.
/// `push`: with PSH, also where the user's write goes on.
SentSegment& send_head(Core& core, Tcb& t, std::uint32_t length, bool push = false);

}  // namespace synscope::sim::tcp
