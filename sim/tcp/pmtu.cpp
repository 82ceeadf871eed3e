#include "sim/tcp/pmtu.hpp"

#include <algorithm>

#include "sim/tcp/cwnd_validation.hpp"
#include "sim/tcp/recovery/retransmit.hpp"

namespace synscope::sim::tcp {
namespace {
constexpr std::uint32_t kHeaders = 40;
constexpr std::uint16_t kDefaultMssV6 = 1220;

/// IP and TCP without options (RFC 9293 §3.7.1, RFC 8200 §3).
std::uint32_t headers(const Tcb& t) noexcept {
    return t.local.address.family == 6 ? 60 : kHeaders;
}

/// Data of a fast open that is too large for the path goes again behind the handshake, the SYN at once.
bool syn_data_too_large(const Tcb& t) noexcept {
    return t.state == TcpState::SynSent && t.tfo.data_in_syn;
}
}  // namespace

std::uint32_t path_mss(const Tcb& t) noexcept {
    return t.path_mtu - headers(t);
}

std::uint16_t own_mss(const Core& core, const Tcb& t) noexcept {
    const auto mss = static_cast<std::uint16_t>(core.p.mtu - headers(t));
    return t.options.max_segment != 0 ? std::min(mss, t.options.max_segment) : mss;
}

void take_peer_mss(const Core& core, Tcb& t, std::optional<std::uint16_t> mss) noexcept {
    t.agreed.peer_mss = mss;
    // MUST-15.
    std::uint16_t clamp = mss.value_or(t.local.address.family == 6 ? kDefaultMssV6 : core.p.default_mss);
    if (t.options.max_segment != 0) clamp = std::min(clamp, t.options.max_segment);
    t.agreed.mss_clamp = clamp;
}

void sync_mss(const Core& core, Tcb& t) noexcept {
    std::uint32_t mss = std::min<std::uint32_t>(path_mss(t), t.agreed.mss_clamp);
    mss = std::max<std::uint32_t>(mss, core.p.min_mss);
    if (t.agreed.timestamps) mss -= 12;
    if (core.p.tso) {
        // A segment larger than half the window would be waited for as one piece.
        const std::uint32_t cutoff = t.snd.max_wnd > 536 ? t.snd.max_wnd / 2 : t.snd.max_wnd;
        if (cutoff != 0 && mss > cutoff) mss = std::max(cutoff, 28u);
    }
    t.mss_cache = mss;
}

void path_mtu_shrank(Core& core, Tcb& t, std::uint16_t mtu) {
    const auto least =
        static_cast<std::uint16_t>(std::max<std::uint32_t>(core.p.min_pmtu, kHeaders + core.p.min_mss));
    mtu = std::max(mtu, least);
    if (mtu >= t.path_mtu) return;
    t.path_mtu = mtu;
    const std::uint32_t old = t.mss_cache;
    sync_mss(core, t);
    core.note(&t, "path MTU shrank (RFC 1191)");
    const bool opening = syn_data_too_large(t);
    if (t.state == TcpState::SynSent)
        t.agreed.advertised_mss = std::min(t.agreed.advertised_mss, static_cast<std::uint16_t>(path_mss(t)));
    if ((t.mss_cache >= old && !opening) || t.sent.empty()) return;
    bool any = false;
    for (std::size_t i = 0; i < t.sent.size(); ++i) {
        if (t.sent[i].payload.size() <= t.mss_cache && !opening) continue;
        mark_lost(t, t.sent[i]);
        any = true;
    }
    if (!any) return;
    t.rec.retransmit_hint.reset();
    // RFC 1191 §6.4: this is no congestion; the window stays.
    if (t.rec.state != Recovery::Loss) {
        t.rec.high_seq = t.snd.nxt;
        t.cc.ssthresh = current_ssthresh(t);
        t.cc.prior_ssthresh = 0;
        t.rec.undo_marker.reset();
        set_recovery_state(core, t, Recovery::Loss, "path MTU shrank");
    }
    retransmit_lost(core, t);
}

}  // namespace synscope::sim::tcp
