#pragma once
// One program on a simulated host: who it is in the record, and what it waits for.
//
// A program is a Task that waits in two ways: for an instant, or for anything to happen on its host, and then
// looks for itself. A wait may end for nothing; programs look again. Ownership: the Process owns its task;
// host and fabric outlive it. Thread rule: one world, one thread.

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>

#include "net/base/task.hpp"
#include "sim/host/host.hpp"
#include "sim/run/machine.hpp"

namespace synscope::sim {

class Process {
  public:
    struct Identity {
        std::uint32_t index = 0;  ///< in the run: what its alarms are named by
        ActorId actor;
        ThreadId thread;
    };
    Process(Machine& machine, const Identity& identity) : machine_(machine), identity_(identity) {}
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] Machine& machine() noexcept { return machine_; }
    [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
    [[nodiscard]] Instant now() const noexcept { return machine_.fabric().now(); }

    /// Gives it what to do; it begins at `when`.
    void run(Task<void> task, Instant when);
    [[nodiscard]] bool done() const noexcept { return task_.done(); }
    /// It waits for an instant, not for others.
    [[nodiscard]] bool is_busy() const noexcept { return !done() && !for_events_; }
    /// Destroys the program where it stands.
    void stop() { task_ = {}; }

    // ---- for the program
    struct Wait {
        Process& process;
        std::optional<Instant> until;
        bool for_events = false;
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiting) const { process.suspend(waiting, *this); }
        void await_resume() const noexcept {}
    };
    [[nodiscard]] Wait sleep(Duration duration) { return {*this, now() + duration, false}; }
    /// Until something happens on the host, at most until `deadline`.
    [[nodiscard]] Wait event(std::optional<Instant> deadline = std::nullopt) {
        return {*this, deadline, true};
    }

    // ---- for the run
    /// The alarm of this number is due.
    void alarm(std::uint64_t number);
    /// Something happened on its host.
    void look();

  private:
    void suspend(std::coroutine_handle<> waiting, const Wait& wait);
    void resume();

    Machine& machine_;
    Identity identity_;
    Task<void> task_;
    std::coroutine_handle<> waiting_;
    bool for_events_ = false;
    bool started_ = false;
    std::uint64_t alarms_ = 0;  ///< given; one that was superseded is ignored
};

}  // namespace synscope::sim
