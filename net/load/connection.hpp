#pragma once
// One connection of the load: a nonblocking socket and how far its message has come. It makes calls and keeps
// no time; what an outcome means is the worker's business. Thread rule: one thread.

#include <cstdint>

#include "net/base/bytes.hpp"
#include "net/engine/sockaddr.hpp"
#include "net/engine/socket.hpp"
#include "net/load/load.hpp"

namespace synscope::load {

/// What came of a turn.
struct Turn {
    std::size_t sent = 0;
    std::size_t received = 0;
    bool connected = false;  ///< with this turn
    bool answered = false;   ///< the answer is whole
    std::optional<Trouble> trouble;
    int error = 0;
};

class Connection {
  public:
    /// Begins to connect. The trouble, if there is one, is NotConnected or NoPort.
    [[nodiscard]] Turn open(const engine::SockAddr& target);
    void close() { fd_ = engine::UniqueFd{}; }

    /// Sends a message, as far as the kernel takes it, and awaits an answer that is as long. No read: the
    /// kernel will say when the answer is there.
    [[nodiscard]] Turn begin(ByteSpan message);
    /// The kernel told of a change: the rest of the message, then what has come. `buffer` is for what is
    /// read.
    [[nodiscard]] Turn converse(ByteSpan message, MutableByteSpan buffer);
    /// One send and one read, for a stream without messages.
    [[nodiscard]] Turn stream(ByteSpan message, MutableByteSpan buffer);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] bool waits_for_answer() const noexcept { return fd_ && unanswered_ > 0; }

  private:
    [[nodiscard]] bool finish_connecting(Turn& turn);
    void send_rest(ByteSpan message, Turn& turn);
    [[nodiscard]] bool send(ByteSpan bytes, Turn& turn);
    [[nodiscard]] bool receive(MutableByteSpan into, Turn& turn);

    engine::UniqueFd fd_;
    bool connecting_ = false;
    std::size_t unsent_ = 0;
    std::size_t unanswered_ = 0;
};

}  // namespace synscope::load
