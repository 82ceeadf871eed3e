// Socket options of a scenario, as calls: Linux's levels and numbers, and what its setsockopt does with the
// values.
#include <algorithm>
#include <utility>

#include "sim/run/calls.hpp"

namespace synscope::sim {

namespace {

constexpr int kSocketLevel = 1;  // SOL_SOCKET
constexpr int kTcpLevel = 6;     // IPPROTO_TCP

/// socket(7): the kernel doubles what it is given, within its limits.
std::uint32_t doubled(int bytes, std::uint32_t most, std::uint32_t least) {
    const auto asked = static_cast<std::uint32_t>(std::max(bytes, 0));
    return std::max(std::min(asked, most) * 2, least);
}

std::optional<tcp::CongestionAlgorithm> congestion_named(std::string_view name) {
    for (const auto algorithm :
         {tcp::CongestionAlgorithm::Cubic, tcp::CongestionAlgorithm::Reno, tcp::CongestionAlgorithm::None})
        if (tcp::congestion_name(algorithm) == name) return algorithm;
    return std::nullopt;
}

}  // namespace

template <class Change>
Task<Returned> Calls::option(SimSocket& s, int level, int number, int line, Change change) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Setsockopt, &s, {level, number}, line);
    co_await process_.sleep(kEntry);
    act(entered);
    tcp::SocketOptions options = s.datagram ? tcp::SocketOptions{} : tcp().options(s.id);
    const tcp::Error error = change(options);
    if (error == tcp::Error::None && s.datagram && options.receive_buffer)
        s.receive_buffer = options.receive_buffer;
    if (error == tcp::Error::None && !s.datagram) tcp().set_options(now(), s.id, options);
    process_.machine().pump();
    co_await process_.sleep(kExit);
    co_return leave(entered, error == tcp::Error::None ? 0 : -1, error);
}

Task<Returned> Calls::set_linger_0(SimSocket& s, int line) {
    scenario::SocketOptions reset;
    reset.linger_s = 0;
    const Returned result = co_await set_options(s, reset, line);
    co_return result;
}

Task<Returned> Calls::set_options(SimSocket& s, const scenario::SocketOptions& o, int line) {
    using tcp::Error;
    using tcp::SocketOptions;
    constexpr std::uint32_t kLeastReceive = 2304;  // SOCK_MIN_RCVBUF
    constexpr std::uint32_t kLeastSend = 4608;     // SOCK_MIN_SNDBUF
    Returned r;
    // One call after the other; `set` makes one of them.
    const auto set = [&](int level, int number, auto change) {
        return option(s, level, number, line, [change](SocketOptions& all) {
            change(all);
            return Error::None;
        });
    };
    if (o.receive_buffer) {
        const std::uint32_t bytes = doubled(*o.receive_buffer, tcp().personality().rmem_max, kLeastReceive);
        r = co_await set(kSocketLevel, 8, [bytes](SocketOptions& all) { all.receive_buffer = bytes; });
    }
    if (r.ok() && o.send_buffer) {
        const std::uint32_t bytes = doubled(*o.send_buffer, tcp().personality().wmem_max, kLeastSend);
        r = co_await set(kSocketLevel, 7, [bytes](SocketOptions& all) { all.send_buffer = bytes; });
    }
    if (r.ok() && o.no_delay)
        r = co_await set(kTcpLevel, 1, [v = *o.no_delay](SocketOptions& all) { all.no_delay = v; });
    if (r.ok() && o.quick_ack) {
        r = co_await set(kTcpLevel, 12, [](SocketOptions&) {});
        tcp().set_quick_ack(now(), s.id, *o.quick_ack);
        process_.machine().pump();
    }
    if (r.ok() && o.cork) r = co_await set(kTcpLevel, 3, [v = *o.cork](SocketOptions& all) { all.cork = v; });
    if (r.ok() && o.keep_alive)
        r = co_await set(kSocketLevel, 9, [v = *o.keep_alive](SocketOptions& all) { all.keep_alive = v; });
    if (r.ok() && o.keep_alive_idle_s)
        r = co_await set(kTcpLevel, 4, [v = *o.keep_alive_idle_s](SocketOptions& all) {
            all.keep_idle = Duration::seconds(v);
        });
    if (r.ok() && o.keep_alive_interval_s)
        r = co_await set(kTcpLevel, 5, [v = *o.keep_alive_interval_s](SocketOptions& all) {
            all.keep_interval = Duration::seconds(v);
        });
    if (r.ok() && o.keep_alive_count)
        r = co_await set(kTcpLevel, 6, [v = *o.keep_alive_count](SocketOptions& all) {
            all.keep_count = static_cast<std::uint32_t>(v);
        });
    if (r.ok()) r = co_await set_more_options(s, o, line);
    co_return r;
}

Task<Returned> Calls::set_more_options(SimSocket& s, const scenario::SocketOptions& o, int line) {
    using tcp::Error;
    using tcp::SocketOptions;
    Returned r;
    const auto set = [&](int level, int number, auto change) {
        return option(s, level, number, line, [change](SocketOptions& all) {
            change(all);
            return Error::None;
        });
    };
    if (o.user_timeout_ms)
        r = co_await set(kTcpLevel, 18, [v = *o.user_timeout_ms](SocketOptions& all) {
            all.user_timeout_ms = static_cast<std::uint32_t>(v);
        });
    if (r.ok() && o.max_segment)
        r = co_await set(kTcpLevel, 2, [v = *o.max_segment](SocketOptions& all) {
            all.max_segment = static_cast<std::uint16_t>(v);
        });
    if (r.ok() && o.syn_retries)
        r = co_await set(kTcpLevel, 7, [v = *o.syn_retries](SocketOptions& all) {
            all.syn_count = static_cast<std::uint32_t>(v);
        });
    if (r.ok() && o.congestion) {
        const auto algorithm = congestion_named(*o.congestion);
        r = co_await option(s, kTcpLevel, 13, line, [algorithm](SocketOptions& all) {
            if (!algorithm) return Error::Invalid;
            all.congestion = algorithm;
            return Error::None;
        });
    }
    if (r.ok() && o.linger_s)
        r = co_await set(kSocketLevel, 13, [v = *o.linger_s](SocketOptions& all) {
            all.linger = {true, static_cast<std::uint32_t>(v)};
        });
    co_return r;
}

}  // namespace synscope::sim
