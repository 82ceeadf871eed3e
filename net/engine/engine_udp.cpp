// Engine `udp`: datagrams, one socket for all peers, and no connections.
//
// Model   one thread, one socket. recvfrom() gives one datagram and who sent it; sendto() says to whom.
// Nobody
//         connects: a peer is there when its first datagram comes, and has left when it was silent for a
//         minute, which is a guess. What a peer has said so far (its session) is ours to keep, for at most
//         1024 of them.
// Calls   per request poll, recvfrom, sendto, recvfrom = EAGAIN. No accept, no close.
// Costs   one descriptor, however many peers.
// Breaks  what TCP did for us. Two sends are two recvfrom, never one and never three, but each may be lost,
//         come twice, or overtake the other, and nobody says so. A recvfrom() that asks for less than a
//         datagram gets its beginning, and the rest is gone: with MSG_TRUNC the result tells how long it was.
//         A full receive buffer drops what comes, and no window tells the sender to slow down.
// Try it  synscope serve --engine udp --service udp-upper --port 7000
//         nc -u 127.0.0.1 7000    each line is a datagram
#include "net/engine/engine_udp.hpp"

#include <poll.h>

#include <array>
#include <map>
#include <unordered_map>

#include "net/base/text.hpp"
#include "net/engine/serving.hpp"

namespace synscope::engine {

namespace {

constexpr int kReadsPerTurn = 64;

struct Peer {
    Socket socket;  ///< no descriptor: a name in the events
    std::unique_ptr<Connection> connection;
    std::int64_t heard_ns = 0;
};

bool endpoint_less(const Endpoint& a, const Endpoint& b) {
    return a.address == b.address ? a.port < b.port : address_less(a.address, b.address);
}

class UdpEngine final : public Engine {
  public:
    explicit UdpEngine(UdpLimits limits) : limits_(limits) {}

    Result<void, OsError> run(const Run& run) override {
        buffer_.resize(run.read_size);
        while (!run.stop.requested())
            turn(run);
        receive(run);  // what has arrived is answered
        while (!peers_.empty())
            leave(run, peers_.begin());
        run.calls.close(run.listener);
        return {};
    }

  private:
    using Peers = std::map<Endpoint, Peer, decltype(&endpoint_less)>;

    void turn(const Run& run) {
        std::array<pollfd, 3> fds{{{run.listener.fd.get(), POLLIN, 0},
                                   {run.host.wake_fd(), POLLIN, 0},
                                   {run.stop.fd(), POLLIN, 0}}};
        const auto ready = run.calls.poll(fds, milliseconds_to_next_leave());
        if (ready.value > 0 && fds[0].revents != 0) {
            run.calls.ready(run.listener, static_cast<std::uint32_t>(fds[0].revents), ReadinessVia::Poll);
            receive(run);
        }
        if (ready.value > 0 && fds[1].revents != 0)
            for (const SocketId id : run.host.take_woken())
                if (const auto found = by_id_.find(id); found != by_id_.end()) {
                    found->second->second.connection->collect();
                    answer(run, found->second);
                }
        if (ready.value > 0 && fds[2].revents != 0) run.stop.look(run.calls);
        const std::int64_t limit = monotonic_ns() - silence_ns();
        for (auto next = peers_.begin(); next != peers_.end();)
            if (const auto peer = next++; peer->second.heard_ns <= limit) leave(run, peer);
    }

    void receive(const Run& run) {
        for (int reads = 0; reads < kReadsPerTurn; ++reads) {
            Endpoint from;
            const CallResult got = run.calls.recvfrom(run.listener, buffer_, MSG_DONTWAIT, from);
            if (!got.ok() && got.error == EAGAIN) return;
            if (!got.ok()) continue;  // a signal, or what became of a datagram of ours
            const auto peer = peer_at(run, from);
            if (peer == peers_.end()) continue;
            peer->second.heard_ns = monotonic_ns();
            peer->second.connection->before_read();
            const auto size = std::min(static_cast<std::size_t>(got.value), buffer_.size());
            if (size > 0) peer->second.connection->on_bytes(ByteSpan{buffer_}.first(size));
            answer(run, peer);
        }
    }

    /// The peer's session; a new one for a new peer. None when there are too many.
    Peers::iterator peer_at(const Run& run, const Endpoint& from) {
        const auto known = peers_.find(from);
        if (known != peers_.end()) return known;
        if (peers_.size() >= limits_.peers) {
            if (!std::exchange(full_, true))
                run.host.note(Severity::Warning,
                              concat(peers_.size(), " peers: datagrams of others are not answered"));
            return peers_.end();
        }
        const auto peer = peers_.try_emplace(from).first;
        peer->second.socket = run.calls.datagram_peer(run.listener, from);
        peer->second.connection = run.host.open(peer->second.socket);
        by_id_[peer->second.socket.id] = peer;
        return peer;
    }

    /// Each message a datagram. One that cannot be sent is lost, as any may be on its way.
    void answer(const Run& run, Peers::iterator peer) {
        Connection& connection = *peer->second.connection;
        while (connection.demand().write) {
            const ByteSpan output = connection.output();
            const ByteSpan one = output.first(std::min(output.size(), connection.first_message()));
            const CallResult sent = run.calls.sendto(run.listener, one, MSG_DONTWAIT, peer->first);
            if (!sent.ok() && sent.error == EINTR) continue;
            if (!sent.ok())
                run.host.note(Severity::Warning,
                              concat("a datagram of ", one.size(), " bytes for ", peer->first.text(),
                                     " was not sent: ", errno_name(sent.error).value_or("error")));
            connection.sent(one.size());
        }
        if (!connection.demand().close) return;
        connection.before_close();
        forget(peer);
    }

    /// It was silent for too long, or we stop: what end-of-file is to a stream.
    void leave(const Run& run, Peers::iterator peer) {
        const Endpoint who = peer->first;
        peer->second.connection->on_eof();
        answer(run, peer);
        if (const auto still = peers_.find(who); still != peers_.end()) forget(still);
    }

    void forget(Peers::iterator peer) {
        by_id_.erase(peer->second.socket.id);
        peer->second.connection.reset();
        peers_.erase(peer);
        full_ = false;
    }

    [[nodiscard]] std::int64_t silence_ns() const { return limits_.silence.count() * 1'000'000; }
    [[nodiscard]] int milliseconds_to_next_leave() const {
        if (peers_.empty()) return -1;
        std::int64_t oldest = INT64_MAX;
        for (const auto& [endpoint, peer] : peers_)
            oldest = std::min(oldest, peer.heard_ns);
        const std::int64_t left = oldest + silence_ns() - monotonic_ns();
        return static_cast<int>(std::max<std::int64_t>(0, left / 1'000'000 + 1));
    }

    const UdpLimits limits_;
    std::vector<std::byte> buffer_;
    Peers peers_{endpoint_less};
    std::unordered_map<SocketId, Peers::iterator> by_id_;
    bool full_ = false;
};

}  // namespace

std::unique_ptr<Engine> make_udp(UdpLimits limits) {
    return std::make_unique<UdpEngine>(limits);
}
std::unique_ptr<Engine> make_udp() {
    return make_udp(UdpLimits{});
}

}  // namespace synscope::engine
