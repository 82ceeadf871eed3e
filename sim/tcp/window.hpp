#pragma once
// The receive window: what to offer in the SYN, how it grows with trust, and what to advertise (RFC 9293
// section 3.8.6.2.2, silly window avoidance; the window never shrinks, SHLD-14). Private to sim/tcp. Thread
// rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// Bytes of window that a buffer of this size stands for.
[[nodiscard]] std::uint32_t window_of_buffer(const Core& core, std::uint32_t buffer) noexcept;
/// What is free of it now.
[[nodiscard]] std::uint32_t free_window(const Core& core, const Tcb& t) noexcept;
/// Before the SYN or SYN-ACK: window, scale and clamp from the buffer. `mss` without options.
void choose_initial_window(const Core& core, Tcb& t, std::uint32_t mss) noexcept;
/// The peer's segment size is known: buffers become whole numbers of segments, where the personality asks.
void fit_buffers_to_segments(const Core& core, Tcb& t) noexcept;
/// ESTABLISHED: the peer is real, so the window may open to the buffer but for one segment.
void trust_buffer(const Core& core, Tcb& t) noexcept;
/// How far beyond RCV.NXT a segment may begin.
[[nodiscard]] std::uint32_t acceptance_window(const Core& core, const Tcb& t) noexcept;
/// The window field's value for a segment sent now, in bytes; remembers it as advertised.
[[nodiscard]] std::uint32_t select_window(const Core& core, Tcb& t) noexcept;
/// What select_window() would like to offer.
[[nodiscard]] std::uint32_t desired_window(const Core& core, Tcb& t) noexcept;
/// Data of `length` bytes arrived: more of the buffer is trusted.
void grow_window(const Core& core, Tcb& t, std::uint32_t length) noexcept;
/// The user read; the buffer follows the rate (tcp_moderate_rcvbuf).
void adjust_receive_buffer(const Core& core, Tcb& t) noexcept;
/// After a read: sends the window update if it is worth one (MUST-39).
void window_update_after_read(Core& core, Tcb& t, std::size_t read);

}  // namespace synscope::sim::tcp
