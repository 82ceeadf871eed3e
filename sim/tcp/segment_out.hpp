#pragma once
// Making segments: header, options, window, and off they go. Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"
#include "sim/tcp/incoming.hpp"

namespace synscope::sim::tcp {

/// A pure ACK: SEQ=SND.NXT, ACK=RCV.NXT. Clears what was delayed.
void send_ack(Core& core, Tcb& t);
/// An ACK for a duplicate or what does not fit, with a D-SACK block when there is one.
void send_duplicate_ack(Core& core, Tcb& t, const Incoming& in);
/// RFC 5961 section 3.2 and 7: limited per connection and per second.
void send_challenge_ack(Core& core, Tcb& t);
/// Whether an answer to an invalid segment is due: one in 500 ms for those without data.
[[nodiscard]] bool may_answer_invalid(Core& core, Tcb& t, const Incoming& in) noexcept;
/// A probe of window or life: one sequence number below SND.UNA (`urgent`: at SND.UNA).
void send_probe(Core& core, Tcb& t, bool urgent);
/// A segment of the retransmission queue, first time or again. `push`: with PSH this once.
void transmit(Core& core, Tcb& t, SentSegment& segment, bool push = false);
void send_syn(Core& core, Tcb& t, SentSegment& segment);
void send_syn_ack(Core& core, Tcb& t);
/// RST of a connection that is given up: SEQ=SND.NXT.
void send_active_reset(Core& core, Tcb& t);
/// RFC 9293 section 3.10.7.1: the answer to a segment that belongs to nobody.
void send_reset_for(Core& core, const Incoming& in, const Tcb* t = nullptr);
/// Bytes of options that an ACK would carry now beyond those of every segment (SACK blocks).
[[nodiscard]] std::uint32_t sack_option_bytes(const Tcb& t) noexcept;
/// Payload that fits a segment sent now.
[[nodiscard]] std::uint32_t current_mss(const Core& core, const Tcb& t) noexcept;

/// A SYN-ACK without a connection (SYN cookies).
struct StatelessSynAck {
    Seq32 iss;
    std::uint16_t mss = 0;
    std::uint32_t window = 0;
    std::uint8_t scale = 0;
    bool window_scaling = false;
    bool sack = false;
    bool timestamps = false;
    std::uint32_t ts_value = 0;
    bool ecn = false;
};
void send_stateless_syn_ack(Core& core, const Incoming& in, const StatelessSynAck& answer);

}  // namespace synscope::sim::tcp
