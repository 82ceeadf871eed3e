#include "sim/tcp/fastopen.hpp"

#include <algorithm>

#include "sim/tcp/cwnd_validation.hpp"
#include "sim/tcp/delayed_ack.hpp"
#include "sim/tcp/listener.hpp"
#include "sim/tcp/output.hpp"
#include "sim/tcp/pmtu.hpp"
#include "sim/tcp/recovery/recovery.hpp"
#include "sim/tcp/recovery/retransmit.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/urgent.hpp"

namespace synscope::sim::tcp {
namespace {

constexpr Duration kResetKeepsPlace = Duration::seconds(60);

SipKey server_key(const Core& core) noexcept {
    return core.p.has_fastopen_key ? fastopen_key(core.p.fastopen_key) : core.tfo_key;
}

/// Section 5.1: no more than so many that have not completed the handshake.
bool queue_has_room(Core& core, Tcb& listener) noexcept {
    if (listener.options.fastopen_queue == 0) return false;
    auto& resets = listener.listen.fastopen_resets;
    if (listener.listen.fastopen_pending >= listener.options.fastopen_queue) {
        // A place kept by a reset is free again after a minute.
        if (resets.empty() || resets.front() > core.now) {
            ++core.counters.listen_overflows;
            return false;
        }
        resets.erase(resets.begin());
        --listener.listen.fastopen_pending;
    }
    return true;
}

/// The child takes the data of the SYN and goes to the accept queue at once.
void accept_early(Core& core, Tcb& listener, Tcb& child, Incoming& in) {
    child.tfo.server = true;
    ++listener.listen.fastopen_pending;
    ++core.counters.fastopen_passive;
    child.snd.wnd = child.snd.max_wnd = in.wnd;
    sync_mss(core, child);
    child.snd.una = child.iss + 1;
    child.cc.cwnd = core.p.initial_cwnd;
    child.cc.stamp = core.now;
    expand_send_buffer(core, child);
    if (!in.payload.empty()) {
        child.rcv.nxt = child.rcv.nxt + static_cast<std::uint32_t>(in.payload.size());
        child.bytes_received += in.payload.size();
        ++child.data_segments_in;
        child.received.push(in.payload);
        child.tfo.data_in_syn = true;
        child.rcv.last_data = core.now;
        if (in.urg) urgent_arrived(core, child, in);
    }
    listener.listen.accept_queue.push_back(child.id);
    if (in.fin) {
        child.rcv.nxt = child.rcv.nxt + 1;
        child.fin_received = true;
    }
    child.rcv.wup = child.rcv.nxt;
    core.wake(listener);
}

}  // namespace

void fastopen_syn(Core& core, Tcb& listener, Tcb& child, Incoming& in) {
    const auto& o = in.options;
    const bool has_data = !in.payload.empty();
    if ((core.p.fastopen & kFastOpenServer) == 0 || (!has_data && !o.fastopen) ||
        !queue_has_room(core, listener))
        return;
    const bool free = (core.p.fastopen & kFastOpenServerNoCookie) != 0 || listener.options.fastopen_no_cookie;
    const auto valid = fastopen_cookie(server_key(core), child.remote.address, child.local.address);
    const bool shown = o.fastopen && o.cookie_size == valid.size() &&
                       std::equal(valid.begin(), valid.end(), o.cookie.begin());
    if ((free && (has_data || o.fastopen)) || (shown && o.cookie_size != 0)) {
        accept_early(core, listener, child, in);
        return;
    }
    if (!o.fastopen) return;
    // Asked for, or shown and wrong: here is one for the next time (section 4.1.2).
    child.tfo.cookie_reply = true;
    child.tfo.experimental = o.fastopen_experimental;
    std::copy(valid.begin(), valid.end(), child.tfo.cookie.begin());
    child.tfo.cookie_size = static_cast<std::uint8_t>(valid.size());
}

void fastopen_child_established(Core& core, Tcb& child) {
    Tcb* listener = child.listener ? core.find(*child.listener) : nullptr;
    if (child.tfo_listener) listener = core.find(*child.tfo_listener);
    if (listener == nullptr) return;
    if (listener->listen.fastopen_pending != 0) --listener->listen.fastopen_pending;
    auto& children = listener->listen.children;
    const auto found = std::find(children.begin(), children.end(), child.id);
    if (found != children.end()) {
        children.erase(found);
        --listener->listen.syn_queue;
    }
    child.tfo_listener.reset();
}

void fastopen_syn_ack_timeout(Core& core, Tcb& child) {
    if (child.rec.retransmits == 0) enter_loss(core, child);
    if (!child.rec.retrans_stamp) child.rec.retrans_stamp = core.now;
}

void fastopen_reset(Core& core, Tcb& t) {
    if (!t.tfo.server || t.state != TcpState::SynReceived) return;
    Tcb* listener = t.listener ? core.find(*t.listener) : nullptr;
    if (t.tfo_listener) listener = core.find(*t.tfo_listener);
    if (listener == nullptr) return;
    listener->listen.fastopen_resets.push_back(core.now + kResetKeepsPlace);
}

// ---- client

CookieEntry* cached_cookie(Core& core, const IpAddress& peer) noexcept {
    for (CookieEntry& entry : core.cookie_cache)
        if (entry.peer == peer) return &entry;
    return nullptr;
}
const CookieEntry* cached_cookie(const Core& core, const IpAddress& peer) noexcept {
    for (const CookieEntry& entry : core.cookie_cache)
        if (entry.peer == peer) return &entry;
    return nullptr;
}

bool fastopen_has_cookie(const Core& core, const Tcb& t) noexcept {
    if ((core.p.fastopen & kFastOpenClientNoCookie) != 0 || t.options.fastopen_no_cookie) return true;
    const CookieEntry* entry = cached_cookie(core, t.remote.address);
    return entry != nullptr && entry->size != 0;
}

bool fastopen_prepare(Core& core, Tcb& t) {
    t.tfo.requested = false;
    t.tfo.cookie_size = 0;
    const CookieEntry* entry = cached_cookie(core, t.remote.address);
    // The peer's MSS is known from the last time.
    if (entry != nullptr && entry->mss != 0)
        t.agreed.mss_clamp = std::min(entry->mss, t.agreed.advertised_mss);
    if (core.fastopen_off_until && core.now < *core.fastopen_off_until) return false;
    // Without a cookie the data of the SYN is the server's risk (TFO_CLIENT_NO_COOKIE).
    if ((core.p.fastopen & kFastOpenClientNoCookie) != 0 || t.options.fastopen_no_cookie) return true;
    t.tfo.requested = true;
    if (entry != nullptr) {
        t.tfo.experimental = entry->size != 0 ? entry->experimental : entry->try_experimental == 1;
        if (entry->size != 0) {
            t.tfo.cookie = entry->cookie;
            t.tfo.cookie_size = entry->size;
            t.tfo.cookie_sent = true;
            return true;
        }
    }
    t.tfo.fail = 1;  // TFO_COOKIE_UNAVAILABLE
    return false;
}

std::uint32_t fastopen_room(const Tcb& t) noexcept {
    constexpr auto kOptions = static_cast<std::uint32_t>(wire::OptionBytes::kCapacity);
    const std::uint32_t mss = std::min<std::uint32_t>(path_mss(t), t.agreed.mss_clamp);
    return mss > kOptions ? mss - kOptions : 0;
}

bool fastopen_syn_ack(Core& core, Tcb& t, const Incoming& in) {
    const bool tried = t.tfo.requested || t.tfo.data_in_syn;
    if (!tried) return false;
    const bool data_left = t.tfo.data_in_syn && !t.sent.empty();
    const bool got_cookie = t.tfo.requested && in.options.fastopen && in.options.cookie_size != 0;
    CookieEntry* entry = cached_cookie(core, t.remote.address);
    if (entry == nullptr) {
        core.cookie_cache.push_back({});
        entry = &core.cookie_cache.back();
        entry->peer = t.remote.address;
    }
    if (t.agreed.peer_mss) entry->mss = *t.agreed.peer_mss;
    if (got_cookie) {
        entry->cookie = in.options.cookie;
        entry->size = in.options.cookie_size;
        entry->experimental = in.options.fastopen_experimental;
    } else if (t.rec.total_retrans != 0) {
        // The SYN was lost and its data not taken: the path may not like it.
        if (data_left) entry->syn_data_lost = true;
    } else if (t.tfo.requested && !t.tfo.data_in_syn && entry->size == 0) {
        // No cookie: the server may know the experimental option only (try it once), or none.
        entry->try_experimental = std::max<std::uint8_t>(entry->try_experimental, t.tfo.experimental ? 2 : 1);
    }
    if (data_left) {
        t.tfo.fail = t.rec.total_retrans != 0 ? 3 : 2;  // SYN retransmitted, or data not acknowledged
        for (std::size_t i = 0; i < t.sent.size(); ++i)
            mark_lost(t, t.sent[i]);
        // Not congestion: the server chose not to take it.
        t.rec.high_seq = t.snd.nxt;
        t.cc.ssthresh = current_ssthresh(t);
        t.cc.prior_ssthresh = 0;
        t.rec.undo_marker.reset();
        set_recovery_state(core, t, Recovery::Loss, "data of the SYN was not taken");
        retransmit_lost(core, t);
        rearm_rto(core, t);
        return true;
    }
    t.tfo.syn_data_acked = t.tfo.data_in_syn;
    if (t.tfo.syn_data_acked) {
        ++core.counters.fastopen_active;
        if (t.rec.delivered > 1) --t.rec.delivered;
    }
    if (!in.payload.empty() && in.seq + 1 == t.rcv.nxt) {
        t.rcv.nxt = t.rcv.nxt + static_cast<std::uint32_t>(in.payload.size());
        t.bytes_received += in.payload.size();
        t.received.push(in.payload);
        core.wake(t);
        if (in.fin) t.rcv.nxt = t.rcv.nxt + 1;
        if (in.fin) {
            t.fin_received = true;
            enter(core, t, TcpState::CloseWait, "rcv FIN");
        }
    }
    return false;
}

}  // namespace synscope::sim::tcp
