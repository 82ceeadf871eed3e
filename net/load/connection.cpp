#include "net/load/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "net/engine/sockaddr.hpp"

namespace synscope::load {

namespace {

Turn trouble(Trouble what, int error) {
    Turn turn;
    turn.trouble = what;
    turn.error = error;
    return turn;
}

}  // namespace

Turn Connection::open(const engine::SockAddr& target) {
    const int family = target.get()->sa_family;
    fd_ = engine::UniqueFd{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!fd_) return trouble(Trouble::NotConnected, errno);
    // A message is one thing to the user; Nagle's algorithm would hold back its last, short segment.
    const int yes = 1;
    if (family != AF_UNIX) ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    unsent_ = unanswered_ = 0;
    connecting_ = true;
    if (::connect(fd_.get(), target.get(), target.size()) == 0 || errno == EINPROGRESS) return {};
    const int error = errno;
    fd_ = engine::UniqueFd{};
    return trouble(error == EADDRNOTAVAIL ? Trouble::NoPort : Trouble::NotConnected, error);
}

/// Whether it is connected now.
bool Connection::finish_connecting(Turn& turn) {
    if (!connecting_) return true;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        turn.trouble = error == EADDRNOTAVAIL ? Trouble::NoPort : Trouble::NotConnected;
        turn.error = error;
        return false;
    }
    connecting_ = false;
    turn.connected = true;
    return true;
}

/// False when no more goes now: the send buffer is full, or the connection is broken.
bool Connection::send(ByteSpan bytes, Turn& turn) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
        turn.sent += static_cast<std::size_t>(n);
        return true;
    }
    if (errno != EAGAIN && errno != EINTR) {
        turn.trouble = Trouble::Reset;
        turn.error = errno;
    }
    return errno == EINTR;
}

/// False when no more comes now: nothing is there, or the connection has ended.
bool Connection::receive(MutableByteSpan into, Turn& turn) {
    const ssize_t n = ::recv(fd_.get(), into.data(), into.size(), 0);
    if (n > 0) {
        turn.received += static_cast<std::size_t>(n);
        return true;
    }
    if (n < 0 && errno == EINTR) return true;
    if (n < 0 && errno == EAGAIN) return false;
    turn.trouble = n == 0 ? Trouble::Closed : Trouble::Reset;
    turn.error = n == 0 ? 0 : errno;
    return false;
}

void Connection::send_rest(ByteSpan message, Turn& turn) {
    for (bool more = true; more && unsent_ > 0;) {
        const std::size_t before = turn.sent;
        more = send(message.last(unsent_), turn);
        unsent_ -= turn.sent - before;
    }
}

Turn Connection::begin(ByteSpan message) {
    unsent_ = unanswered_ = message.size();
    Turn turn;
    send_rest(message, turn);
    return turn;
}

Turn Connection::converse(ByteSpan message, MutableByteSpan buffer) {
    Turn turn;
    if (!finish_connecting(turn)) return turn;
    send_rest(message, turn);
    if (turn.trouble) return turn;
    while (unanswered_ > 0) {
        const std::size_t asked = std::min(unanswered_, buffer.size());
        const std::size_t before = turn.received;
        const bool more = receive(buffer.first(asked), turn);
        const std::size_t came = turn.received - before;
        unanswered_ -= came;
        // Fewer than asked for: that was all, and more will be reported. It saves the call that says so.
        if (!more || (came > 0 && came < asked)) break;
    }
    turn.answered = unanswered_ == 0 && turn.received > 0;
    return turn;
}

Turn Connection::stream(ByteSpan message, MutableByteSpan buffer) {
    Turn turn;
    if (!finish_connecting(turn)) return turn;
    if (unsent_ == 0) unsent_ = message.size();
    static_cast<void>(send(message.last(unsent_), turn));
    unsent_ -= turn.sent;
    if (!turn.trouble) static_cast<void>(receive(buffer, turn));
    return turn;
}

}  // namespace synscope::load
