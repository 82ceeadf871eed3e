// Bytes in and out: read, recv, write, send and their kin are all a recvmsg or a sendmsg.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/packetdrill/addresses.hpp"
#include "sim/packetdrill/calls.hpp"

namespace synscope::packetdrill {
namespace {

using sim::Payload;
using sim::tcp::IoResult;

constexpr int kFastOpen = 0x20000000;  // MSG_FASTOPEN
constexpr int kTcpCmInq = TCP_CM_INQ;

std::size_t room(const msghdr& message) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i)
        size += message.msg_iov[i].iov_len;
    return size;
}

Payload gather(const msghdr& message) {
    return Payload::made_by(room(message), [&](MutableByteSpan out) {
        for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
            const iovec& part = message.msg_iov[i];
            if (part.iov_len == 0) continue;
            std::memcpy(out.data(), part.iov_base, part.iov_len);
            out = out.subspan(part.iov_len);
        }
    });
}

/// Writes `bytes` into the message's parts from `skip` on.
void scatter(const msghdr& message, std::size_t skip, ByteSpan bytes) {
    for (std::size_t i = 0; i < message.msg_iovlen && !bytes.empty(); ++i) {
        const iovec& part = message.msg_iov[i];
        if (skip >= part.iov_len) {
            skip -= part.iov_len;
            continue;
        }
        const std::size_t size = std::min(part.iov_len - skip, bytes.size());
        std::memcpy(static_cast<std::byte*>(part.iov_base) + skip, bytes.data(), size);
        bytes = bytes.subspan(size);
        skip = 0;
    }
}

sim::tcp::SendFlags send_flags(int flags, bool waits) {
    return {(flags & MSG_MORE) != 0, (flags & MSG_OOB) != 0, (flags & MSG_EOR) != 0, (flags & kFastOpen) != 0,
            waits};
}

/// TCP_INQ: how much is left, as a control message.
void tell_unread(msghdr& message, int unread) {
    if (message.msg_control == nullptr || message.msg_controllen < CMSG_SPACE(sizeof unread)) {
        message.msg_controllen = 0;
        return;
    }
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = IPPROTO_TCP;
    head->cmsg_type = kTcpCmInq;
    head->cmsg_len = CMSG_LEN(sizeof unread);
    std::memcpy(CMSG_DATA(head), &unread, sizeof unread);
    message.msg_controllen = CMSG_SPACE(sizeof unread);
}

}  // namespace

ssize_t Calls::receive(int fd, msghdr& message, int flags) {
    auto lock = enter();
    const bool peek = (flags & MSG_PEEK) != 0;
    const sim::tcp::ReceiveFlags how{peek, (flags & MSG_OOB) != 0, (flags & MSG_TRUNC) != 0};
    std::vector<std::byte> bytes(room(message));
    std::size_t got = 0;
    while (true) {
        const auto* socket = socket_of(fd);
        if (socket == nullptr) return leave(-1);
        if ((flags & MSG_ERRQUEUE) != 0) return fail(Error::Again);  // no notices are kept
        const IoResult result = machine_.stack().receive(machine_.now(), socket->socket,
                                                         MutableByteSpan{bytes}.subspan(peek ? 0 : got), how);
        settled();
        const bool may_wait = !socket->nonblocking && (flags & MSG_DONTWAIT) == 0;
        if (result.error == Error::None) {
            got = peek ? result.bytes : got + result.bytes;
            const bool wants_all = (flags & MSG_WAITALL) != 0 && may_wait && result.bytes > 0;
            if (!wants_all || got == bytes.size() || !wait(lock)) break;
        } else if (got > 0) {
            break;
        } else if (result.error != Error::Again || !may_wait || !wait(lock)) {
            return leave(fail(result.error));
        }
    }
    const auto* socket = socket_of(fd);
    if (!how.truncate) scatter(message, 0, ByteSpan{bytes}.first(std::min(got, bytes.size())));
    if (socket->tells_unread) {
        // Behind the end of the stream there is one thing more to read: that it ended.
        const auto* tcb = machine_.stack().find(socket->socket);
        const int end = tcb != nullptr && tcb->fin_received ? 1 : 0;
        tell_unread(message, static_cast<int>(machine_.stack().unread(socket->socket)) + end);
    } else {
        message.msg_controllen = 0;
    }
    message.msg_flags = 0;
    return leave(static_cast<ssize_t>(got));
}

IoResult Calls::send_some(const SocketDescriptor& from, const msghdr& message, const Payload& bytes,
                          int flags) {
    auto& stack = machine_.stack();
    const bool waits = !from.nonblocking && (flags & MSG_DONTWAIT) == 0;
    if ((flags & kFastOpen) == 0)
        return stack.send(machine_.now(), from.socket, bytes, send_flags(flags, waits));
    const auto* address = static_cast<const sockaddr*>(message.msg_name);
    if (address != nullptr && address->sa_family == AF_UNSPEC) return {0, Error::NotSupported};
    const auto remote = read_address(address, message.msg_namelen);
    if (!remote) return {0, Error::Invalid};
    return stack.send_to(machine_.now(), from.socket, *remote, bytes, send_flags(flags, waits));
}

bool Calls::await_room(Turns::Lock& lock, SocketId socket) {
    using namespace sim::tcp::readiness;
    do {
        if (!wait(lock)) return false;
    } while ((machine_.stack().poll(socket) & (kOut | kErr | kHup)) == 0);
    return true;
}

ssize_t Calls::send(int fd, const msghdr& message, int flags) {
    auto lock = enter();
    const Payload bytes = gather(message);
    std::size_t done = 0;
    while (true) {
        const auto* socket = socket_of(fd);
        if (socket == nullptr) return leave(-1);
        const bool may_wait = !socket->nonblocking && (flags & MSG_DONTWAIT) == 0;
        const SocketId id = socket->socket;
        const IoResult result = send_some(*socket, message, bytes.from(done), flags);
        settled();
        done += result.bytes;
        const auto* tcb = machine_.stack().find(id);
        const bool opened = tcb != nullptr && tcb->state == TcpState::SynSent && result.error != Error::Again;
        flags &= ~kFastOpen;
        if (may_wait && opened && (result.error == Error::None || result.error == Error::InProgress)) {
            // An open with data (RFC 7413) is done, for a caller that waits, when the connection is there.
            const Error error = await_connection(lock, id);
            if (error != Error::None) return leave(fail(error));
            if (done < bytes.size()) continue;
            break;
        }
        if (result.error == Error::None && (done == bytes.size() || !may_wait)) break;
        if (result.error != Error::None && (result.error != Error::Again || !may_wait)) {
            if (done > 0) break;
            return leave(fail(result.error));
        }
        if (!await_room(lock, id)) break;
    }
    return leave(static_cast<ssize_t>(done));
}

}  // namespace synscope::packetdrill
