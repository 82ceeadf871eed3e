#include "net/engine/ring_clients.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace synscope::engine {

namespace {

constexpr unsigned short kBuffers = 1024;
/// The kernel takes a buffer before it knows whose bytes will be in it, so all are of one, modest size.
constexpr std::size_t kMostBuffer = 16384;

}  // namespace

void RingClients::begin(std::size_t read_size) {
    multishot_ = ring_.provide_buffers(std::min(read_size, kMostBuffer), kBuffers) && multishot_;
    buffer_.resize(read_size);
}

RingClient* RingClients::find(SocketId id) {
    const auto found = clients_.find(id);
    return found != clients_.end() ? &found->second : nullptr;
}

RingClient& RingClients::add(Socket&& socket) {
    RingClient& client = clients_[socket.id];
    client.socket = std::move(socket);
    return client;
}

void RingClients::await_input(RingClient& client) {
    client.receiving = true;
    const std::uint64_t name = name_of(About::Input, client.socket.id);
    if (multishot_)
        ring_.receive(calls_, client.socket.fd.get(), name);
    else
        ring_.poll(calls_, client.socket.fd.get(), POLLIN, name);
}

bool RingClients::has_news(const io_uring_cqe& completion) {
    const int told = -completion.res;
    if (told == EINVAL) multishot_ = false;
    return told != EINVAL && told != ECANCELED && told != ENOBUFS;
}

IoStatus RingClients::take_input(RingClient& client, const io_uring_cqe& completion, ByteSpan& bytes) {
    if (multishot_) {  // the kernel has made the call
        if (!calls_.ring_received(client.socket, ring_.buffer_size(), completion.res).ok())
            return IoStatus::Failed;
        bytes = ring_.received(completion);
        return bytes.empty() ? IoStatus::End : IoStatus::Some;
    }
    // It only told that the socket is readable, or broken; the call says which.
    calls_.ready(client.socket, static_cast<std::uint32_t>(completion.res), ReadinessVia::Cqe);
    const Io io = recv_some(calls_, client.socket, buffer_);
    bytes = ByteSpan{buffer_}.first(io.count);
    return io.status;
}

void RingClients::take_back_input(RingClient& client) {
    if (std::exchange(client.cancelled, true)) return;
    ring_.cancel(calls_, name_of(About::Input, client.socket.id), name_of(About::Cancel));
}

void RingClients::await_room(RingClient& client) {
    client.awaiting_room = true;
    ring_.poll(calls_, client.socket.fd.get(), POLLOUT, name_of(About::Room, client.socket.id));
}

void RingClients::end_input() {
    for (auto& [id, client] : clients_)
        if (client.connection && !client.peer_is_done) calls_.shutdown(client.socket, SHUT_RD);
}

void RingClients::drop(RingClient& client) {
    const SocketId id = client.socket.id;
    client.connection.reset();
    if (client.receiving) take_back_input(client);
    if (client.awaiting_room) ring_.cancel(calls_, name_of(About::Room, id), name_of(About::Cancel));
    if (client.receiving || client.awaiting_room) return;
    calls_.close(client.socket);
    clients_.erase(id);
}

void RingClients::drop_all() {
    for (auto next = clients_.begin(); next != clients_.end();)
        drop((next++)->second);
}

}  // namespace synscope::engine
