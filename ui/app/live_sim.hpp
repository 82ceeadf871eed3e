#pragma once
// A simulation in real time, one end of whose wire is a TAP device: virtual time is kept beside the clock on
// the wall, frames are carried both ways. It sleeps until a frame comes, the simulation has something to do,
// the other process ends, or a signal comes (interrupt.hpp). Thread rule: main thread.

#include <cstdint>

#include "net/base/result.hpp"
#include "sim/run/simulation.hpp"

namespace synscope::app {

struct LiveWire {
    int tap_fd = -1;    ///< nonblocking
    int ended_fd = -1;  ///< readable once the process at the other end has ended
    /// Whether Ctrl-C is to end it; else the other process hears of it and is waited for.
    bool stops_when_interrupted = true;
};

enum class LiveEnd : std::uint8_t { Interrupted, OtherEnded, Limit };

class LiveSim {
  public:
    LiveSim(sim::Simulation& simulation, const LiveWire& wire);

    /// Lets so much virtual time pass at once: servers get to listen.
    void settle(Duration length);
    /// Until something ends it. Fails when the device is lost.
    [[nodiscard]] Result<LiveEnd, OsError> run();

  private:
    [[nodiscard]] Instant now() const;
    void write_frames();
    [[nodiscard]] Result<bool, OsError> read_frames();
    [[nodiscard]] Result<bool, OsError> wait(bool busy);

    sim::Simulation& simulation_;
    LiveWire wire_;
    std::int64_t begin_ns_ = 0;  ///< on the monotonic clock
};

}  // namespace synscope::app
