#pragma once
// How a server is told to stop, and how a thread that sleeps in accept() or recv() learns of it.
//
// A flag alone is lost when it is set just before the call that then sleeps; a signal has the same gap. So
// the condition is put into the socket itself: a blocking engine registers the socket it is about to wait on,
// and request() shuts its reading side down. That is a state, not an edge: a call that sleeps wakes (accept:
// EINVAL, recv: what has arrived, then end-of-file), one that begins later does not sleep at all, and a
// socket registered later is shut down at once. No packet is sent for it. An engine with a readiness call
// watches fd() instead.
//
// A stop drains: what has arrived is answered, what is to be written is written. A peer that does not read
// could hold that up for ever, so after a grace period the caller forces the stop, which also ends a sleeping
// send(). Thread rule: all functions may be called by any thread.

#include <atomic>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "net/engine/socket.hpp"

namespace synscope::engine {

inline constexpr int kStopRequested = SIGUSR1;
inline constexpr int kStopForced = SIGUSR2;

class StopSignal {
  public:
    /// Fails when the process has no descriptors left.
    static Result<std::unique_ptr<StopSignal>, OsError> create();
    /// For an engine that watches fd() and force_fd() (Properties::watches_stop): fd() is a copy of `stop_fd`
    /// (-1: there will be no request), force_fd() is readable `grace` after the request. So the process needs
    /// no second thread, which would make each call on a descriptor dearer: the kernel then counts the users
    /// of the file for as long as the call lasts.
    static Result<std::unique_ptr<StopSignal>, OsError> create_following(int stop_fd, Duration grace);

    [[nodiscard]] bool requested() const noexcept { return requested_.load(std::memory_order_acquire); }
    [[nodiscard]] bool forced() const noexcept { return forced_.load(std::memory_order_acquire); }
    /// Readable from request() on; nobody reads it empty.
    [[nodiscard]] int fd() const noexcept { return request_fd_.get(); }
    /// Readable from force() on.
    [[nodiscard]] int force_fd() const noexcept { return force_fd_.get(); }

    /// For a process that forks: from now on it, and its children, also learn of a stop by kStopRequested and
    /// kStopForced, whose handlers do to the sockets that are waited on what request() and force() do. A
    /// child has nobody else to tell it. One StopSignal of a process, which has one thread.
    void hear_by_signals();

    void request(Calls& calls);
    void force(Calls& calls);
    /// One of fd() and force_fd() became readable: takes note of which.
    void look(Calls& calls);

    /// While it lives, request() and force() reach this socket. Ends before the socket is closed, so that a
    /// stop can never hit a descriptor that has become another's.
    class Interruptible {
      public:
        Interruptible(StopSignal& stop, Calls& calls, const Socket& socket);
        Interruptible(const Interruptible&) = delete;
        Interruptible& operator=(const Interruptible&) = delete;
        ~Interruptible();

      private:
        StopSignal& stop_;
        int fd_;
        int slot_ = -1;  ///< where signal handlers find it, in a process that hears by them
    };

  private:
    StopSignal() = default;
    static void heard(int signal);
    void start_timer(Duration grace) const;
    struct Waiting {
        int fd;
        SocketId id;
        bool listener;
    };
    UniqueFd request_fd_;
    UniqueFd force_fd_;
    std::optional<Duration> grace_;  ///< it follows another's descriptor, and force_fd_ is a timer
    std::atomic<bool> requested_{false};
    std::atomic<bool> forced_{false};
    bool by_signals_ = false;
    std::mutex mutex_;
    std::vector<Waiting> waiting_;  ///< under mutex_
};

}  // namespace synscope::engine
