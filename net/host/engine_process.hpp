#pragma once
// A process for an engine that forks: who forks should have no threads, since a child gets one of them and
// the locks of all.
//
// The process has of our descriptors only those it is given: whatever else we have open (the far ends of
// pipes, clients of a test) it would keep open too. It is killed when the thread that made it ends. Thread
// rule: one thread, which outlives the object.

#include <functional>
#include <span>

#include "net/base/result.hpp"
#include "net/engine/observe.hpp"
#include "net/engine/socket.hpp"

namespace synscope::host {

class EngineProcess {
  public:
    using Work = std::function<Result<void, OsError>()>;
    /// Begins `work` in a process of its own, which keeps the descriptors `kept` and the three standard ones.
    static Result<EngineProcess, OsError> begin(const Work& work, std::span<const int> kept,
                                                engine::Observer* observer);
    /// What came of the work. A process that died fails with the signal's name.
    [[nodiscard]] Result<void, OsError> wait();

  private:
    EngineProcess(int pid, engine::UniqueFd outcome) : pid_(pid), outcome_(std::move(outcome)) {}

    int pid_;
    engine::UniqueFd outcome_;  ///< a pipe: the error, or nothing
};

}  // namespace synscope::host
