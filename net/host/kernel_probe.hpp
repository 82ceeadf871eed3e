#pragma once
// What becomes of a TCP socket after close(): the descriptor is gone, the kernel's socket is not. FIN-WAIT-2
// and TIME-WAIT happen here.
//
// A thread asks sock_diag (netlink) for the exact 4-tuple every few milliseconds until the socket is in
// TIME-WAIT or gone. An exact lookup costs a microsecond or two; a dump of all sockets, 50 ms and more, is
// never made. Only what the kernel said becomes an event: a state that came and went between two questions is
// not there. Thread rule: watch() may be called by any thread.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "net/engine/observe.hpp"
#include "net/engine/socket.hpp"

namespace synscope::host {

/// One exact lookup. Nothing when the kernel could not be asked; `found` false when it has no such socket.
struct DiagAnswer {
    bool found = false;
    KernelSample sample;  ///< without its socket
};
class SockDiag {
  public:
    SockDiag();
    [[nodiscard]] bool available() const noexcept { return static_cast<bool>(fd_); }
    [[nodiscard]] std::optional<DiagAnswer> look_up(const Endpoint& local, const Endpoint& remote);

  private:
    engine::UniqueFd fd_;
    std::uint32_t sequence_ = 0;
};

class KernelProbe {
  public:
    /// Longest time that a socket is followed, and most sockets at once (under churn the newest are followed,
    /// the rest are not).
    static constexpr Duration kPatience = Duration::seconds(2);
    static constexpr std::size_t kMostWatched = 256;

    explicit KernelProbe(engine::Observer& observer);
    KernelProbe(const KernelProbe&) = delete;
    KernelProbe& operator=(const KernelProbe&) = delete;
    ~KernelProbe();

    void watch(SocketId socket, const Endpoint& local, const Endpoint& remote,
               std::optional<TcpState> last_state, std::optional<EventId> cause);
    /// Waits until every watched socket is in TIME-WAIT or gone, or `patience` is over.
    void settle(Duration patience);

  private:
    struct Watched {
        SocketId socket;
        Endpoint local;
        Endpoint remote;
        TcpState state = TcpState::Closed;
        std::optional<EventId> cause;
        std::int64_t until_ns = 0;
    };
    void run();
    /// Whether there is more to learn about it.
    bool ask(Watched& w);

    engine::Observer& observer_;
    SockDiag diag_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Watched> waiting_;  ///< handed over, under mutex_
    std::size_t unsettled_ = 0;     ///< under mutex_
    bool ending_ = false;           ///< under mutex_
    std::thread thread_;
};

}  // namespace synscope::host
