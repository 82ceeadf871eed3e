#include "net/lab/borders.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "capture/trace/store.hpp"
#include "net/base/datagram.hpp"
#include "net/base/text.hpp"

namespace synscope::lab {

namespace {

/// What was read and written on one socket; byte ranges in the order of the calls.
struct SocketCalls {
    std::optional<SocketNamed> named;
    std::vector<ByteRange> sent;
    std::vector<ByteRange> received;
    std::uint64_t lost_bytes = 0;
};
using Sockets = std::map<std::uint32_t, SocketCalls>;

Sockets sockets_of(const trace::Store& store) {
    Sockets sockets;
    for (std::uint32_t i = 0; i < store.size(); ++i) {
        const Event event = store.event(EventId{i});
        if (const auto* named = std::get_if<SocketNamed>(&event.body))
            sockets[named->socket.value].named = *named;
        const auto* call = std::get_if<SyscallReturned>(&event.body);
        if (call == nullptr || !call->has_socket || call->error != 0) continue;
        SocketCalls& socket = sockets[call->socket.value];
        if (writes_stream(call->call)) socket.sent.push_back(call->bytes);
        if (!reads_stream(call->call)) continue;
        socket.received.push_back(call->bytes);
        socket.lost_bytes += lost_bytes(*call);
    }
    return sockets;
}

/// A stream: whose messages begin and end where the sender's calls did, and nobody else knows.
void add_stream(const std::vector<ByteRange>& sent, const std::vector<ByteRange>& received, Borders& out) {
    out.sent += sent.size();
    std::size_t first = 0;
    std::optional<std::size_t> cut;  ///< the last message that was counted as one in pieces
    for (const ByteRange& read : received) {
        if (read.size() == 0) continue;  // end-of-file
        ++out.receives;
        while (first < sent.size() && sent[first].end <= read.begin)
            ++first;
        std::uint64_t parts = 0;
        for (std::size_t i = first; i < sent.size() && sent[i].begin < read.end; ++i) {
            ++parts;
            if (sent[i].end <= read.end) ++out.arrived;
            const bool whole = sent[i].begin >= read.begin && sent[i].end <= read.end;
            if (whole || cut == i) continue;
            ++out.in_pieces;
            cut = i;
        }
        out.most_in_one = std::max(out.most_in_one, parts);
    }
}

/// Datagrams: the kernel keeps their borders, whoever sent them.
void add_datagrams(const SocketCalls& socket, Borders& outgoing, Borders& incoming) {
    outgoing.sent += socket.sent.size();
    incoming.arrived += socket.received.size();
    incoming.receives += socket.received.size();
    incoming.lost_bytes += socket.lost_bytes;
    if (!socket.received.empty()) incoming.most_in_one = 1;
}

bool is_datagram(const SocketCalls& socket) {
    return socket.named && socket.named->role == SocketRole::Datagram;
}

}  // namespace

BordersBothWays borders_of(const trace::Store& server, const std::vector<const trace::Store*>& clients) {
    BordersBothWays out;
    const Sockets served = sockets_of(server);
    std::map<std::string, const SocketCalls*> by_peer;
    for (const auto& [id, socket] : served) {
        if (is_datagram(socket)) add_datagrams(socket, out.to_clients, out.to_server);
        if (socket.named && socket.named->role == SocketRole::Accepted)
            by_peer[socket.named->remote.text()] = &socket;
    }
    for (const trace::Store* client : clients) {
        for (const auto& [id, socket] : sockets_of(*client)) {
            if (is_datagram(socket)) add_datagrams(socket, out.to_server, out.to_clients);
            if (!socket.named || socket.named->role != SocketRole::Connecting) continue;
            static const SocketCalls nothing;
            const auto peer = by_peer.find(socket.named->local.text());
            const SocketCalls& other = peer == by_peer.end() ? nothing : *peer->second;
            add_stream(socket.sent, other.received, out.to_server);
            add_stream(other.sent, socket.received, out.to_clients);
        }
    }
    return out;
}

}  // namespace synscope::lab
