// setsockopt and getsockopt of Sockets: Linux's names, units, limits and errors.
#include <algorithm>

#include "sim/host/sockets.hpp"
#include "sim/tcp/congestion/congestion.hpp"

namespace synscope::sim {
namespace {

using namespace linux_abi;

constexpr std::uint32_t kLeastReceiveBuffer = 2304;
constexpr std::uint32_t kLeastSendBuffer = 4608;

CallResult failed(int error) noexcept {
    return {-1, error};
}
std::uint32_t unsigned_of(std::int64_t value) noexcept {
    return static_cast<std::uint32_t>(value);
}

/// A value outside of [least, most] is EINVAL.
bool within(std::int64_t value, std::int64_t least, std::int64_t most) noexcept {
    return value >= least && value <= most;
}

/// TCP_DEFER_ACCEPT counts seconds, the kernel keeps retransmissions: of 1, 2, 4, ... seconds, no longer than
/// two minutes.
std::uint32_t retransmissions_for(std::int64_t seconds) noexcept {
    std::uint32_t count = 0;
    std::int64_t passed = 1;
    std::int64_t wait = 1;
    if (seconds <= 0) return 0;
    count = 1;
    while (passed < seconds && count < 255) {
        ++count;
        wait = std::min<std::int64_t>(wait * 2, 120);
        passed += wait;
    }
    return count;
}
std::int64_t seconds_for(std::uint32_t retransmissions) noexcept {
    if (retransmissions == 0) return 0;
    std::int64_t passed = 1;
    std::int64_t wait = 1;
    for (std::uint32_t i = 1; i < retransmissions; ++i) {
        wait = std::min<std::int64_t>(wait * 2, 120);
        passed += wait;
    }
    return passed;
}

int set_socket_level(tcp::SocketOptions& o, const tcp::Personality& p, int name, std::int64_t value,
                     std::int64_t second) noexcept {
    switch (name) {
        case kSoReuseAddr:
            o.reuse_address = value != 0;
            return 0;
        case kSoReusePort:
            return 0;
        case kSoKeepAlive:
            o.keep_alive = value != 0;
            return 0;
        case kSoOobInline:
            o.oob_inline = value != 0;
            return 0;
        case kSoLinger:
            o.linger = {value != 0, unsigned_of(second)};
            return 0;
        case kSoRcvLoWat:
            o.receive_low_water = value < 0 ? 0x7fffffffu : std::max(unsigned_of(value), 1u);
            return 0;
        case kSoRcvBuf:
        case kSoRcvBufForce: {
            const std::uint32_t most = name == kSoRcvBufForce ? 0x3fffffffu : p.rmem_max;
            o.receive_buffer = std::max(2 * std::min(unsigned_of(value), most), kLeastReceiveBuffer);
            return 0;
        }
        case kSoSndBuf:
        case kSoSndBufForce: {
            const std::uint32_t most = name == kSoSndBufForce ? 0x3fffffffu : p.wmem_max;
            o.send_buffer = std::max(2 * std::min(unsigned_of(value), most), kLeastSendBuffer);
            return 0;
        }
        default:
            return kEnoprotoopt;
    }
}

int set_keepalive(tcp::SocketOptions& o, int name, std::int64_t value) noexcept {
    const std::int64_t most = name == kTcpKeepCnt ? 127 : 32767;
    if (!within(value, 1, most)) return kEinval;
    if (name == kTcpKeepIdle) o.keep_idle = Duration::seconds(value);
    if (name == kTcpKeepIntvl) o.keep_interval = Duration::seconds(value);
    if (name == kTcpKeepCnt) o.keep_count = unsigned_of(value);
    return 0;
}

int set_tcp_level(tcp::SocketOptions& o, const tcp::Personality& p, int name, std::int64_t value) noexcept {
    switch (name) {
        case kTcpNoDelay:
            o.no_delay = value != 0;
            return 0;
        case kTcpCork:
            o.cork = value != 0;
            return 0;
        case kTcpMaxSeg:
            if (value != 0 && !within(value, 88, 32767)) return kEinval;
            o.max_segment = static_cast<std::uint16_t>(value);
            return 0;
        case kTcpKeepIdle:
        case kTcpKeepIntvl:
        case kTcpKeepCnt:
            return set_keepalive(o, name, value);
        case kTcpSynCnt:
            if (!within(value, 1, 127)) return kEinval;
            o.syn_count = unsigned_of(value);
            return 0;
        case kTcpLinger2:
            o.linger2 = Duration::seconds(value < 0 ? -1 : std::min<std::int64_t>(value, 120));
            return 0;
        case kTcpDeferAccept:
            o.defer_accept = retransmissions_for(value);
            return 0;
        case kTcpWindowClamp:
            o.window_clamp = value == 0 ? 0 : std::max(unsigned_of(value), kLeastReceiveBuffer / 2);
            return 0;
        case kTcpUserTimeout:
            if (value < 0) return kEinval;
            o.user_timeout_ms = unsigned_of(value);
            return 0;
        case kTcpFastOpen:
            if (value < 0) return kEinval;
            o.fastopen_queue = std::min(unsigned_of(value), p.somaxconn);
            return 0;
        case kTcpFastOpenConnect:
            if (!within(value, 0, 1)) return kEinval;
            if ((p.fastopen & tcp::kFastOpenClient) == 0) return kEopnotsupp;
            o.fastopen_connect = value != 0;
            return 0;
        case kTcpFastOpenNoCookie:
            o.fastopen_no_cookie = value != 0;
            return 0;
        case kTcpNotSentLoWat:
            o.notsent_lowat = unsigned_of(value);
            return 0;
        case kTcpThinLinearTimeouts:
            o.thin_linear_timeouts = value != 0;
            return 0;
        case kTcpSaveSyn:
            o.save_syn = value != 0;
            return 0;
        default:
            return kEnoprotoopt;
    }
}

std::optional<std::int64_t> get_tcp_level(const tcp::Tcb& t, const tcp::Personality& p, int name) noexcept {
    const tcp::SocketOptions& o = t.options;
    const auto seconds = [](Duration d) { return d.ns / 1'000'000'000; };
    switch (name) {
        case kTcpNoDelay:
            return o.no_delay;
        case kTcpCork:
            return o.cork;
        case kTcpMaxSeg:
            if (o.max_segment != 0 && (t.state == TcpState::Closed || t.state == TcpState::Listen))
                return o.max_segment;
            return t.mss_cache;
        case kTcpKeepIdle:
            return seconds(o.keep_idle.value_or(p.keepalive_time));
        case kTcpKeepIntvl:
            return seconds(o.keep_interval.value_or(p.keepalive_interval));
        case kTcpKeepCnt:
            return o.keep_count.value_or(p.keepalive_probes);
        case kTcpSynCnt:
            return o.syn_count.value_or(p.syn_retries);
        case kTcpLinger2:
            return o.linger2 ? (o.linger2->ns < 0 ? -1 : seconds(*o.linger2)) : seconds(p.fin_timeout);
        case kTcpDeferAccept:
            return seconds_for(o.defer_accept);
        case kTcpWindowClamp:
            return t.rcv.clamp;
        case kTcpQuickAck:
            return t.ack.pingpong == 0;
        case kTcpUserTimeout:
            return o.user_timeout_ms;
        case kTcpFastOpen:
            return o.fastopen_queue;
        case kTcpFastOpenConnect:
            return o.fastopen_connect;
        case kTcpFastOpenNoCookie:
            return o.fastopen_no_cookie;
        case kTcpNotSentLoWat:
            return o.notsent_lowat.value_or(0);
        case kTcpThinLinearTimeouts:
            return o.thin_linear_timeouts;
        case kTcpSaveSyn:
            return o.save_syn;
        default:
            return std::nullopt;
    }
}

std::optional<std::int64_t> get_socket_level(const tcp::Tcb& t, int name) noexcept {
    const tcp::SocketOptions& o = t.options;
    switch (name) {
        case kSoReuseAddr:
            return o.reuse_address;
        case kSoType:
            return kSockStream;
        case kSoSndBuf:
            return t.send_buffer;
        case kSoRcvBuf:
            return t.rcv.buffer;
        case kSoKeepAlive:
            return o.keep_alive;
        case kSoOobInline:
            return o.oob_inline;
        case kSoLinger:
            return o.linger.on ? std::int64_t{o.linger.seconds} : -1;
        case kSoRcvLoWat:
            return o.receive_low_water;
        case kSoAcceptConn:
            return t.state == TcpState::Listen;
        case kSoProtocol:
            return kIpprotoTcp;
        case kSoDomain:
            return kAfInet;
        default:
            return std::nullopt;
    }
}

}  // namespace

CallResult Sockets::set_option(Instant now, int fd, int level, int name, std::int64_t value,
                               std::int64_t second) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return failed(kEbadf);
    if (stack_.find(d->id) == nullptr) return failed(kEinval);
    if (level == kIpprotoTcp && name == kTcpQuickAck) {
        stack_.set_quick_ack(now, d->id, value != 0);
        return {};
    }
    tcp::SocketOptions options = stack_.options(d->id);
    int error = kEnoprotoopt;
    if (level == kSolSocket) error = set_socket_level(options, stack_.personality(), name, value, second);
    if (level == kIpprotoTcp) error = set_tcp_level(options, stack_.personality(), name, value);
    if (level == kIpprotoIp && name == kIpTos) {
        options.traffic_class = static_cast<std::uint8_t>(value);
        error = 0;
    }
    if (level == kIpprotoIp && name == kIpTtl) {
        if (value != -1 && !within(value, 1, 255)) return failed(kEinval);
        options.time_to_live = value == -1 ? std::uint8_t{0} : static_cast<std::uint8_t>(value);
        error = 0;
    }
    if (error != 0) return failed(error);
    stack_.set_options(now, d->id, options);
    return {};
}

CallResult Sockets::set_congestion(Instant now, int fd, std::string_view name) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return failed(kEbadf);
    constexpr int kEnoent = 2;
    tcp::SocketOptions options = stack_.options(d->id);
    if (name == "cubic") {
        options.congestion = tcp::CongestionAlgorithm::Cubic;
    } else if (name == "reno") {
        options.congestion = tcp::CongestionAlgorithm::Reno;
    } else if (name == "none") {
        options.congestion = tcp::CongestionAlgorithm::None;
    } else {
        return failed(kEnoent);
    }
    stack_.set_options(now, d->id, options);
    return {};
}

std::string_view Sockets::congestion(int fd) const {
    const Descriptor* d = find(fd);
    if (d == nullptr) return {};
    return tcp::congestion_name(stack_.options(d->id).congestion.value_or(stack_.personality().congestion));
}

CallResult Sockets::get_option(Instant, int fd, int level, int name) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return failed(kEbadf);
    const tcp::Tcb* t = stack_.find(d->id);
    if (t == nullptr) return failed(kEinval);
    if (level == kSolSocket && name == kSoError) return {static_cast<int>(stack_.take_error(d->id)), 0};
    std::optional<std::int64_t> value;
    if (level == kSolSocket) value = get_socket_level(*t, name);
    if (level == kIpprotoTcp) value = get_tcp_level(*t, stack_.personality(), name);
    if (level == kIpprotoIp && name == kIpTos) value = t->options.traffic_class;
    if (level == kIpprotoIp && name == kIpTtl)
        value = t->options.time_to_live != 0 ? t->options.time_to_live : stack_.personality().ttl;
    if (!value) return failed(kEnoprotoopt);
    return {*value, 0};
}

std::optional<tcp::TcpInfo> Sockets::info(Instant now, int fd) const {
    const Descriptor* d = find(fd);
    if (d == nullptr) return std::nullopt;
    return stack_.info(now, d->id);
}

}  // namespace synscope::sim
