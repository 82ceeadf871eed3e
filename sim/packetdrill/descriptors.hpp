#pragma once
// The file descriptors a script holds. Their numbers are real (packetdrill closes what is left at the end by
// itself), what they stand for is simulated: a TCP socket or an epoll instance. Thread rule: the lock of
// Turns is held.

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "net/base/ids.hpp"

namespace synscope::packetdrill {

struct SocketDescriptor {
    SocketId socket;
    int family = 0;  ///< as given to socket(): AF_INET or AF_INET6
    bool nonblocking = false;
    bool tells_unread = false;  ///< TCP_INQ: recvmsg() says how much is left
};

/// What epoll watches of one descriptor.
struct Watched {
    std::uint32_t events = 0;  ///< EPOLLIN, ..., EPOLLET, EPOLLONESHOT
    std::uint64_t data = 0;
    bool edge = true;   ///< something happened since it was reported (EPOLLET)
    bool armed = true;  ///< false once reported under EPOLLONESHOT
};
struct EpollDescriptor {
    std::map<int, Watched> watched;
};

class Descriptors {
  public:
    using Entry = std::variant<SocketDescriptor, EpollDescriptor>;

    Descriptors() = default;
    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;
    ~Descriptors();

    /// A new number, or nothing with errno.
    [[nodiscard]] std::optional<int> add(Entry entry);
    void remove(int fd);
    /// Null when it is none of ours, or of another kind.
    template <class Kind>
    [[nodiscard]] Kind* find(int fd) {
        const auto found = entries_.find(fd);
        return found == entries_.end() ? nullptr : std::get_if<Kind>(&found->second);
    }
    /// Something happened to these sockets: an edge for everyone who watches them.
    void wake(const std::vector<SocketId>& sockets);

  private:
    std::map<int, Entry> entries_;
};

}  // namespace synscope::packetdrill
