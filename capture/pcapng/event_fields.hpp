#pragma once
// The fields of each event kind, in the order in which they are stored: the one description that encoder,
// decoder and the packed columns of the store share. `visit` is called with each field; enumerations come
// with the number of their values. Appending a field is allowed, changing the order is not. Thread rule:
// pure.

#include "net/base/event.hpp"

namespace synscope::pcapng {

/// An enumeration as stored, with how many values it has: what is read beyond them is malformed.
template <class Enum>
struct Choice {
    Enum& value;
    std::size_t count;
};
template <class Enum>
Choice(Enum&, std::size_t) -> Choice<Enum>;

// Body is the event's body, const when encoding.
template <class Body, class Kind>
concept Is = std::is_same_v<std::remove_const_t<Body>, Kind>;

template <class Body, class Visit>
void visit_packet(Body& b, Visit&& visit) {
    visit(b.packet);
    if constexpr (Is<Body, PacketDropped>) visit(Choice{b.reason, kDropReasonCount});
}

template <class Body, class Visit>
void visit_call(Body& b, Visit&& visit) {
    visit(Choice{b.call, kSyscallCount});
    visit(b.fd);
    visit(b.has_socket);
    visit(b.socket);
    visit(b.thread);
    if constexpr (Is<Body, SyscallEntered>) {
        visit(b.args[0]);
        visit(b.args[1]);
        visit(b.source.file);
        visit(b.source.line);
    } else {
        visit(b.result);
        visit(b.error);
        visit(b.bytes);
    }
}

template <class Body, class Visit>
void visit_sample(Body& b, Visit&& visit) {
    visit(b.socket);
    visit(Choice{b.source, 3});
    visit(Choice{b.state, kTcpStateCount});
    visit(b.congestion_state);
    for (auto* field : {&b.receive_queue, &b.send_queue, &b.not_sent, &b.unacked, &b.retransmits,
                        &b.total_retransmits, &b.snd_cwnd, &b.snd_ssthresh, &b.snd_mss, &b.rcv_mss,
                        &b.snd_wnd, &b.rcv_wnd, &b.rtt_us, &b.rttvar_us, &b.rto_us, &b.ato_us})
        visit(*field);
}

template <class Body, class Visit>
void visit_endpoint_event(Body& b, Visit&& visit) {
    visit(b.socket);
    if constexpr (Is<Body, SocketNamed>) {
        visit(b.fd);
        visit(Choice{b.role, 4});
        visit(b.local);
        visit(b.remote);
    } else if constexpr (Is<Body, TcpStateChanged>) {
        visit(Choice{b.from, kTcpStateCount});
        visit(Choice{b.to, kTcpStateCount});
        visit(Choice{b.evidence, 3});
    } else if constexpr (Is<Body, CwndChanged>) {
        visit(b.cwnd_bytes);
        visit(b.ssthresh_bytes);
    } else {
        visit(Choice{b.timer, 8});
        if constexpr (Is<Body, TimerSet>) visit(b.deadline);
    }
}

template <class Body, class Visit>
void visit_program_event(Body& b, Visit&& visit) {
    if constexpr (Is<Body, ReadinessReported>) {
        visit(b.fd);
        visit(b.socket);
        visit(b.thread);
        visit(b.mask);
        visit(Choice{b.via, kReadinessViaCount});
    } else if constexpr (Is<Body, MessageFramed>) {
        visit(b.socket);
        visit(b.outgoing);
        visit(b.index);
        visit(b.bytes);
        visit(b.body);
        visit(b.framing);
    } else if constexpr (Is<Body, BusyBegan>) {
        visit(b.reason);
        visit(b.planned);
        visit(b.socket);
        visit(b.has_socket);
    } else if constexpr (Is<Body, BusyEnded>) {
        visit(b.reason);
    } else {
        visit(b.name);
        visit(b.socket);
        visit(b.has_socket);
    }
}

template <class Body, class Visit>
void visit_record_event(Body& b, Visit&& visit) {
    if constexpr (Is<Body, Note>) {
        visit(Choice{b.severity, 3});
        visit(b.text);
    } else if constexpr (Is<Body, ActorDeclared>) {
        visit(Choice{b.role, 6});
        visit(b.name);
        visit(b.process);
    } else if constexpr (Is<Body, ClockPaired>) {
        visit(b.monotonic_ns);
        visit(b.wall_ns);
        visit(b.error);
    } else if constexpr (Is<Body, BoxActed>) {
        visit(Choice{b.action, kBoxActionCount});
        visit(b.has_packet);
        visit(b.packet);
        visit(b.port);
        visit(b.detail);
    } else {
        visit(b.received);
        visit(b.dropped_by_kernel);
        visit(b.dropped_by_interface);
    }
}

/// Calls `visit` with every field of `b`; a kind without a place here does not compile.
template <class Body, class Visit>
void visit_fields(Body& b, Visit&& visit) {
    if constexpr (Is<Body, PacketCaptured> || Is<Body, PacketSent> || Is<Body, PacketDelivered> ||
                  Is<Body, PacketDropped>)
        visit_packet(b, visit);
    else if constexpr (Is<Body, SyscallEntered> || Is<Body, SyscallReturned>)
        visit_call(b, visit);
    else if constexpr (Is<Body, KernelSample>)
        visit_sample(b, visit);
    else if constexpr (Is<Body, SocketNamed> || Is<Body, TcpStateChanged> || Is<Body, CwndChanged> ||
                       Is<Body, TimerSet> || Is<Body, TimerFired>)
        visit_endpoint_event(b, visit);
    else if constexpr (Is<Body, ReadinessReported> || Is<Body, MessageFramed> || Is<Body, BusyBegan> ||
                       Is<Body, BusyEnded> || Is<Body, Marker>)
        visit_program_event(b, visit);
    else
        visit_record_event(b, visit);
}

}  // namespace synscope::pcapng
