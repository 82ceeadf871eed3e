#pragma once
// Two stacks with a bad wire between them, and programs that write and read at odd moments. Everything is
// drawn from one seed. The promise that is checked: the stream arrives whole, in order, once, or the
// connection ends with a reason.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/tcp/stack.hpp"

namespace synscope::sim::tcp::test {

/// A seed's numbers, one after the other (splitmix64).
class Draw {
  public:
    explicit Draw(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t n) { return next() % n; }
    bool chance(std::uint64_t per_mille) { return below(1000) < per_mille; }

  private:
    std::uint64_t state_;
};

struct WireOptions {
    std::uint32_t loss_per_mille = 0;
    std::uint32_t duplicate_per_mille = 0;
    std::uint32_t reorder_per_mille = 0;
    Duration delay = Duration::milliseconds(10);
    std::uint32_t bytes_per_ms = 0;  ///< 0: no limit of rate
};

struct Outcome {
    std::uint64_t delivered[2] = {0, 0};  ///< bytes read at either end
    std::uint64_t intended[2] = {0, 0};
    std::string broken;          ///< a promise that was not kept
    bool complete = false;       ///< both streams were read to their ends
    Error reason = Error::None;  ///< why not, where a program was told
    std::uint64_t segments = 0;
    std::uint64_t data_segments = 0;
    std::uint64_t timers_fired = 0;
    std::optional<Seq32> isn[2];  ///< of the first SYN of either side
    Instant start;
    Instant end;
};

struct TransferOptions {
    Personality personality[2] = {kLinux, kLinux};
    WireOptions wire;
    std::uint64_t bytes[2] = {20'000, 0};  ///< client to server, server to client
    std::uint64_t seed = 1;
    bool odd_programs = false;  ///< small reads and writes, pauses, window games, urgent data and resets
    std::optional<std::uint32_t> send_buffer;
    std::optional<std::uint32_t> receive_buffer;
    Duration give_up = Duration::seconds(4'000);
    /// Virtual time begins where the clock of RFC 6528 brings this side's first number to within its stream
    /// of the wrap.
    std::optional<std::size_t> wraps;
    /// What happens at the same instant comes in any order.
    bool shuffled = false;
    /// After every event both stacks are audited (tcb_audit.hpp).
    bool audited = false;
    /// Sees every segment before the wire does anything to it.
    std::function<void(const Segment&)> watch;
};

[[nodiscard]] Outcome transfer(const TransferOptions& options);

}  // namespace synscope::sim::tcp::test
