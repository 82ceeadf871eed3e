#pragma once
// The way out of the capture loop: waiting for something to do, and writing without ever being stuck. Thread
// rule: one thread.

#include <cstdint>
#include <optional>

#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/base/result.hpp"

namespace synscope::source {

enum class StopReason : std::uint8_t {
    None,
    Requested,   ///< signal, control pipe, duration, count
    ReaderGone,  ///< nobody reads the stream any more
};

/// Everything besides packets that the loop listens to.
class Attention {
  public:
    struct Descriptors {
        int output = 1;
        int signals = -1;
        std::optional<int> control;
    };
    /// `until`: monotonic time at which to stop.
    Attention(Descriptors descriptors, std::optional<Instant> until);

    /// Waits until `packets` is readable, a stop is asked for, or `timeout` has passed (never longer).
    [[nodiscard]] Result<void, OsError> wait(int packets, Duration timeout);
    /// Writes all of it unless the reader goes away. A full pipe is waited for, but a stop request is heard
    /// meanwhile; a reader that then takes nothing for two seconds is given up.
    [[nodiscard]] Result<void, OsError> write_all(ByteSpan bytes);

    [[nodiscard]] StopReason stop() const noexcept { return stop_; }
    void request_stop() noexcept;

  private:
    [[nodiscard]] Duration bounded(Duration timeout);
    void hear(short signals, short control, short output) noexcept;

    Descriptors descriptors_;
    std::optional<Instant> until_;
    bool regular_file_ = false;
    StopReason stop_ = StopReason::None;
};

/// CLOCK_MONOTONIC and CLOCK_REALTIME.
[[nodiscard]] Instant monotonic_now() noexcept;
[[nodiscard]] Instant wall_now() noexcept;

}  // namespace synscope::source
