// RFC 9293 §3.10.1, OPEN.
#include <algorithm>

#include "sim/tcp/fastopen.hpp"
#include "sim/tcp/listener.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/pmtu.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/time_wait.hpp"
#include "sim/tcp/timestamps.hpp"
#include "sim/tcp/user_calls.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

bool overlaps(const IpAddress& a, const IpAddress& b) noexcept {
    return is_any(a) || is_any(b) || a == b;
}

bool port_taken(const Core& core, const Tcb& self, const Endpoint& local) noexcept {
    for (const auto& other : core.slots) {
        if (other == nullptr || other.get() == &self || !other->bound || other->local.port != local.port)
            continue;
        if (!overlaps(other->local.address, local.address)) continue;
        const bool both_reuse = other->options.reuse_address && self.options.reuse_address;
        if (!both_reuse || other->state == TcpState::Listen) return true;
    }
    return false;
}

/// RFC 6056: hard to guess, different for each peer, never used twice in a row.
std::optional<std::uint16_t> ephemeral_port(Core& core, const Tcb& t, const Endpoint& remote) {
    const std::uint32_t first = core.p.ephemeral_first;
    const std::uint32_t count = core.p.ephemeral_last - first + 1u;
    const auto offset = static_cast<std::uint32_t>(pair_hash(core.port_key, {t.local.address, 0}, remote, 0));
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(first + (offset + core.port_counter++) % count);
        const Endpoint local{t.local.address, port};
        if (remote.port == 0 ? !port_taken(core, t, local) : core.find(local, remote) == nullptr) {
            if (remote.port == 0 || !port_taken(core, t, local)) return port;
        }
    }
    return std::nullopt;
}

/// A pair still in TIME-WAIT gives way to connect() when timestamps keep the incarnations apart (RFC 6191
/// section 2).
Error reuse_time_wait(Core& core, Tcb& t) {
    Tcb* old = core.find(t.local, t.remote);
    if (old == nullptr || old == &t) return Error::None;
    const bool allowed = old->state == TcpState::TimeWait && core.p.tw_reuse == 1 && old->ts.has_recent &&
                         core.now - old->ts.recent_at >= Duration::seconds(1);
    if (!allowed) return Error::AddressNotAvailable;
    t.iss = old->snd.nxt + 65537;
    t.ts.recent = old->ts.recent;
    t.has_chosen_isn = true;
    finish(core, *old, "its pair is used again");
    return Error::None;
}

void prepare(Core& core, Tcb& t) {
    const Seq32 chosen = t.iss;
    choose_numbers(core, t);
    if (t.has_chosen_isn) t.iss = chosen;
    t.path_mtu = core.p.mtu;
    t.rec.reordering = core.p.reordering;
    t.rto = Rto{};
    t.rto.value = core.p.rto_initial;
    t.agreed = Negotiated{};
    t.agreed.advertised_mss = own_mss(core, t);
    t.agreed.mss_clamp = t.agreed.advertised_mss;
    if (core.p.ecn == 1) t.agreed.ecn = true;
    t.congestion = make_congestion(t.options.congestion.value_or(core.p.congestion), core.p.slow_start_exit);
    t.cc = CongestionState{};
    t.cc.cwnd = core.p.initial_cwnd;
    t.cc.stamp = core.now;
    choose_initial_window(core, t, t.agreed.advertised_mss);
    sync_mss(core, t);
    t.snd.una = t.snd.nxt = t.snd.written = t.snd.pushed = t.snd.up = t.snd.small_end = t.iss;
    t.snd.wnd = t.snd.max_wnd = 0;
    t.error = t.soft_error = Error::None;
}

}  // namespace

Error bind_socket(Core& core, Tcb& t, const Endpoint& local) {
    if (t.bound || t.state != TcpState::Closed) return Error::Invalid;
    // MUST-46: an address of this host, or any of them.
    if (!is_any(local.address) && !core.is_local(local.address)) return Error::AddressNotAvailable;
    Endpoint chosen = local;
    if (chosen.address.family == 0) chosen.address = IpAddress::v4(0);
    t.local.address = chosen.address;
    if (chosen.port == 0) {
        const auto port = ephemeral_port(core, t, {});
        if (!port) return Error::AddressInUse;
        chosen.port = *port;
    } else if (port_taken(core, t, chosen)) {
        t.local = {};
        return Error::AddressInUse;
    }
    t.local = chosen;
    t.bound = true;
    return Error::None;
}

Error passive_open(Core& core, Tcb& t, std::uint32_t backlog) {
    backlog = std::min(backlog, core.p.somaxconn);
    if (t.state == TcpState::Listen) {
        t.listen.backlog = backlog;
        return Error::None;
    }
    if (t.state != TcpState::Closed || t.connecting) return Error::Invalid;
    if (!t.bound) {
        if (const Error error = bind_socket(core, t, {IpAddress::v4(0), 0}); error != Error::None)
            return error;
    }
    // SO_REUSEADDR lets two sockets bind, not two listen (MUST-41 speaks of passive OPENs that differ).
    for (const SocketId id : core.listeners) {
        const Tcb* other = core.find(id);
        if (other != nullptr && other->local.port == t.local.port &&
            overlaps(other->local.address, t.local.address))
            return Error::AddressInUse;
    }
    t.listen.backlog = backlog;
    if ((core.p.fastopen & (kFastOpenServer | kFastOpenEveryListener)) ==
            (kFastOpenServer | kFastOpenEveryListener) &&
        t.options.fastopen_queue == 0)
        t.options.fastopen_queue = backlog;
    core.listeners.push_back(t.id);
    enter(core, t, TcpState::Listen, "passive OPEN");
    return Error::None;
}

Error connect_again(Tcb& t, bool& handled) noexcept {
    handled = true;
    switch (t.state) {
        case TcpState::Listen:
            return Error::IsConnected;
        case TcpState::SynSent:
        case TcpState::SynReceived:
            return t.tfo.defer_connect ? Error::IsConnected : Error::Already;
        case TcpState::Closed:
            break;
        default:
            if (t.connecting) {
                // The connect() of before succeeded meanwhile: told once.
                t.connecting = false;
                return Error::None;
            }
            return Error::IsConnected;
    }
    if (t.connecting) {
        t.connecting = false;
        const Error error = consume_error(t);
        return error == Error::None ? Error::ConnectionAborted : error;
    }
    handled = false;
    return Error::None;
}

std::size_t send_first_syn(Core& core, Tcb& t, const Payload& data) {
    t.tfo.defer_connect = false;
    t.syn_sent = core.now;
    SentSegment syn;
    syn.seq = t.iss;
    syn.length = 1;
    syn.syn = true;
    t.sent.push_back(syn);
    ++t.rec.packets_out;
    t.snd.nxt = t.snd.written = t.iss + 1;
    if (!data.empty()) {
        SentSegment first;
        first.seq = t.iss + 1;
        first.length = static_cast<std::uint32_t>(data.size());
        first.payload = data;
        first.push = true;
        first.transmitted = true;
        first.sent = first.first_sent = core.now;
        t.sent.push_back(first);
        ++t.rec.packets_out;
        t.snd.nxt = t.snd.written = first.end();
        t.tfo.data_in_syn = true;
        t.tfo.syn_data = static_cast<std::uint32_t>(data.size());
        ++t.data_segments_out;
        t.bytes_sent += data.size();
        t.snd.last_sent = core.now;
    }
    t.snd.pushed = t.snd.nxt;
    transmit(core, t, t.sent.front());
    restart_rto(core, t, t.rto.value);
    return data.size();
}

Error active_open(Core& core, Tcb& t, const Endpoint& remote, Syn syn) {
    if (is_any(remote.address) || remote.port == 0) return Error::ConnectionRefused;
    // MUST-46.
    if (is_group(remote.address)) return Error::NetworkUnreachable;
    // MUST-44: the IP layer chooses the address when the user does not.
    if (is_any(t.local.address)) {
        const auto own = std::find_if(core.addresses.begin(), core.addresses.end(),
                                      [&](const IpAddress& a) { return a.family == remote.address.family; });
        if (own == core.addresses.end()) return Error::NetworkUnreachable;
        t.local.address = *own;
    }
    t.remote = remote;
    if (!t.bound) {
        const auto port = ephemeral_port(core, t, remote);
        if (!port) return Error::AddressNotAvailable;
        t.local.port = *port;
        t.bound = true;
    }
    if (const Error error = reuse_time_wait(core, t); error != Error::None) return error;
    prepare(core, t);
    core.hash(t);
    t.connecting = true;
    enter(core, t, TcpState::SynSent, "active OPEN, snd SYN");
    const bool by_option = t.options.fastopen_connect && (core.p.fastopen & kFastOpenClient) != 0;
    // TCP_FASTOPEN_CONNECT: with a cookie at hand the SYN waits for the first write.
    if (syn == Syn::WaitsForData || (by_option && fastopen_has_cookie(core, t))) {
        t.tfo.defer_connect = true;
        t.connecting = false;
        return Error::None;
    }
    if (by_option) (void)fastopen_prepare(core, t);
    send_first_syn(core, t, {});
    return Error::InProgress;
}

}  // namespace synscope::sim::tcp
