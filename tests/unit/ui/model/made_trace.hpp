#pragma once
// A trace made by hand: packets by their relative numbers, calls, busy spans, messages. For tests of models
// and pictures, which need no store and no capture.

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "capture/track/tracker.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model::test {

inline constexpr std::uint16_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10;

class MadeTrace final : public TraceSource {
  public:
    static constexpr ActorId kCapture{0}, kClient{1}, kServer{2};
    static constexpr SocketId kClientSocket{1}, kServerSocket{2}, kListener{1};

    // ---- TraceSource
    [[nodiscard]] std::size_t size() const override { return events_.size(); }
    [[nodiscard]] Event event(EventId id) const override { return events_[id.value]; }
    [[nodiscard]] PacketBytes packet(PacketId id) const override {
        const auto& bytes = packets_[id.value];
        return {wire::LinkType::Ipv4, static_cast<std::uint32_t>(bytes.size()), bytes};
    }
    [[nodiscard]] std::string_view text(TextId id) const override { return texts_[id.value]; }

    // ---- making it; times in microseconds since the trace's start
    EventId add(std::int64_t us, ActorId actor, EventBody body, std::optional<EventId> cause = {}) {
        const EventId id{static_cast<std::uint32_t>(events_.size())};
        events_.push_back({id, at(us), actor, cause, body});
        return id;
    }
    TextId intern(std::string text) {
        texts_.push_back(std::move(text));
        return TextId{static_cast<std::uint32_t>(texts_.size() - 1)};
    }
    static Instant at(std::int64_t us) { return Instant{kEpoch + us * 1000}; }

    /// The actors, and the sockets of connection `n`; both ends on 127.0.0.1.
    void actors(const std::string& client = "client", const std::string& server = "server") {
        add(0, kClient, ActorDeclared{ActorRole::Client, intern(client), 100});
        add(0, kServer, ActorDeclared{ActorRole::Server, intern(server), 101});
    }
    void name_client(std::int64_t us) {
        add(us, kClient, SocketNamed{client_socket(), 3, SocketRole::Connecting, client_end(), server_end()});
    }
    /// `accepted`: the return of the accept() that made it.
    void name_server(std::int64_t us, EventId accepted) {
        add(us, kServer, SocketNamed{server_socket(), 4, SocketRole::Accepted, server_end(), client_end()},
            accepted);
    }

    /// Later packets, calls and messages belong to the next connection, from another client port.
    void next_connection() { ++connection_; }
    /// ... or to connection `n`, from 0.
    void go_to_connection(std::uint32_t n) { connection_ = n; }

    EventId segment(std::int64_t us, Direction direction, std::uint16_t flags, std::int64_t seq,
                    std::int64_t ack, std::uint32_t length = 0, std::vector<std::uint8_t> options = {}) {
        const bool c2s = direction == Direction::ClientToServer;
        while (options.size() % 4 != 0)
            options.push_back(1);
        std::vector<std::byte> p(40 + options.size() + length, std::byte{'x'});
        const MutableByteSpan b{p};
        store_u8(b, 0, 0x45);
        store_u8(b, 1, 0);
        store_be16(b, 2, static_cast<std::uint16_t>(p.size()));
        store_be32(b, 4, 0x4000);
        store_u8(b, 8, 64);
        store_u8(b, 9, 6);
        store_be16(b, 10, 0);
        store_be32(b, 12, 0x7f000001);
        store_be32(b, 16, 0x7f000001);
        store_be16(b, 20, c2s ? client_end().port : server_end().port);
        store_be16(b, 22, c2s ? server_end().port : client_end().port);
        const std::uint32_t own = c2s ? 1000 : 900'000, other = c2s ? 900'000 : 1000;
        store_be32(b, 24, own + static_cast<std::uint32_t>(seq));
        store_be32(b, 28, (flags & kAck) != 0 ? other + static_cast<std::uint32_t>(ack) : 0);
        store_be16(b, 32, static_cast<std::uint16_t>((5 + options.size() / 4) << 12 | flags));
        store_be16(b, 34, (flags & kSyn) != 0 ? 65495 : 512);
        store_be32(b, 36, 0);
        for (std::size_t i = 0; i < options.size(); ++i)
            store_u8(b, 40 + i, options[i]);
        packets_.push_back(std::move(p));
        return add(us, kCapture, PacketCaptured{PacketId{packets_.size() - 1}});
    }
    /// A UDP datagram put on a wire of ours by the client; what becomes of it is for others to tell.
    PacketId datagram(std::int64_t us) {
        const PacketId id = udp({IpAddress::v4(0x0a000001), 4000}, {IpAddress::v4(0x0a000002), 9}, 4);
        add(us, kClient, PacketSent{id});
        return id;
    }
    /// A UDP datagram between client and server, as a capture on loopback sees it.
    EventId captured_datagram(std::int64_t us, Direction direction, std::uint32_t length) {
        const bool c2s = direction == Direction::ClientToServer;
        return add(us, kCapture,
                   PacketCaptured{c2s ? udp(client_end(), server_end(), length)
                                      : udp(server_end(), client_end(), length)});
    }
    /// Their sockets talk UDP.
    EventId name_datagram_client(std::int64_t us) {
        return add(us, kClient,
                   SocketNamed{client_socket(), 3, SocketRole::Datagram, client_end(), server_end()});
    }
    EventId name_datagram_server(std::int64_t us) {
        add(us, kServer, SocketNamed{kListener, 3, SocketRole::Datagram, server_end(), {}});
        return add(us, kServer,
                   SocketNamed{server_socket(), -1, SocketRole::Datagram, server_end(), client_end()});
    }
    /// The bytes of one, without an event.
    PacketId udp(const Endpoint& from, const Endpoint& to, std::uint32_t length) {
        std::vector<std::byte> p(28 + length, std::byte{0});
        const MutableByteSpan b{p};
        store_u8(b, 0, 0x45);
        store_be16(b, 2, static_cast<std::uint16_t>(p.size()));
        store_u8(b, 8, 64);
        store_u8(b, 9, 17);
        for (std::size_t i = 0; i < 4; ++i) {
            store_u8(b, 12 + i, from.address.octets[i]);
            store_u8(b, 16 + i, to.address.octets[i]);
        }
        store_be16(b, 20, from.port);
        store_be16(b, 22, to.port);
        store_be16(b, 24, static_cast<std::uint16_t>(8 + length));
        packets_.push_back(std::move(p));
        return PacketId{packets_.size() - 1};
    }
    /// mss 65495, sackOK, wscale 7
    static std::vector<std::uint8_t> syn_options() { return {2, 4, 0xff, 0xd7, 4, 2, 1, 3, 3, 7}; }

    EventId enter(std::int64_t us, Side side, Syscall call, std::int64_t arg = 0, bool listener = false) {
        SyscallEntered body;
        body.call = call;
        body.fd = 3;
        body.has_socket = true;
        body.socket = listener ? kListener : socket_of(side);
        body.args = {arg, 0};
        return add(us, actor_of(side), body);
    }
    EventId leave(std::int64_t us, Side side, EventId entered, std::int64_t result, ByteRange bytes = {},
                  int error = 0) {
        const auto& begin = std::get<SyscallEntered>(events_[entered.value].body);
        SyscallReturned body;
        body.call = begin.call;
        body.fd = begin.fd;
        body.has_socket = true;
        body.socket = begin.socket;
        body.result = result;
        body.error = error;
        body.bytes = bytes;
        return add(us, actor_of(side), body, entered);
    }
    void call(std::int64_t from_us, std::int64_t to_us, Side side, Syscall call, std::int64_t arg,
              std::int64_t result, ByteRange bytes = {}) {
        const EventId entered = enter(from_us, side, call, arg);
        leave(to_us, side, entered, result, bytes);
    }
    void busy(std::int64_t from_us, std::int64_t to_us, const std::string& reason = "server.busy") {
        const TextId text = intern(reason);
        const EventId began =
            add(from_us, kServer,
                BusyBegan{text, Duration::microseconds(to_us - from_us), server_socket(), true});
        add(to_us, kServer, BusyEnded{text}, began);
    }
    void message(std::int64_t us, Side side, bool outgoing, std::uint32_t index, ByteRange bytes,
                 std::uint32_t header = 4) {
        MessageFramed body;
        body.socket = socket_of(side);
        body.outgoing = outgoing;
        body.index = index;
        body.bytes = bytes;
        body.body = {bytes.begin + header, bytes.end};
        body.framing = intern("len32");
        add(us, actor_of(side), body);
    }
    void marker(std::int64_t us, const std::string& name) {
        add(us, kClient, Marker{intern(name), client_socket(), true});
    }
    void sample(std::int64_t us, Side side, TcpState state) {
        KernelSample body;
        body.socket = socket_of(side);
        body.state = state;
        add(us, actor_of(side), body);
    }

  private:
    static constexpr std::int64_t kEpoch = 1'700'000'000'000'000'000;

    [[nodiscard]] Endpoint client_end() const {
        return {IpAddress::v4(0x7f000001), static_cast<std::uint16_t>(41000 + connection_)};
    }
    [[nodiscard]] static Endpoint server_end() { return {IpAddress::v4(0x7f000001), 7000}; }
    [[nodiscard]] SocketId client_socket() const { return SocketId{1 + connection_}; }
    [[nodiscard]] SocketId server_socket() const { return SocketId{2 + connection_}; }
    [[nodiscard]] SocketId socket_of(Side s) const {
        return s == Side::Client ? client_socket() : server_socket();
    }
    [[nodiscard]] static ActorId actor_of(Side s) { return s == Side::Client ? kClient : kServer; }

    std::vector<Event> events_;
    std::vector<std::vector<std::byte>> packets_;
    std::vector<std::string> texts_{""};
    std::uint32_t connection_ = 0;
};

inline constexpr Direction kC2s = Direction::ClientToServer;
inline constexpr Direction kS2c = Direction::ServerToClient;

/// SYN, SYN with ACK, ACK; connect() and accept() around them.
inline void add_handshake(MadeTrace& t, std::int64_t us) {
    const EventId accept = t.enter(us - 50, Side::Server, Syscall::Accept, 0, true);
    const EventId connect = t.enter(us, Side::Client, Syscall::Connect);
    t.name_client(us + 1);
    t.segment(us + 20, kC2s, kSyn, 0, 0, 0, MadeTrace::syn_options());
    t.segment(us + 32, kS2c, kSyn | kAck, 0, 1, 0, MadeTrace::syn_options());
    t.segment(us + 40, kC2s, kAck, 1, 1);
    t.leave(us + 51, Side::Client, connect, 0);
    t.sample(us + 52, Side::Client, TcpState::Established);
    const EventId accepted = t.leave(us + 60, Side::Server, accept, 4);
    t.name_server(us + 61, accepted);
    t.sample(us + 62, Side::Server, TcpState::Established);
}

struct Talk {
    bool busy = true;           ///< the server is busy before it reads: both writes come out of one read
    bool framed = false;        ///< 4-byte lengths in front
    bool one_segment = false;   ///< the sender's TCP joined both writes
    bool delayed_close = true;  ///< 60 ms from end-of-file to close: four segments
};

/// A whole conversation from `us` on; returns when it ended.
inline std::int64_t add_talk(MadeTrace& t, std::int64_t us, const Talk& talk) {
    const std::uint32_t a = talk.framed ? 9 : 5, b = talk.framed ? 10 : 6, both = a + b;
    add_handshake(t, us);
    std::int64_t now = us + 100;
    if (talk.busy) t.busy(now, now + 30'100);
    t.call(now + 10, now + 18, Side::Client, Syscall::Send, a, a, {0, a});
    t.call(now + 22, now + 30, Side::Client, Syscall::Send, b, b, {a, both});
    if (talk.framed) t.message(now + 10, Side::Client, true, 0, {0, a});
    if (talk.framed) t.message(now + 22, Side::Client, true, 1, {a, both});
    const EventId waiting = t.enter(now + 40, Side::Client, Syscall::Recv, 65536);
    if (talk.one_segment) {
        t.segment(now + 28, kC2s, kPsh | kAck, 1, 1, both);
        t.segment(now + 31, kS2c, kAck, 1, 1 + both);
    } else {
        t.segment(now + 15, kC2s, kPsh | kAck, 1, 1, a);
        t.segment(now + 18, kS2c, kAck, 1, 1 + a);
        t.segment(now + 27, kC2s, kPsh | kAck, 1 + a, 1, b);
        t.segment(now + 31, kS2c, kAck, 1, 1 + both);
    }
    if (talk.busy) {
        now += 30'110;
        t.call(now, now + 4, Side::Server, Syscall::Recv, 65536, both, {0, both});
        if (talk.framed) t.message(now + 5, Side::Server, false, 0, {0, a});
        if (talk.framed) t.message(now + 6, Side::Server, false, 1, {a, both});
    } else {
        t.call(now + 16, now + 19, Side::Server, Syscall::Recv, 65536, a, {0, a});
        t.call(now + 28, now + 33, Side::Server, Syscall::Recv, 65536, b, {a, both});
        now += 40;
    }
    t.call(now + 12, now + 20, Side::Server, Syscall::Send, both, both, {0, both});
    t.segment(now + 18, kS2c, kPsh | kAck, 1, 1 + both, both);
    t.segment(now + 21, kC2s, kAck, 1 + both, 1 + both);
    t.leave(now + 34, Side::Client, waiting, both, {0, both});
    now += 1200;
    t.marker(now - 100, "teardown");
    t.call(now, now + 14, Side::Client, Syscall::Shutdown, 1, 0);
    t.segment(now + 9, kC2s, kFin | kAck, 1 + both, 1 + both);
    t.sample(now + 15, Side::Client, TcpState::FinWait1);
    t.call(now + 20, now + 24, Side::Server, Syscall::Recv, 65536, 0, {both, both});
    if (talk.delayed_close) {
        t.segment(now + 40'100, kS2c, kAck, 1 + both, 2 + both);
        now += 60'200;
    }
    t.call(now + 27, now + 38, Side::Server, Syscall::Close, 0, 0);
    t.segment(now + 30, kS2c, kFin | kAck, 1 + both, 2 + both);
    t.segment(now + 36, kC2s, kAck, 2 + both, 2 + both);
    t.call(now + 50, now + 53, Side::Client, Syscall::Close, 0, 0);
    return now + 60;
}

}  // namespace synscope::model::test
