#pragma once
// The processes that an engine makes: forking, reaping, and telling them to stop. Meant for a process that
// has no threads and no other children (net/host gives such engines a process of their own).
//
// A child dies with its parent, however that ends (PR_SET_PDEATHSIG): no server leaves orphans. One that
// ended is reaped at once: SIGCHLD is blocked except while we sleep in ppoll(), so none is lost between
// looking for the dead and going to sleep. Ownership: destroying it forgets the children; stop() ends them.
// Thread rule: one thread.

#include <sys/types.h>

#include <set>

#include "net/engine/engine.hpp"

namespace synscope::engine {

class Children {
  public:
    explicit Children(const Run& run);
    Children(const Children&) = delete;
    Children& operator=(const Children&) = delete;
    ~Children() = default;

    enum class Side : std::uint8_t { Parent, Child, Failed };
    /// The same code goes on twice. The child hears a stop by signals (StopSignal) and leaves with leave().
    [[nodiscard]] Side fork(Where where = Where::here());
    /// Ends the calling child. Nothing is destroyed: it all belongs to the parent, which still uses it.
    [[noreturn]] void leave() const;

    /// Sleeps until `fd` is readable (-1: for nothing of the kind), a child has ended, or a stop is
    /// requested; reaps, and passes the request on to run.stop. True when `fd` is readable.
    [[nodiscard]] bool wait(int fd, Where where = Where::here());
    [[nodiscard]] std::size_t count() const noexcept { return pids_.size(); }

    /// Tells all to stop, waits until they have, and does not wait longer than the stop is not forced.
    void stop(Where where = Where::here());

  private:
    void reap(Where where);
    void tell(int signal) const;

    const Run& run_;
    std::set<pid_t> pids_;
    sigset_t asleep_{};  ///< the signals blocked while we sleep in ppoll(): as they were before us
    bool forced_ = false;
};

}  // namespace synscope::engine
