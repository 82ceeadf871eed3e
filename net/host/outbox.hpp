#pragma once
// The open connections of a server by name, and what they have for each other. This is how a chat's message
// gets from the thread that read it to the thread that will write it. Thread rule: every function may be
// called by any thread.

#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/ids.hpp"
#include "net/engine/socket.hpp"

namespace synscope::host {

class Outboxes {
  public:
    /// A receiver that does not read keeps at most this much waiting here.
    static constexpr std::size_t kMostBytes = std::size_t{1} << 20;

    Outboxes();

    void add(SocketId connection);
    void remove(SocketId connection);
    enum class Posted : std::uint8_t { Yes, NoSuchConnection, Full };
    /// Leaves a message for a connection, and wakes whoever serves it.
    Posted post(SocketId to, ByteSpan message);
    /// Readable from now on when there are messages for this connection, which take_woken() no longer names.
    /// Nothing when no descriptor is left. Owned here, until the connection is removed.
    [[nodiscard]] std::optional<int> wake_alone(SocketId connection);
    /// The messages left for a connection, oldest first; makes its own descriptor unreadable.
    [[nodiscard]] std::vector<std::vector<std::byte>> take(SocketId connection);
    /// The connections that got messages since the last call; makes wake_fd() unreadable.
    [[nodiscard]] std::vector<SocketId> take_woken();
    /// Readable when take_woken() has something.
    [[nodiscard]] int wake_fd() const noexcept { return wake_.get(); }

  private:
    struct Box {
        std::vector<std::vector<std::byte>> messages;
        std::size_t bytes = 0;
        engine::UniqueFd wake;  ///< its own, if it has one
    };
    engine::UniqueFd wake_;
    std::mutex mutex_;
    std::unordered_map<SocketId, Box> boxes_;
    std::vector<SocketId> woken_;
};

}  // namespace synscope::host
