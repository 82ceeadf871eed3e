#pragma once
// Loss recovery as a state machine (Open, Disorder, CWR, Recovery, Loss): fast retransmit and fast recovery
// (RFC 5681, 6582 without SACK, 6675 and 8985 with it), proportional rate reduction (RFC 6937), F-RTO (RFC
// 5682), undo by timestamps and D-SACK (RFC 3522, 4015, 3708). Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/ack_work.hpp"
#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

/// An ACK that is not plain progress, or any ACK outside of Open (recovery.cpp).
void recovery_on_ack(Core& core, Tcb& t, AckWork& work);
void enter_recovery(Core& core, Tcb& t, bool by_ece);
/// ECN's echo, or a local congestion signal: reduce without retransmitting.
void enter_cwr(Core& core, Tcb& t);
void try_keep_open(Core& core, Tcb& t);
/// What the ACK decided to send.
void resend(Core& core, Tcb& t, Resend what);

/// RFC 6937 (prr.cpp).
void begin_cwnd_reduction(Core& core, Tcb& t);
void reduce_cwnd(Core& core, Tcb& t, std::uint32_t newly_acked_sacked, std::uint32_t newly_lost,
                 bool una_advanced);
void end_cwnd_reduction(Core& core, Tcb& t);

/// A retransmission timeout (loss.cpp).
void enter_loss(Core& core, Tcb& t);
void loss_on_ack(Core& core, Tcb& t, AckWork& work);

/// Undo (undo.cpp).
void begin_undo(Tcb& t) noexcept;
bool try_undo_recovery(Core& core, Tcb& t);
bool try_undo_loss(Core& core, Tcb& t, bool by_frto);
bool try_undo_partial(Core& core, Tcb& t, Seq32 prior_una);
void try_undo_dsack(Core& core, Tcb& t);

/// Reno's guess at what SACK would say (reno_sack.cpp): every duplicate ACK is one segment delivered.
void add_reno_sack(const Core& core, Tcb& t, std::uint32_t duplicates) noexcept;
void remove_reno_sacks(const Core& core, Tcb& t, std::uint32_t acked) noexcept;
void reset_reno_sack(Tcb& t) noexcept;
/// Something arrived later than what was sent after it: more duplicates are waited for.
void note_reordering(const Core& core, Tcb& t, Seq32 low) noexcept;

}  // namespace synscope::sim::tcp
