#pragma once
// An epoll instance with an engine's clients on it. (engine_epoll_lt.cpp makes these calls itself: they are
// what it is about.) Thread rule: one thread.

#include <sys/epoll.h>

#include "net/engine/clients.hpp"

namespace synscope::engine {

class EpollSet {
  public:
    /// Makes it, and puts what is waited for beside clients on it.
    [[nodiscard]] Result<void, OsError> begin(const Run& run, const Clients& clients);
    /// Has `events` reported for a client from now on; a call only where they are others than before. False:
    /// the kernel has no memory for it. A closed socket leaves by itself.
    [[nodiscard]] bool watch(const Run& run, Client& client, std::uint32_t events,
                             Where where = Where::here());
    /// One epoll_wait(); the clients that were reported are due then.
    void wait(const Run& run, Clients& clients, int timeout_ms, Where where = Where::here());

  private:
    UniqueFd epoll_;
    std::array<epoll_event, 64> events_{};
};

}  // namespace synscope::engine
