#include "sim/packetdrill/socket_options.hpp"

#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

namespace synscope::packetdrill {
namespace {

using sim::tcp::CongestionAlgorithm;
using sim::tcp::Error;
using sim::tcp::Personality;
using sim::tcp::SocketOptions;
using sim::tcp::Stack;
using sim::tcp::Tcb;

constexpr int kLeastMss = 88;       // TCP_MIN_MSS
constexpr int kMostMss = 32767;     // MAX_TCP_WINDOW
constexpr int kLeastSndbuf = 4608;  // SOCK_MIN_SNDBUF
constexpr int kLeastRcvbuf = 2304;  // SOCK_MIN_RCVBUF
constexpr std::uint8_t kEcnBits = 3;

/// One socket, with everything an option may touch.
struct Subject {
    Stack& stack;
    Instant now;
    SocketId socket;
    SocketOptions options;
    bool fresh = false;  ///< CLOSED: no connection yet
    bool listens = false;
};

/// Options of IP may be given as a byte (ip(7)).
std::optional<int> as_int(int level, ByteSpan value) {
    int number = 0;
    if (level == IPPROTO_IP && value.size() == 1) return load_u8(value, 0);
    if (value.size() < sizeof number) return std::nullopt;
    std::memcpy(&number, value.data(), sizeof number);
    return number;
}

/// How many retransmissions of the SYN-ACK fit into `seconds`: 1, 3, 7, ... s.
std::uint32_t retransmissions_in(int seconds) {
    std::uint32_t count = 0;
    for (int passed = 0, timeout = 1; passed < seconds && count < 255; ++count) {
        passed += timeout;
        timeout = std::min(timeout * 2, 120);
    }
    return count;
}
int seconds_of(std::uint32_t retransmissions) {
    int passed = 0;
    for (int timeout = 1; retransmissions > 0; --retransmissions) {
        passed += timeout;
        timeout = std::min(timeout * 2, 120);
    }
    return passed;
}

std::uint32_t kept_size(int asked, std::uint32_t limit, int least, const Personality& p) {
    const auto wanted = std::min(static_cast<std::uint32_t>(std::max(asked, 0)), limit);
    if (p.option_order == sim::tcp::OptionOrder::FreeBsd) return wanted;  // Linux alone doubles it
    return std::max(wanted * 2, static_cast<std::uint32_t>(least));
}

Error set_socket_level(Subject& s, int name, int value, ByteSpan bytes) {
    const Personality& p = s.stack.personality();
    switch (name) {
        case SO_REUSEADDR:
            s.options.reuse_address = value != 0;
            return Error::None;
        case SO_KEEPALIVE:
            s.options.keep_alive = value != 0;
            return Error::None;
        case SO_OOBINLINE:
            s.options.oob_inline = value != 0;
            return Error::None;
        case SO_RCVLOWAT:
            s.options.receive_low_water = static_cast<std::uint32_t>(std::max(value, 1));
            return Error::None;
        case SO_SNDBUF:
            s.options.send_buffer = kept_size(value, p.wmem_max, kLeastSndbuf, p);
            return Error::None;
        case SO_SNDBUFFORCE:
            s.options.send_buffer = kept_size(value, 0x7fffffff, kLeastSndbuf, p);
            return Error::None;
        case SO_RCVBUF:
            s.options.receive_buffer = kept_size(value, p.rmem_max, kLeastRcvbuf, p);
            return Error::None;
        case SO_RCVBUFFORCE:
            s.options.receive_buffer = kept_size(value, 0x7fffffff, kLeastRcvbuf, p);
            return Error::None;
        case SO_LINGER: {
            linger asked{};
            if (bytes.size() < sizeof asked) return Error::Invalid;
            std::memcpy(&asked, bytes.data(), sizeof asked);
            s.options.linger = {asked.l_onoff != 0, static_cast<std::uint32_t>(std::max(asked.l_linger, 0))};
            return Error::None;
        }
        // Of no consequence on a host with one process and one interface.
        case SO_REUSEPORT:
        case SO_PRIORITY:
        case SO_MARK:
        case SO_BINDTODEVICE:
        case SO_MAX_PACING_RATE:
            return Error::None;
        default:
            return Error::NoProtocolOption;
    }
}

Error set_keep_alive(Subject& s, int name, int value) {
    const bool count = name == TCP_KEEPCNT || name == TCP_SYNCNT;
    if (value < 1 || value > (count ? 127 : 32767)) return Error::Invalid;
    switch (name) {
        case TCP_KEEPIDLE:
            s.options.keep_idle = Duration::seconds(value);
            break;
        case TCP_KEEPINTVL:
            s.options.keep_interval = Duration::seconds(value);
            break;
        case TCP_KEEPCNT:
            s.options.keep_count = static_cast<std::uint32_t>(value);
            break;
        default:
            s.options.syn_count = static_cast<std::uint32_t>(value);
            break;
    }
    return Error::None;
}

Error set_fast_open(Subject& s, int name, int value, ByteSpan bytes) {
    Personality p = s.stack.personality();
    switch (name) {
        case TCP_FASTOPEN:
            if (value < 0 || (!s.fresh && !s.listens)) return Error::Invalid;
            s.options.fastopen_queue = static_cast<std::uint32_t>(value);
            return Error::None;
        case TCP_FASTOPEN_CONNECT:
            if (value < 0 || value > 1) return Error::Invalid;
            if ((p.fastopen & sim::tcp::kFastOpenClient) == 0) return Error::NotSupported;
            if (!s.fresh) return Error::Invalid;
            s.options.fastopen_connect = value == 1;
            return Error::None;
        case TCP_FASTOPEN_NO_COOKIE:
            if (value < 0 || value > 1 || (!s.fresh && !s.listens)) return Error::Invalid;
            s.options.fastopen_no_cookie = value == 1;
            return Error::None;
        default:  // TCP_FASTOPEN_KEY: one key or two, of which the first makes cookies
            if (bytes.size() != 16 && bytes.size() != 32) return Error::Invalid;
            for (std::size_t i = 0; i < p.fastopen_key.size(); ++i)
                p.fastopen_key[i] = load_le32(bytes, 4 * i);
            p.has_fastopen_key = true;
            s.stack.set_personality(p);
            return Error::None;
    }
}

std::optional<CongestionAlgorithm> algorithm_of(ByteSpan name) {
    std::string_view text{reinterpret_cast<const char*>(name.data()), name.size()};
    text = text.substr(0, text.find('\0'));
    if (text == "cubic") return CongestionAlgorithm::Cubic;
    if (text == "reno" || text == "newreno") return CongestionAlgorithm::Reno;
    return std::nullopt;
}

Error set_congestion(Subject& s, ByteSpan bytes) {
    s.options.congestion = algorithm_of(bytes);
    return s.options.congestion ? Error::None : Error{2};  // ENOENT: no such module
}

Error set_tcp_level(Subject& s, int name, int value, ByteSpan bytes) {
    switch (name) {
        case TCP_NODELAY:
            s.options.no_delay = value != 0;
            return Error::None;
        case TCP_CORK:
            s.options.cork = value != 0;
            return Error::None;
        case TCP_MAXSEG:
            if (value != 0 && (value < kLeastMss || value > kMostMss)) return Error::Invalid;
            s.options.max_segment = static_cast<std::uint16_t>(value);
            return Error::None;
        case TCP_KEEPIDLE:
        case TCP_KEEPINTVL:
        case TCP_KEEPCNT:
        case TCP_SYNCNT:
            return set_keep_alive(s, name, value);
        case TCP_USER_TIMEOUT:
            if (value < 0) return Error::Invalid;
            s.options.user_timeout_ms = static_cast<std::uint32_t>(value);
            return Error::None;
        case TCP_NOTSENT_LOWAT:
            s.options.notsent_lowat = static_cast<std::uint32_t>(value);
            return Error::None;
        case TCP_WINDOW_CLAMP:
            s.options.window_clamp = static_cast<std::uint32_t>(value);
            return Error::None;
        case TCP_DEFER_ACCEPT:
            s.options.defer_accept = retransmissions_in(value);
            return Error::None;
        case TCP_LINGER2:
            s.options.linger2 = Duration::seconds(value < 0 ? -1 : value);
            return Error::None;
        case TCP_THIN_LINEAR_TIMEOUTS:
            s.options.thin_linear_timeouts = value != 0;
            return Error::None;
        case TCP_SAVE_SYN:
            s.options.save_syn = value != 0;
            return Error::None;
        case TCP_QUICKACK:
            s.stack.set_quick_ack(s.now, s.socket, value != 0);
            return Error::None;
        case TCP_CONGESTION:
            return set_congestion(s, bytes);
        case TCP_FASTOPEN:
        case TCP_FASTOPEN_CONNECT:
        case TCP_FASTOPEN_NO_COOKIE:
        case TCP_FASTOPEN_KEY:
            return set_fast_open(s, name, value, bytes);
        case TCP_INQ:
            return value < 0 || value > 1 ? Error::Invalid : Error::None;  // the descriptor keeps it
        case TCP_TIMESTAMP:
            return Error::None;
        default:
            return Error::NoProtocolOption;
    }
}

Error set_ip_level(Subject& s, int name, int value) {
    switch (name) {
        case IP_TOS:
            s.options.traffic_class = static_cast<std::uint8_t>(value & ~kEcnBits);
            return Error::None;
        case IP_TTL:
            if (value != -1 && (value < 1 || value > 255)) return Error::Invalid;
            s.options.time_to_live = static_cast<std::uint8_t>(value == -1 ? 0 : value);
            return Error::None;
        case IP_MTU_DISCOVER:
        case IP_RECVERR:
        case IP_FREEBIND:
            return Error::None;
        default:
            return Error::NoProtocolOption;
    }
}

// ---- getsockopt
// --------------------------------------------------------------------------------------------

std::optional<int> get_socket_level(Subject& s, const Tcb* tcb, int name) {
    switch (name) {
        case SO_ERROR:
            return static_cast<int>(s.stack.take_error(s.socket));
        case SO_REUSEADDR:
            return s.options.reuse_address ? 1 : 0;
        case SO_KEEPALIVE:
            return s.options.keep_alive ? 1 : 0;
        case SO_OOBINLINE:
            return s.options.oob_inline ? 1 : 0;
        case SO_RCVLOWAT:
            return static_cast<int>(s.options.receive_low_water);
        case SO_ACCEPTCONN:
            return s.listens ? 1 : 0;
        case SO_TYPE:
            return SOCK_STREAM;
        case SO_PROTOCOL:
            return IPPROTO_TCP;
        case SO_SNDBUF:
            if (tcb != nullptr && tcb->send_buffer != 0) return static_cast<int>(tcb->send_buffer);
            return static_cast<int>(s.options.send_buffer.value_or(s.stack.personality().wmem.initial));
        case SO_RCVBUF:
            if (tcb != nullptr && tcb->rcv.buffer != 0) return static_cast<int>(tcb->rcv.buffer);
            return static_cast<int>(s.options.receive_buffer.value_or(s.stack.personality().rmem.initial));
        default:
            return std::nullopt;
    }
}

int seconds(Duration d) {
    return static_cast<int>(d.ns / Duration::seconds(1).ns);
}

std::optional<int> get_tcp_level(const Subject& s, const Tcb* tcb, int name) {
    const Personality& p = s.stack.personality();
    const SocketOptions& o = s.options;
    switch (name) {
        case TCP_NODELAY:
            return o.no_delay ? 1 : 0;
        case TCP_CORK:
            return o.cork ? 1 : 0;
        case TCP_MAXSEG:
            if (o.max_segment != 0 && (s.fresh || s.listens)) return o.max_segment;
            return tcb == nullptr ? int{p.default_mss} : static_cast<int>(tcb->mss_cache);
        case TCP_KEEPIDLE:
            return seconds(o.keep_idle.value_or(p.keepalive_time));
        case TCP_KEEPINTVL:
            return seconds(o.keep_interval.value_or(p.keepalive_interval));
        case TCP_KEEPCNT:
            return static_cast<int>(o.keep_count.value_or(p.keepalive_probes));
        case TCP_SYNCNT:
            return static_cast<int>(o.syn_count.value_or(p.syn_retries));
        case TCP_USER_TIMEOUT:
            return static_cast<int>(o.user_timeout_ms);
        case TCP_NOTSENT_LOWAT:
            return static_cast<int>(o.notsent_lowat.value_or(0));
        case TCP_WINDOW_CLAMP:
            return static_cast<int>(tcb == nullptr ? o.window_clamp : tcb->rcv.clamp);
        case TCP_DEFER_ACCEPT:
            return seconds_of(o.defer_accept);
        case TCP_LINGER2:
            return o.linger2 ? seconds(*o.linger2) : seconds(p.fin_timeout);
        case TCP_QUICKACK:
            return tcb == nullptr || tcb->ack.pingpong == 0 ? 1 : 0;
        case TCP_FASTOPEN:
            return static_cast<int>(o.fastopen_queue);
        case TCP_FASTOPEN_CONNECT:
            return o.fastopen_connect ? 1 : 0;
        case TCP_FASTOPEN_NO_COOKIE:
            return o.fastopen_no_cookie ? 1 : 0;
        default:
            return std::nullopt;
    }
}

std::optional<int> get_ip_level(const Subject& s, const Tcb* tcb, int name) {
    switch (name) {
        case IP_TOS:
            return s.options.traffic_class;
        case IP_TTL:
            return s.options.time_to_live != 0 ? s.options.time_to_live : s.stack.personality().ttl;
        case IP_MTU:
            if (tcb == nullptr || s.fresh || s.listens) return std::nullopt;
            return tcb->path_mtu;
        default:
            return std::nullopt;
    }
}

std::size_t copy_value(const void* value, std::size_t size, MutableByteSpan out) {
    const std::size_t copied = std::min(size, out.size());
    std::memcpy(out.data(), value, copied);
    return copied;
}

/// The sizes of the socket's memory (sock_diag); what a simulated socket has of it.
std::size_t write_memory(const Subject& s, const Tcb* tcb, MutableByteSpan out) {
    std::array<std::uint32_t, SK_MEMINFO_VARS> sizes{};
    if (tcb != nullptr) {
        sizes[SK_MEMINFO_RCVBUF] = tcb->rcv.buffer;
        sizes[SK_MEMINFO_SNDBUF] = tcb->send_buffer;
        sizes[SK_MEMINFO_RMEM_ALLOC] = s.stack.unread(s.socket);
        sizes[SK_MEMINFO_WMEM_QUEUED] = s.stack.unacknowledged(s.socket);
    }
    std::fill(out.begin(), out.end(), std::byte{0});
    copy_value(sizes.data(), sizeof sizes, out);
    return out.size();
}

/// Options whose value is not one int.
std::optional<std::size_t> get_structure(const Subject& s, const Tcb* tcb, OptionName option,
                                         MutableByteSpan out) {
    if (option.level == SOL_SOCKET && option.name == SO_LINGER) {
        const linger value{s.options.linger.on ? 1 : 0, static_cast<int>(s.options.linger.seconds)};
        return copy_value(&value, sizeof value, out);
    }
    if (option.level == SOL_SOCKET && option.name == SO_MEMINFO) return write_memory(s, tcb, out);
    if (option.level != IPPROTO_TCP) return std::nullopt;
    if (option.name == TCP_INFO) {
        write_tcp_info(s.stack.info(s.now, s.socket), out);
        return out.size();
    }
    if (option.name == TCP_CC_INFO) return 0;
    if (option.name == TCP_CONGESTION) {
        std::array<char, 16> name{};
        const auto text =
            sim::tcp::congestion_name(s.options.congestion.value_or(s.stack.personality().congestion));
        text.copy(name.data(), name.size() - 1);
        return copy_value(name.data(), name.size(), out);
    }
    if (option.name == TCP_FASTOPEN_KEY) {
        std::array<std::byte, 16> key{};
        for (std::size_t i = 0; i < 4; ++i)
            store_le32(key, 4 * i, s.stack.personality().fastopen_key[i]);
        return copy_value(key.data(), key.size(), out);
    }
    return std::nullopt;
}

Subject subject(Stack& stack, Instant now, SocketId socket) {
    const Tcb* tcb = stack.find(socket);
    return Subject{stack,
                   now,
                   socket,
                   stack.options(socket),
                   tcb == nullptr || tcb->state == TcpState::Closed,
                   tcb != nullptr && tcb->state == TcpState::Listen};
}

}  // namespace

Error set_option(Stack& stack, Instant now, SocketId socket, OptionName option, ByteSpan value) {
    Subject s = subject(stack, now, socket);
    const bool text = option.level == IPPROTO_TCP && option.name == TCP_CONGESTION;
    const auto number = as_int(option.level, value);
    if (!number && !text) return Error::Invalid;
    Error error = Error::NoProtocolOption;
    if (option.level == SOL_SOCKET) error = set_socket_level(s, option.name, *number, value);
    if (option.level == IPPROTO_TCP) error = set_tcp_level(s, option.name, number.value_or(0), value);
    if (option.level == IPPROTO_IP) error = set_ip_level(s, option.name, *number);
    if (option.level == IPPROTO_IPV6) error = Error::None;
    if (error != Error::None) return error;
    stack.set_options(now, socket, s.options);
    // Asked for again it still pushes.
    if (option.level == IPPROTO_TCP && option.name == TCP_NODELAY && s.options.no_delay)
        stack.set_no_delay(now, socket);
    return error;
}

Result<std::size_t, Error> get_option(Stack& stack, Instant now, SocketId socket, OptionName option,
                                      MutableByteSpan out) {
    Subject s = subject(stack, now, socket);
    const Tcb* tcb = stack.find(socket);
    if (const auto size = get_structure(s, tcb, option, out)) return *size;
    std::optional<int> value;
    if (option.level == SOL_SOCKET) value = get_socket_level(s, tcb, option.name);
    if (option.level == IPPROTO_TCP) value = get_tcp_level(s, tcb, option.name);
    if (option.level == IPPROTO_IP) value = get_ip_level(s, tcb, option.name);
    if (!value) return failure(Error::NoProtocolOption);
    return copy_value(&*value, sizeof *value, out);
}

}  // namespace synscope::packetdrill
