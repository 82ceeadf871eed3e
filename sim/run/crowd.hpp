#pragma once
// Many clients at once in virtual time, as net/host/crowd on real sockets: one program, one thread, as many
// nonblocking sockets, one epoll. Thread rule: one world, one thread.

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/run/script.hpp"

namespace synscope::sim {

class Crowd {
  public:
    /// `setup` is what its scripts have in common.
    Crowd(const ScriptSetup& setup, std::uint32_t count);
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;
    /// Ends with the last of them. One that fails does not end the others; the first failure is the crowd's,
    /// and says how many there were.
    Task<Result<void, UserError>> run();

  private:
    struct Member {
        Turn turn;
        std::unique_ptr<Script> script;
        bool ended = false;
        Task<void> task;  ///< the last: it is about the script
    };
    /// One after the other, in their order: those whose socket is ready, then those whose time has come.
    Task<void> give_turns();
    Task<void> give_turn(Member& member, std::uint32_t events);
    Task<void> go_through(Member& member);

    Calls& calls_;
    int line_;  ///< of the scenario, for the calls that are no step's
    std::int32_t epoll_ = -1;
    std::vector<std::byte> buffer_;
    std::vector<std::unique_ptr<Member>> members_;
    std::size_t running_ = 0;
    std::size_t failures_ = 0;
    UserError first_failure_;
};

}  // namespace synscope::sim
