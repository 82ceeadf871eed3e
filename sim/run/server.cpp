#include "sim/run/server.hpp"

#include <algorithm>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::sim {

using namespace service;

Server::Server(const ServerSetup& setup)
    : setup_(setup),
      calls_(setup.calls),
      service_(setup.service != nullptr ? setup.service->make() : nullptr),
      buffer_(setup.server.read_size) {}
Server::~Server() = default;

const framing::FramingInfo& Server::framing_of(std::size_t accepted) const {
    const auto* own = accepted < setup_.overrides.size() ? setup_.overrides[accepted] : nullptr;
    return own != nullptr ? *own : setup_.framing;
}

// ---- beginning
// ------------------------------------------------------------------------------------------------------

Task<void> Server::run() {
    const bool listens = co_await listen();
    if (!listens) co_return;
    if (setup_.server.engine == "blocking" || service_ == nullptr)
        co_await serve_one_by_one();
    else
        co_await serve_by_events();
}

Task<bool> Server::listen() {
    const scenario::Server& server = setup_.server;
    const auto cannot = [&](const Returned& r, std::string_view what) {
        setup_.home.failed(
            {concat("server on host '", server.host, "': ", what, ": ", error_words(r.error)), {}, {}});
    };
    Returned r = co_await calls_.socket(listener_, setup_.line);
    r = co_await calls_.set_options(listener_, server.options, setup_.line);
    if (!r.ok()) {
        cannot(r, "setsockopt");
        co_return false;
    }
    const auto address = calls_.process().machine().host().ip().address(0);
    // Without an address of its own it listens on whatever the host will have.
    const IpAddress where = address ? address->address : IpAddress::v4(0);
    r = co_await calls_.bind(listener_, {where, server.port}, setup_.line);
    if (r.ok()) r = co_await calls_.listen(listener_, server.backlog, setup_.line);
    if (!r.ok()) {
        cannot(r, concat("cannot listen on port ", server.port));
        co_return false;
    }
    setup_.directory.add_server(server.host, listener_.local, scenario::Transport::Tcp);
    co_return true;
}

// ---- one client at a time
// ------------------------------------------------------------------------------------------------------

Task<void> Server::serve_one_by_one() {
    const bool threads = service_ == nullptr && setup_.server.engine != "blocking";
    for (;;) {
        Client client;
        const Returned r = co_await calls_.accept(listener_, client.socket, true, setup_.line);
        if (!r.ok()) continue;
        const std::size_t number = accepted_++;
        if (threads) {
            setup_.home.lead(client.socket, number);
        } else if (service_ == nullptr) {
            co_await lead(setup_, calls_, client.socket, number);
        } else {
            client.talk = std::make_unique<Talk>(calls_, *this, client.socket, framing_of(number));
            client.talk->conversation().begin(
                service_->open(ConnectionKey{client.socket.id.value}, client.socket.remote));
            const bool whole = co_await converse(client);
            if (whole && client.talk->conversation().saw_eof())
                co_await calls_.busy("server.close_delay", setup_.server.close_delay, client.socket);
            co_await calls_.close(client.socket, true, setup_.line);
        }
    }
}

Task<void> Server::lead(const ServerSetup& setup, Calls& calls, SimSocket socket, std::size_t accepted) {
    const auto* own = accepted < setup.overrides.size() ? setup.overrides[accepted] : nullptr;
    static const scenario::SocketOptions kNone{};
    ScriptSetup script_setup{calls,
                             setup.directory,
                             own != nullptr ? *own : setup.framing,
                             kNone,
                             setup.server.script,
                             concat("server on host '", setup.server.host, "'"),
                             {},
                             nullptr,
                             scenario::Transport::Tcp};
    Script script(std::move(script_setup));
    script.begin_with(socket);
    co_await calls.busy("server.busy", setup.server.busy, socket);
    const auto done = co_await script.run();
    if (!done) setup.home.failed(done.error());
}

/// Until one of both has had enough; false when the connection broke.
Task<bool> Server::converse(Client& client) {
    Conversation& talk = client.talk->conversation();
    for (;;) {
        const bool written = co_await write_output(client, true);
        if (!written) co_return false;
        if (talk.wants_to_close() || (client.peer_is_done && !talk.wants_to_write())) co_return true;
        co_await calls_.busy("server.busy", setup_.server.busy, client.socket);
        const Returned r = co_await calls_.recv(client.socket, buffer_, true, setup_.line);
        if (!r.ok()) co_return false;
        if (r.value == 0) {
            client.peer_is_done = true;
            talk.eof();
        } else {
            co_await take(client, ByteSpan{buffer_}.first(static_cast<std::size_t>(r.value)));
        }
    }
}

Task<void> Server::take(Client& client, ByteSpan bytes) {
    Conversation& talk = client.talk->conversation();
    talk.feed(bytes);
    for (;;) {
        const framing::Placed* message = talk.next();
        if (message == nullptr) break;
        client.talk->framed(*message, false);
        co_await calls_.busy("server.think", setup_.server.think, client.socket);
        talk.answer();
    }
}

/// send() until nothing is left, or nothing more fits; false when the connection broke.
Task<bool> Server::write_output(Client& client, bool wait) {
    Conversation& talk = client.talk->conversation();
    while (talk.wants_to_write()) {
        const Returned r = co_await calls_.send(client.socket, talk.output(), wait, setup_.line);
        if (!r.ok()) co_return r.error == tcp::Error::Again;
        talk.sent(static_cast<std::size_t>(r.value));
        if (talk.can_go_on()) talk.go_on();
    }
    if (talk.wants_half_close()) {
        co_await calls_.shutdown(client.socket, tcp::ShutdownHow::Write, setup_.line);
        talk.half_closed();
    }
    co_return true;
}

// ---- an event loop
// ------------------------------------------------------------------------------------------------------

Task<void> Server::serve_by_events() {
    std::int32_t epoll = -1;
    co_await calls_.epoll_create(epoll, setup_.line);
    for (;;) {
        std::vector<const SimSocket*> sockets{&listener_};
        std::vector<std::uint32_t> masks{tcp::readiness::kIn};
        for (const auto& client : clients_) {
            const Conversation& talk = client->talk->conversation();
            const bool reads = talk.wants_to_read() && !client->peer_is_done;
            sockets.push_back(&client->socket);
            masks.push_back((reads ? tcp::readiness::kIn : 0u) |
                            (talk.wants_to_write() ? tcp::readiness::kOut : 0u));
        }
        const std::vector<std::size_t> ready = co_await calls_.epoll_wait(epoll, sockets, masks, setup_.line);
        for (const std::size_t i : ready)
            calls_.ready(*sockets[i],
                         calls_.process().machine().tcp().poll(sockets[i]->id) &
                             (masks[i] | tcp::readiness::kErr | tcp::readiness::kHup),
                         ReadinessVia::Epoll);
        for (const std::size_t i : ready) {
            if (i == 0) continue;
            Client& client = *clients_[i - 1];
            const bool alive = co_await serve_ready(client);
            if (!alive) co_await hang_up(client);
        }
        deliver_messages();
        clients_.erase(std::remove_if(clients_.begin(), clients_.end(),
                                      [](const auto& client) { return !client->socket.open(); }),
                       clients_.end());
        if (!ready.empty() && ready.front() == 0) co_await accept_all();
    }
}

Task<void> Server::accept_all() {
    for (;;) {
        auto client = std::make_unique<Client>();
        const Returned r = co_await calls_.accept(listener_, client->socket, false, setup_.line);
        if (!r.ok()) co_return;
        client->talk = std::make_unique<Talk>(calls_, *this, client->socket, framing_of(accepted_++));
        client->talk->conversation().begin(
            service_->open(ConnectionKey{client->socket.id.value}, client->socket.remote));
        clients_.push_back(std::move(client));
    }
}

/// Reads until nothing is left; false when the connection is over.
Task<bool> Server::serve_ready(Client& client) {
    Conversation& talk = client.talk->conversation();
    bool written = co_await write_output(client, false);
    if (!written) co_return false;
    const bool reads = talk.wants_to_read() && !client.peer_is_done;
    if (reads) co_await calls_.busy("server.busy", setup_.server.busy, client.socket);
    while (talk.wants_to_read() && !client.peer_is_done) {
        const Returned r = co_await calls_.recv(client.socket, buffer_, false, setup_.line);
        if (!r.ok() && r.error == tcp::Error::Again) break;
        if (!r.ok()) co_return false;
        if (r.value == 0) {
            client.peer_is_done = true;
            talk.eof();
        } else {
            co_await take(client, ByteSpan{buffer_}.first(static_cast<std::size_t>(r.value)));
        }
        written = co_await write_output(client, false);
        if (!written) co_return false;
    }
    co_return !(talk.wants_to_close() || (client.peer_is_done && !talk.wants_to_write()));
}

Task<void> Server::hang_up(Client& client) {
    if (client.talk->conversation().saw_eof())
        co_await calls_.busy("server.close_delay", setup_.server.close_delay, client.socket);
    co_await calls_.close(client.socket, false, setup_.line);
}

std::optional<Refusal> Server::why_not_to(ConnectionKey to) const {
    for (const auto& client : clients_) {
        if (!client->socket.open() || client->socket.id.value != to.value) continue;
        if (client->talk->conversation().has_room()) return std::nullopt;
        calls_.note(Severity::Warning,
                    concat("connection ", to.value, " does not read: a message for it was dropped"));
        return Refusal::NoRoom;
    }
    return Refusal::NotFound;
}

/// What connections have sent each other is in their streams before the next wait, which then asks for room.
void Server::deliver_messages() {
    for (const auto& from : clients_) {
        for (const Talk::Message& message : from->talk->outbox())
            for (const auto& to : clients_)
                if (to->socket.open() && to->socket.id.value == message.to.value)
                    to->talk->conversation().reply(message.bytes);
        from->talk->outbox().clear();
    }
}

}  // namespace synscope::sim
