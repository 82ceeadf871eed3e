#pragma once
// The one place where a connection changes its state. Private to sim/tcp. Thread rule: as Core.

#include <array>
#include <string_view>

#include "net/base/tcp_state.hpp"

namespace synscope::sim::tcp {

struct Core;
struct Tcb;

struct StateEdge {
    TcpState from = TcpState::Closed;
    TcpState to = TcpState::Closed;
    std::string_view why;  ///< the label in RFC 9293's Figure 5, or what of the text allows it
    friend bool operator==(const StateEdge&, const StateEdge&) = default;
};

/// RFC 9293 Figure 5, and the edges the figure leaves to the text: resets, ABORT, timeouts. LISTEN never
/// leaves its state for a peer: its edges are those of a child. Note 2's edge from FIN-WAIT-1 to TIME-WAIT is
/// walked in the two steps of section 3.10.7.4, fifth and eighth.
inline constexpr std::array kStateEdges{
    StateEdge{TcpState::Closed, TcpState::Listen, "passive OPEN"},
    StateEdge{TcpState::Closed, TcpState::SynSent, "active OPEN, snd SYN"},
    StateEdge{TcpState::Closed, TcpState::SynReceived,
              "LISTEN: rcv SYN, snd SYN,ACK (or rcv ACK of a SYN cookie), in a child of its own"},
    StateEdge{TcpState::Listen, TcpState::Closed, "CLOSE, delete TCB"},
    StateEdge{TcpState::SynSent, TcpState::SynReceived, "rcv SYN, snd SYN,ACK"},
    StateEdge{TcpState::SynSent, TcpState::Established, "rcv SYN,ACK, snd ACK"},
    StateEdge{TcpState::SynSent, TcpState::Closed, "CLOSE, RST or timeout"},
    StateEdge{TcpState::SynReceived, TcpState::Established, "rcv ACK of SYN"},
    StateEdge{TcpState::SynReceived, TcpState::FinWait1, "CLOSE, snd FIN"},
    StateEdge{TcpState::SynReceived, TcpState::Closed, "RST or timeout"},
    StateEdge{TcpState::Established, TcpState::FinWait1, "CLOSE, snd FIN"},
    StateEdge{TcpState::Established, TcpState::CloseWait, "rcv FIN, snd ACK"},
    StateEdge{TcpState::Established, TcpState::Closed, "RST, ABORT or timeout"},
    StateEdge{TcpState::FinWait1, TcpState::FinWait2, "rcv ACK of FIN"},
    StateEdge{TcpState::FinWait1, TcpState::Closing, "rcv FIN, snd ACK"},
    StateEdge{TcpState::FinWait1, TcpState::Closed, "RST, ABORT or timeout"},
    StateEdge{TcpState::FinWait2, TcpState::TimeWait, "rcv FIN, snd ACK"},
    StateEdge{TcpState::FinWait2, TcpState::Closed, "RST, ABORT or timeout"},
    StateEdge{TcpState::CloseWait, TcpState::LastAck, "CLOSE, snd FIN"},
    StateEdge{TcpState::CloseWait, TcpState::Closed, "RST, ABORT or timeout"},
    StateEdge{TcpState::Closing, TcpState::TimeWait, "rcv ACK of FIN"},
    StateEdge{TcpState::Closing, TcpState::Closed, "RST, ABORT or timeout"},
    StateEdge{TcpState::LastAck, TcpState::Closed, "rcv ACK of FIN, RST or timeout"},
    StateEdge{TcpState::TimeWait, TcpState::Closed, "2 MSL passed, RST or a new incarnation"},
};

[[nodiscard]] constexpr bool edge_allowed(TcpState from, TcpState to) noexcept {
    for (const StateEdge& edge : kStateEdges)
        if (edge.from == from && edge.to == to) return true;
    return false;
}

/// The edge is in the table. Tells the observer and wakes the user.
void enter(Core& core, Tcb& t, TcpState next, std::string_view why);

/// CLOSED for good: timers stop, queues empty, the pair is free. The user, if there is one, finds `error`.
void finish(Core& core, Tcb& t, std::string_view why);

}  // namespace synscope::sim::tcp
