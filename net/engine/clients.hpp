#pragma once
// The clients of an engine that serves many at once from one thread: taking them from the listener, finding
// them by what the kernel reported, giving them their turn, letting them go. How the engine learns that
// somebody is ready is what its own file shows:
//
//     Clients clients{run};
//     const auto begun = clients.begin();
//     while (begun && clients.serving()) {
//         ... wait in the engine's own way, for standing() and for each client ...
//         clients.heard(key, mask, ReadinessVia::Poll);          // for each that was reported
//         while (Client* client = clients.next_due()) clients.serve(*client);
//     }
//
// Ownership: the clients are owned here, and stay where they are until they are let go. Thread rule: one
// thread.

#include <array>
#include <climits>
#include <deque>
#include <unordered_map>

#include "net/engine/serving.hpp"

namespace synscope::engine {

/// What a report is about: a client (see key_of), or one of these, which are above all of them:
using Key = std::uint64_t;
inline constexpr Key kListener = ~Key{0};
inline constexpr Key kWake = kListener - 1;
inline constexpr Key kStop = kListener - 2;

struct Client {
    std::unique_ptr<Connection> connection;
    std::uint32_t place = 0;  ///< where Clients finds it; another's, once it has gone
    bool readable = false;    ///< as far as we were told
    bool writable = true;     ///< no EAGAIN yet, or told so since
    bool peer_is_done = false;
    /// A recv() that brings less than it was asked for leaves nothing behind: not where the peer's end or
    /// urgent data have been reported, nor on a Unix socket, where it stops behind a descriptor that was
    /// sent.
    bool short_read_is_all = false;
    bool was_short = false;  ///< the last recv()
    bool due = false;        ///< next_due() will name it
    /// What the kernel was last asked to report, where it keeps the list; nothing: it does not know the
    /// client yet.
    std::optional<std::uint32_t> watched = std::nullopt;
    Socket socket;  ///< nonblocking
};
/// Where to look for it, and its socket's id, by which it is known to be that client. (Its descriptor may be
/// another's by the time of a report.)
[[nodiscard]] inline Key key_of(const Client& client) noexcept {
    return Key{client.place} << 32 | client.socket.id.value;
}
/// What to wait for on behalf of a client, in poll(2)'s bits: input while it takes any, room while it has
/// output. Where readiness is a level, asking for more than that would be answered at once, for ever.
[[nodiscard]] std::uint32_t interest(const Client& client);

class Clients {
  public:
    /// Clients whose descriptor is not below `descriptors` are refused.
    explicit Clients(const Run& run, int descriptors = INT_MAX) : run_(run), descriptors_(descriptors) {}
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;
    /// Lets go of everybody, and closes the listener.
    ~Clients();

    /// Makes the listener nonblocking: a client that was reported may be gone when we turn to it.
    [[nodiscard]] Result<void, OsError> begin();
    /// False once a stop is drained or forced, or the listener failed: see outcome().
    [[nodiscard]] bool serving() const {
        return outcome_ && !run_.stop.forced() && (!stopping_ || !clients_.empty());
    }
    [[nodiscard]] const Result<void, OsError>& outcome() const { return outcome_; }

    /// What is waited for beside clients. -1: no longer (a stop that was heard stays readable).
    struct Standing {
        int fd;
        const Socket* socket;  ///< null: it is none
        Key key;
    };
    [[nodiscard]] std::array<Standing, 4> standing() const;
    [[nodiscard]] std::unordered_map<SocketId, Client>& all() { return clients_; }

    /// The kernel reported something as ready. Whoever may have something to do because of it is due.
    void heard(Key key, std::uint32_t mask, ReadinessVia via);
    /// The next client that is due, in the order of their news; null when there is none.
    [[nodiscard]] Client* next_due();
    void make_due(Client& client);
    [[nodiscard]] std::size_t due() const { return due_.size(); }

    enum class Turn : std::uint8_t {
        InVain,  ///< not a byte came or went
        Useful,
        Last,  ///< the client is gone
    };
    /// A client's turn where readiness is a level: writes what it can, reads at most once (what is left will
    /// be reported again), and writes the answer.
    Turn serve(Client& client);
    /// Writes what the kernel takes now, and no more than kSendsPerTurn allow. False: the connection broke.
    [[nodiscard]] bool write(Client& client);
    /// As far as we were told, and it takes input now.
    [[nodiscard]] static bool has_input(const Client& client);
    /// The last recv() took all there was: bytes that come later are news, and will be reported.
    [[nodiscard]] static bool is_drained(const Client& client) {
        return client.was_short && client.short_read_is_all;
    }
    /// One recv() and what becomes of it. WouldBlock: `readable` is taken back.
    IoStatus read(Client& client);
    /// Closes it and forgets it.
    void drop(Client& client);
    /// New clients until the queue is empty. False when there was none.
    bool accept_all();

  private:
    [[gnu::noinline]] void heard_standing(Key key, std::uint32_t mask, ReadinessVia via);
    void admit(Socket&& accepted);
    /// Null when it has gone.
    [[nodiscard]] Client* find(Key key) const;
    void begin_stop();

    const Run& run_;
    const int descriptors_;
    SpareDescriptor spare_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(run_.read_size);
    std::unordered_map<SocketId, Client> clients_;  ///< stable addresses: connections refer to their socket
    std::vector<Client*> places_;                   ///< of clients_, by place
    std::vector<std::uint32_t> free_places_;
    std::deque<Client*> due_;  ///< each at most once; drop() is for those that are not in it
    Result<void, OsError> outcome_;
    bool stopping_ = false;
};

}  // namespace synscope::engine
