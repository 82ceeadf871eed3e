// The calls on a socket of datagrams (UDP, RFC 768).
#include <utility>

#include "net/base/text.hpp"
#include "sim/run/calls.hpp"
#include "sim/scenario/datagrams.hpp"

namespace synscope::sim {

namespace {

// Linux's numbers.
constexpr std::int64_t kInet = 2;         // AF_INET
constexpr std::int64_t kDatagram = 2;     // SOCK_DGRAM
constexpr std::int64_t kTruncate = 0x20;  // MSG_TRUNC
constexpr std::int64_t kDontWait = 0x40;  // MSG_DONTWAIT

/// Beside those of TCP, which its stack numbers from 0.
constexpr std::uint32_t kFirstSocket = 0x8000'0000;

/// What Linux tells a connected socket of an ICMP message: of "destination unreachable" the codes that are
/// final; others (no way to the host now, time exceeded) may pass, and it says nothing (RFC 1122
/// section 4.2.3.9 says so of TCP).
tcp::Error error_of(const IcmpError& icmp) noexcept {
    constexpr std::uint8_t kUnreachable = 3;
    if (icmp.type != kUnreachable) return tcp::Error::None;
    switch (icmp.code) {
        case 2:  // protocol
            return tcp::Error::NoProtocolOption;
        case 3:  // port
            return tcp::Error::ConnectionRefused;
        case 6:  // network unknown
            return tcp::Error::NetworkUnreachable;
        case 7:  // host unknown
            return tcp::Error::HostDown;
        case 13:  // filtered
            return tcp::Error::HostUnreachable;
        default:
            return tcp::Error::None;
    }
}

}  // namespace

Task<Returned> Calls::datagram_socket(SimSocket& out, int line) {
    co_await process_.sleep(kBetween);
    out = SimSocket{};
    const Entered entered = enter(Syscall::Socket, nullptr, {kInet, kDatagram}, line);
    co_await process_.sleep(kEntry + kExit);
    out.datagram = true;
    out.id = SocketId{kFirstSocket + datagram_sockets_++};
    out.fd = free_fd();
    co_return leave(entered, out.fd, tcp::Error::None);
}

tcp::Error Calls::take_port(SimSocket& s, const Endpoint& to) {
    if (s.local.port != 0) return tcp::Error::Invalid;
    s.local = to;
    if (to.port == 0)
        s.local.port = udp().bind_any().value_or(0);
    else if (!udp().bind(to.port))
        s.local.port = 0;
    if (s.local.port == 0) return tcp::Error::AddressInUse;
    if (s.receive_buffer) udp().set_buffer(s.local.port, *s.receive_buffer);
    return tcp::Error::None;
}

tcp::Error Calls::take_datagram_error(const SimSocket& s) {
    tcp::Error last = tcp::Error::None;
    while (const auto icmp = udp().take_error(s.local.port)) {
        // Only a connected socket is told, and of its peer (RFC 1122 section 4.1.3.3 leaves it to the host).
        const tcp::Error error =
            s.remote.port != 0 && icmp->destination == s.remote ? error_of(*icmp) : tcp::Error::None;
        if (error != tcp::Error::None) last = error;
    }
    return last;
}

Task<Returned> Calls::connect_datagrams(SimSocket& s, Endpoint to, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Connect, &s, {}, line);
    co_await process_.sleep(kEntry + kExit);
    const auto from = process_.machine().address_towards(to.address);
    tcp::Error error = from ? tcp::Error::None : tcp::Error::NetworkUnreachable;
    if (from && s.local.port == 0) error = take_port(s, {*from, 0});
    if (error == tcp::Error::None) {
        s.remote = to;
        udp().connect(s.local.port, to);
    }
    const Returned result = leave(entered, error == tcp::Error::None ? 0 : -1, error);
    if (result.ok()) name(s, SocketRole::Datagram, result.event);
    co_return result;
}

Task<Returned> Calls::send_datagram(SimSocket& s, ByteSpan bytes, std::optional<Endpoint> to, int line) {
    co_await process_.sleep(kBetween);
    const auto size = static_cast<std::int64_t>(bytes.size());
    const Entered entered = enter(to ? Syscall::Sendto : Syscall::Send, &s, {size, 0}, line);
    co_await process_.sleep(kEntry);
    act(entered);
    const Endpoint destination = to.value_or(s.remote);
    tcp::Error error = take_datagram_error(s);
    if (error == tcp::Error::None && destination.port == 0) error = tcp::Error::DestinationRequired;
    if (error == tcp::Error::None && bytes.size() > scenario::kMaxDatagramBytes)
        error = tcp::Error::MessageSize;
    if (error == tcp::Error::None && !process_.machine().address_towards(destination.address))
        error = tcp::Error::NetworkUnreachable;
    if (error == tcp::Error::None)
        process_.machine().host().send_udp(process_.machine().fabric(), s.local, destination,
                                           Payload::copy_of(bytes));
    co_await process_.sleep(kExit);
    co_return leave(entered, error == tcp::Error::None ? size : -1, error, &s);
}

Task<Returned> Calls::recvfrom(SimSocket& s, MutableByteSpan into, bool wait, Endpoint& from, int line) {
    co_await process_.sleep(kBetween);
    const auto room = static_cast<std::int64_t>(into.size());
    Entered entered = enter(Syscall::Recvfrom, &s, {room, kTruncate | (wait ? 0 : kDontWait)}, line);
    entered.room = into.size();
    co_await process_.sleep(kEntry);
    std::optional<UdpArrival> arrival;
    tcp::Error error = tcp::Error::None;
    for (;;) {
        error = take_datagram_error(s);
        if (error != tcp::Error::None) break;
        arrival = udp().take(s.local.port);
        if (arrival) break;
        error = tcp::Error::Again;
        if (!wait) break;
        co_await process_.event();
    }
    co_await process_.sleep(kExit);
    if (!arrival) co_return leave(entered, -1, error, &s);
    from = arrival->from;
    const ByteSpan bytes = arrival->payload.span();
    const ByteSpan taken = bytes.first(std::min(bytes.size(), into.size()));
    std::copy(taken.begin(), taken.end(), into.begin());
    const auto length = static_cast<std::int64_t>(bytes.size());
    const Returned result = leave(entered, length, tcp::Error::None, &s);
    if (length > room)
        emit(result.event, Note{Severity::Warning, recorder_.out().intern(concat(
                                                       "a datagram of ", length, " bytes from ", from.text(),
                                                       ": recvfrom asked for ", room, ", and the other ",
                                                       length - room, " are lost"))});
    co_return result;
}

SimSocket Calls::datagram_peer(const SimSocket& s, const Endpoint& peer) {
    SimSocket out;
    out.datagram = true;
    out.id = SocketId{kFirstSocket + datagram_sockets_++};
    out.local = s.local;
    out.remote = peer;
    name(out, SocketRole::Datagram, std::nullopt);
    return out;
}

}  // namespace synscope::sim
