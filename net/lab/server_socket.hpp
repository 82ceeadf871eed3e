#pragma once
// Which name in a server's event stream says where it can be reached. Thread rule: pure function.

#include "net/base/event.hpp"

namespace synscope::lab {

/// The listener, or the one socket of a server of datagrams; not a connection, nor the name of a peer.
[[nodiscard]] inline bool is_server_socket(const SocketNamed& named) noexcept {
    return named.role == SocketRole::Listener ||
           (named.role == SocketRole::Datagram && named.remote.address.family == 0);
}

}  // namespace synscope::lab
