#include "sim/tcp/icmp.hpp"

#include <algorithm>

#include "sim/tcp/pmtu.hpp"
#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"

namespace synscope::sim::tcp {
namespace {

Error error_of(IcmpKind kind) noexcept {
    switch (kind) {
        case IcmpKind::NetUnreachable:
            return Error::NetworkUnreachable;
        case IcmpKind::ProtocolUnreachable:
            return Error::NoProtocolOption;
        case IcmpKind::PortUnreachable:
            return Error::ConnectionRefused;
        case IcmpKind::FragmentationNeeded:
            return Error::MessageSize;
        case IcmpKind::SourceRouteFailed:
            return Error::NotSupported;
        case IcmpKind::ParameterProblem:
            return Error::Protocol;
        case IcmpKind::HostUnreachable:
        case IcmpKind::AdminProhibited:
        case IcmpKind::TimeExceeded:
        case IcmpKind::SourceQuench:
            break;
    }
    return Error::HostUnreachable;
}

/// RFC 6069: the path is back, or the backoff was for nothing: one step of it is taken back.
void revert_backoff(Core& core, Tcb& t, const IcmpReport& report) {
    const bool unreachable =
        report.kind == IcmpKind::NetUnreachable || report.kind == IcmpKind::HostUnreachable;
    if (!unreachable || report.seq != t.snd.una || t.rec.retransmits == 0 || t.rec.backoff == 0 ||
        t.sent.empty())
        return;
    --t.rec.backoff;
    Duration rto = t.rto.srtt_us != 0 ? t.rto.base(core.p.rto_max) : core.p.rto_initial;
    for (std::uint32_t i = 0; i < t.rec.backoff && rto < core.p.rto_max; ++i)
        rto = rto * 2;
    t.rto.value = std::min(rto, core.p.rto_max);
    const Duration left = t.sent.front().sent + t.rto.value - core.now;
    restart_rto(core, t, std::max(left, Duration::microseconds(1)));
}

}  // namespace

void icmp_arrives(Core& core, const IcmpReport& report) {
    Tcb* t = core.find(report.source, report.destination);
    // MUST-54: which connection; MUST-55: source quench is dropped.
    if (t == nullptr || report.kind == IcmpKind::SourceQuench || t->state == TcpState::TimeWait) return;
    // RFC 5927 §4.1: only about something in flight.
    const Seq32 oldest = t->state == TcpState::SynReceived ? t->iss : t->snd.una;
    const bool in_flight = !before(report.seq, oldest) && !after(report.seq, t->snd.nxt);
    if (t->state == TcpState::Closed) return;
    if (!in_flight && t->state != TcpState::Listen) {
        ++core.counters.out_of_window_icmps;
        return;
    }
    if (t->state == TcpState::SynReceived && t->passive && !t->tfo.server) {
        if (report.kind != IcmpKind::FragmentationNeeded && report.seq == t->iss)
            finish(core, *t, "ICMP error in SYN-RECEIVED");
        return;
    }
    if (report.kind == IcmpKind::FragmentationNeeded) {
        if (t->state == TcpState::Listen) return;
        return path_mtu_shrank(core, *t, report.next_hop_mtu);
    }
    // A fast open child that was accepted counts as established.
    const bool accepted = t->tfo.server && t->tfo_listener;
    if (t->state == TcpState::SynSent || (t->state == TcpState::SynReceived && !accepted)) {
        t->error = error_of(report.kind);
        return finish(core, *t, "ICMP error while opening");
    }
    // MUST-56, SHLD-25: a soft error explains a timeout, it does not cause one. Deviation from SHLD-26, as
    // Linux: so is a hard one once the connection stands.
    t->soft_error = error_of(report.kind);
    core.note(t, "ICMP error noted (soft)");
    revert_backoff(core, *t, report);
}

}  // namespace synscope::sim::tcp
