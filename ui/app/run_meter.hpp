#pragma once
// How long a command runs and what it takes: a line on the terminal while it does (after a second), and the
// figures of --stats at the end. Both go to standard error. Thread rule: one thread.

#include <chrono>
#include <cstdint>

namespace synscope::app {

class RunMeter {
  public:
    /// `watch_memory`: stats() will be asked for.
    explicit RunMeter(bool watch_memory);
    ~RunMeter();
    RunMeter(const RunMeter&) = delete;
    RunMeter& operator=(const RunMeter&) = delete;

    /// Cheap; call it for every batch. `packets` so far.
    void tick(std::uint64_t packets) {
        if (packets >= next_look_) look(packets);
    }
    /// Wipes the line off the terminal.
    void quiet();
    /// Writes the figures. `bytes` are those captured of the packets.
    void stats(std::uint64_t packets, std::uint64_t bytes);

  private:
    using Clock = std::chrono::steady_clock;
    void look(std::uint64_t packets);
    void watch_memory();

    Clock::time_point started_;
    Clock::time_point shown_;
    std::uint64_t next_look_ = 0;
    std::uint64_t peak_bytes_ = 0;
    bool watching_memory_;
    bool terminal_;
    bool line_ = false;
};

}  // namespace synscope::app
