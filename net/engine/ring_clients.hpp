#pragma once
// The clients of engine io_uring, and what the kernel has been asked to do for each of them. A client
// outlives its connection: while the kernel still works for us on its descriptor, closing that would not end
// it, and the peer would never see a FIN.
//
// Ownership: the clients are owned here; they stay where they are, since connections refer to their socket.
// Thread rule: one thread, the ring's.

#include <memory>
#include <unordered_map>
#include <vector>

#include "net/engine/engine.hpp"
#include "net/engine/ring.hpp"

namespace synscope::engine {

/// What a completion is about, in the low bits of its name; above them the socket's id (which is never used
/// twice, unlike a descriptor).
enum class About : std::uint8_t { Cancel, Clients, Input, Room, Wake, Stop };
inline constexpr unsigned kAboutBits = 3;
[[nodiscard]] constexpr std::uint64_t name_of(About about, SocketId id = {}) noexcept {
    return std::uint64_t{id.value} << kAboutBits | static_cast<std::uint64_t>(about);
}
[[nodiscard]] constexpr About about_of(std::uint64_t name) noexcept {
    return static_cast<About>(name & ((1u << kAboutBits) - 1));
}
[[nodiscard]] constexpr SocketId socket_of(std::uint64_t name) noexcept {
    return SocketId{static_cast<std::uint32_t>(name >> kAboutBits)};
}

struct RingClient {
    Socket socket;
    std::unique_ptr<Connection> connection;  ///< null: it is gone but for its last completions
    bool receiving = false;                  ///< its input was asked for, and that has not ended
    bool cancelled = false;                  ///< ... but was taken back
    bool awaiting_room = false;              ///< the kernel will tell when its send buffer has room
    bool peer_is_done = false;
};

class RingClients {
  public:
    /// `multishot`: let the kernel receive, if it can; else it only tells who is readable.
    RingClients(Ring& ring, Calls& calls, bool multishot)
        : ring_(ring), calls_(calls), multishot_(multishot) {}
    /// Once the ring is made. `read_size`: bytes that one recv() may take.
    void begin(std::size_t read_size);

    [[nodiscard]] bool empty() const noexcept { return clients_.empty(); }
    /// Null when it has gone.
    [[nodiscard]] RingClient* find(SocketId id);
    RingClient& add(Socket&& socket);

    /// Its input: one arrival after the other, or once the word that there is some.
    void await_input(RingClient& client);
    /// ... is not wanted any more. What the kernel has received until it hears that is ours to keep.
    void take_back_input(RingClient& client);
    /// Whether a completion about input tells of the peer. No: it was taken back, no buffer was left, or the
    /// kernel is older than that; ask again.
    [[nodiscard]] bool has_news(const io_uring_cqe& completion);
    /// What has come, or the end of it; `bytes` hold until the ring has its buffer back.
    [[nodiscard]] IoStatus take_input(RingClient& client, const io_uring_cqe& completion, ByteSpan& bytes);
    void await_room(RingClient& client);
    /// Each hears end-of-file once what its peer sent is read; that completes what was asked for.
    void end_input();
    /// Lets go of it: at once where nothing is asked for, else with the last completion, when this is called
    /// again.
    void drop(RingClient& client);
    void drop_all();

  private:
    Ring& ring_;
    Calls& calls_;
    bool multishot_;
    std::vector<std::byte> buffer_;  ///< for our own recv()
    std::unordered_map<SocketId, RingClient> clients_;
};

}  // namespace synscope::engine
