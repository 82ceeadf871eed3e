#include "sim/run/datagram_server.hpp"

#include <algorithm>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::sim {

using namespace service;

DatagramServer::DatagramServer(const ServerSetup& setup)
    : setup_(setup), calls_(setup.calls), service_(setup.service->make()), buffer_(setup.server.read_size) {}
DatagramServer::~DatagramServer() = default;

Task<void> DatagramServer::run() {
    const bool bound = co_await bind();
    if (!bound) co_return;
    for (;;) {
        const std::uint32_t has =
            co_await calls_.poll(socket_, tcp::readiness::kIn, time_to_next_leave(), setup_.line);
        if (has != 0) co_await receive();
        for (const auto& peer : peers_)
            if (calls_.now() - peer->heard >= kSilence) leave(*peer);
        co_await answer_all();
        std::erase_if(peers_, [](const auto& peer) { return peer->gone; });
        full_ = full_ && peers_.size() >= kMostPeers;
    }
}

Task<bool> DatagramServer::bind() {
    const scenario::Server& server = setup_.server;
    Returned r = co_await calls_.datagram_socket(socket_, setup_.line);
    r = co_await calls_.set_options(socket_, server.options, setup_.line);
    const auto address = calls_.process().machine().host().ip().address(0);
    if (r.ok())
        r = co_await calls_.bind(socket_, {address ? address->address : IpAddress::v4(0), server.port},
                                 setup_.line);
    if (!r.ok()) {
        setup_.home.failed({concat("server on host '", server.host, "': cannot take datagrams on port ",
                                   server.port, ": ", error_words(r.error)),
                            {},
                            {}});
        co_return false;
    }
    setup_.directory.add_server(server.host, socket_.local, scenario::Transport::Udp);
    co_return true;
}

Task<void> DatagramServer::receive() {
    for (;;) {
        Endpoint from;
        const Returned got = co_await calls_.recvfrom(socket_, buffer_, false, from, setup_.line);
        if (!got.ok()) co_return;
        Peer* peer = peer_at(from);
        if (peer == nullptr) continue;
        peer->heard = calls_.now();
        co_await calls_.busy("server.busy", setup_.server.busy, peer->socket);
        const auto size = std::min(static_cast<std::size_t>(got.value), buffer_.size());
        co_await take(*peer, ByteSpan{buffer_}.first(size));
        co_await answer(*peer);
    }
}

Task<void> DatagramServer::take(Peer& peer, ByteSpan bytes) {
    if (bytes.empty()) co_return;
    Conversation& talk = peer.talk->conversation();
    talk.feed(bytes);
    for (;;) {
        const auto message = talk.next();
        if (!message) co_return;
        peer.talk->framed(*message, false);
        co_await calls_.busy("server.think", setup_.server.think, peer.socket);
        talk.answer();
    }
}

Task<void> DatagramServer::answer(Peer& peer) {
    Conversation& talk = peer.talk->conversation();
    while (talk.wants_to_write()) {
        const ByteSpan one = peer.talk->first_message();
        const std::size_t size = one.size();
        const Returned sent = co_await calls_.send_datagram(socket_, one, peer.socket.remote, setup_.line);
        if (!sent.ok())
            calls_.note(Severity::Warning,
                        concat("a datagram of ", size, " bytes for ", peer.socket.remote.text(),
                               " was not sent: ", error_words(sent.error)));
        peer.talk->sent_first_message();
        if (talk.can_go_on()) talk.go_on();
    }
    peer.gone = peer.gone || talk.wants_to_close();
}

/// What peers have left for each other is a datagram to each; an answer may say something to others again.
Task<void> DatagramServer::answer_all() {
    deliver_messages();
    for (std::size_t i = 0; i < peers_.size(); ++i)
        if (!peers_[i]->gone || peers_[i]->talk->conversation().wants_to_write()) co_await answer(*peers_[i]);
}

void DatagramServer::deliver_messages() {
    for (const auto& from : peers_)
        for (const Talk::Message& message : std::exchange(from->talk->outbox(), {}))
            for (const auto& to : peers_)
                if (!to->gone && to->socket.id.value == message.to.value)
                    to->talk->conversation().reply(message.bytes);
}

/// It was silent for too long: what end-of-file is to a stream.
void DatagramServer::leave(Peer& peer) {
    if (!std::exchange(peer.gone, true)) peer.talk->conversation().eof();
}

DatagramServer::Peer* DatagramServer::peer_at(const Endpoint& from) {
    const auto known = std::find_if(peers_.begin(), peers_.end(), [&](const auto& peer) {
        return peer->socket.remote == from && !peer->gone;
    });
    if (known != peers_.end()) return known->get();
    if (peers_.size() >= kMostPeers) {
        if (!std::exchange(full_, true))
            calls_.note(Severity::Warning,
                        concat(peers_.size(), " peers: datagrams of others are not answered"));
        return nullptr;
    }
    Peer& peer = *peers_.emplace_back(std::make_unique<Peer>());
    peer.socket = calls_.datagram_peer(socket_, from);
    peer.talk = std::make_unique<Talk>(calls_, *this, peer.socket, setup_.framing);
    peer.talk->conversation().begin(service_->open(ConnectionKey{peer.socket.id.value}, from));
    return &peer;
}

std::optional<Duration> DatagramServer::time_to_next_leave() const {
    std::optional<Duration> next;
    for (const auto& peer : peers_) {
        const Duration left = peer->heard + kSilence - calls_.now();
        next = next ? std::min(*next, left) : left;
    }
    return next;
}

std::optional<Refusal> DatagramServer::why_not_to(ConnectionKey to) const {
    for (const auto& peer : peers_) {
        if (peer->gone || peer->socket.id.value != to.value) continue;
        if (peer->talk->conversation().has_room()) return std::nullopt;
        return Refusal::NoRoom;
    }
    return Refusal::NotFound;
}

}  // namespace synscope::sim
