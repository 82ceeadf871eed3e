#pragma once
// The retransmission timeout (RFC 6298), estimated as Linux does: the variance falls once per round trip
// only, and its share of the timeout never lies below rto_min (RFC 6298 section 2.4 would bound the sum
// instead). Units: microseconds. Thread rule: values.

#include <array>
#include <cstdint>
#include <optional>

#include "net/base/instant.hpp"

namespace synscope::sim::tcp {

class Rto {
  public:
    std::uint32_t srtt_us = 0;    ///< 8 * SRTT; 0 before the first sample
    std::uint32_t rttvar_us = 0;  ///< 4 * RTTVAR, smoothed
    std::uint32_t mdev_us = 0;
    std::uint32_t mdev_max_us = 0;
    Duration value = Duration::seconds(1);  ///< with backoff

    /// RFC 6298 section 2.2 and 2.3. `round_ended`: SND.UNA passed the SND.NXT of the last call that said so.
    void sample(std::uint32_t rtt_us, bool round_ended, Duration rto_min) noexcept;
    /// The timeout of the estimate, without backoff.
    [[nodiscard]] Duration base(Duration rto_max) const noexcept;
    void reset_backoff(Duration rto_max) noexcept { value = base(rto_max); }
    [[nodiscard]] Duration srtt() const noexcept { return Duration::microseconds(srtt_us >> 3); }

    /// The least round-trip time of the last `window` (tcp_min_rtt_wlen), a three-value running minimum.
    void sample_min(Instant now, std::uint32_t rtt_us, Duration window) noexcept;
    /// ~0 before the first sample.
    [[nodiscard]] std::optional<std::uint32_t> min_rtt_us() const noexcept {
        if (!has_min_) return std::nullopt;
        return minima_[0].rtt_us;
    }

  private:
    struct Minimum {
        Instant at;
        std::uint32_t rtt_us = 0;
    };
    std::array<Minimum, 3> minima_{};
    bool has_min_ = false;
};

}  // namespace synscope::sim::tcp
