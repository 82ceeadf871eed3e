#include "net/engine/clients.hpp"

#include <poll.h>

#include "net/base/text.hpp"

namespace synscope::engine {

std::uint32_t interest(const Client& client) {
    const bool input = !client.peer_is_done && takes_input(*client.connection);
    const bool room = client.connection->demand().write;
    return (input ? std::uint32_t{POLLIN} : 0) | (room ? std::uint32_t{POLLOUT} : 0);
}

Clients::~Clients() {
    due_.clear();
    while (!clients_.empty())
        drop(clients_.begin()->second);
    if (run_.listener.fd) run_.calls.close(run_.listener);
}

Result<void, OsError> Clients::begin() {
    if (const auto r = run_.calls.set_nonblocking(run_.listener); !r.ok())
        return failure(OsError{"fcntl", r.error, "O_NONBLOCK"});
    return {};
}

std::array<Clients::Standing, 4> Clients::standing() const {
    return {{{run_.listener.fd.get(), &run_.listener, kListener},
             {run_.host.wake_fd(), nullptr, kWake},
             {stopping_ ? -1 : run_.stop.fd(), nullptr, kStop},
             {run_.stop.force_fd(), nullptr, kStop}}};
}

void Clients::heard(Key key, std::uint32_t mask, ReadinessVia via) {
    if (key >= kStop) [[unlikely]]
        return heard_standing(key, mask, via);
    Client* client = find(key);
    if (client == nullptr) return;
    run_.calls.ready(client->socket, mask, via);
    // An error or a hang-up is told by the next call, so it counts as both.
    client->readable |= (mask & (POLLIN | POLLRDHUP | POLLHUP | POLLERR)) != 0;
    client->writable |= (mask & (POLLOUT | POLLHUP | POLLERR)) != 0;
    client->short_read_is_all &= (mask & ~std::uint32_t{POLLIN | POLLOUT}) == 0;
    make_due(*client);
}

void Clients::heard_standing(Key key, std::uint32_t mask, ReadinessVia via) {
    if (key == kListener) {
        if (stopping_) return;  // closed earlier in this batch
        run_.calls.ready(run_.listener, mask, via);
        accept_all();
    } else if (key == kWake) {
        for (const SocketId id : run_.host.take_woken())
            if (const auto found = clients_.find(id); found != clients_.end()) {
                found->second.connection->collect();
                make_due(found->second);
            }
    } else {  // kStop: once for the request, perhaps once more for force
        run_.stop.look(run_.calls);
        if (!stopping_) begin_stop();
    }
}

Client* Clients::find(Key key) const {
    const auto place = static_cast<std::size_t>(key >> 32);
    Client* client = place < places_.size() ? places_[place] : nullptr;
    return client != nullptr && key_of(*client) == key ? client : nullptr;
}

Client* Clients::next_due() {
    if (due_.empty()) return nullptr;
    Client* client = due_.front();
    due_.pop_front();
    client->due = false;
    return client;
}

void Clients::make_due(Client& client) {
    if (std::exchange(client.due, true)) return;
    due_.push_back(&client);
}

Clients::Turn Clients::serve(Client& client) {
    Connection& connection = *client.connection;
    const std::size_t unsent = connection.output().size();
    IoStatus status = IoStatus::WouldBlock;
    bool well = write(client);
    if (well && has_input(client)) {
        connection.before_read();
        status = read(client);
        well = status != IoStatus::Failed && write(client);
        client.readable = false;
    }
    if (well && !is_over(connection, client.peer_is_done))
        return status == IoStatus::WouldBlock && connection.output().size() == unsent ? Turn::InVain
                                                                                      : Turn::Useful;
    if (well) connection.before_close();
    drop(client);
    return Turn::Last;
}

bool Clients::write(Client& client) {
    if (!client.writable) return true;  // what the kernel did not take waits until there is room
    const Written written = write_output(run_.calls, client.socket, *client.connection, kSendsPerTurn);
    client.writable = written != Written::Later;
    return written != Written::Broken;
}

bool Clients::has_input(const Client& client) {
    return client.readable && !client.peer_is_done && takes_input(*client.connection);
}

IoStatus Clients::read(Client& client) {
    const Io io = recv_some(run_.calls, client.socket, buffer_);
    if (io.status == IoStatus::WouldBlock) client.readable = false;
    client.was_short = io.count < buffer_.size();
    if (io.status == IoStatus::Some) client.connection->on_bytes(ByteSpan{buffer_}.first(io.count));
    if (io.status == IoStatus::End) {
        client.peer_is_done = true;
        client.connection->on_eof();
    }
    return io.status;
}

void Clients::drop(Client& client) {
    const SocketId id = client.socket.id;
    places_[client.place] = nullptr;
    free_places_.push_back(client.place);
    client.connection.reset();
    run_.calls.close(client.socket);  // which also takes it out of an epoll set
    clients_.erase(id);
}

bool Clients::accept_all() {
    if (stopping_) return false;
    bool any = false;
    outcome_ = accept_until_empty(run_, spare_, [&](Socket&& socket) {
        any = true;
        admit(std::move(socket));
    });
    return any;
}

void Clients::admit(Socket&& accepted) {
    if (accepted.fd.get() >= descriptors_) {
        run_.host.note(Severity::Warning, concat("descriptor ", accepted.fd.get(), " is not below ",
                                                 descriptors_, ": a connection was closed unserved"));
        run_.calls.close(accepted);
        return;
    }
    Client& client = clients_[accepted.id];
    if (free_places_.empty()) {
        free_places_.push_back(static_cast<std::uint32_t>(places_.size()));
        places_.push_back(nullptr);
    }
    client.place = free_places_.back();
    free_places_.pop_back();
    places_[client.place] = &client;
    client.socket = std::move(accepted);
    client.short_read_is_all = client.socket.has_tcp;
    client.connection = run_.host.open(client.socket);
    make_due(client);  // a service that speaks first speaks now
}

/// No new clients; the old ones hear end-of-file once what they sent is read, and go when it is answered.
void Clients::begin_stop() {
    stopping_ = true;
    run_.calls.close(run_.listener);
    for (auto& [id, client] : clients_)
        if (!client.peer_is_done) run_.calls.shutdown(client.socket, SHUT_RD);
}

}  // namespace synscope::engine
