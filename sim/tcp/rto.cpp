#include "sim/tcp/rto.hpp"

#include <algorithm>

namespace synscope::sim::tcp {

void Rto::sample(std::uint32_t rtt_us, bool round_ended, Duration rto_min) noexcept {
    const auto floor_us = static_cast<std::uint32_t>(rto_min.ns / 1000);
    if (srtt_us == 0) {
        // RFC 6298 §2.2: SRTT <- R, RTTVAR <- R/2.
        srtt_us = std::max(rtt_us, 1u) << 3;
        mdev_us = rtt_us << 1;
        rttvar_us = std::max(mdev_us, floor_us);
        mdev_max_us = rttvar_us;
        return;
    }
    // RFC 6298 §2.3 with alpha 1/8; beta is 1/4, but 1/32 when the sample lies below the estimate by more
    // than the variance: a path that got faster must not look like a path that varies.
    std::int64_t error = std::int64_t{rtt_us} - (srtt_us >> 3);
    srtt_us = static_cast<std::uint32_t>(std::max<std::int64_t>(std::int64_t{srtt_us} + error, 1));
    if (error < 0) {
        error = -error - (mdev_us >> 2);
        if (error > 0) error >>= 3;
    } else {
        error -= mdev_us >> 2;
    }
    mdev_us = static_cast<std::uint32_t>(std::max<std::int64_t>(std::int64_t{mdev_us} + error, 0));
    if (mdev_us > mdev_max_us) {
        mdev_max_us = mdev_us;
        rttvar_us = std::max(rttvar_us, mdev_max_us);
    }
    if (round_ended) {
        if (mdev_max_us < rttvar_us) rttvar_us -= (rttvar_us - mdev_max_us) >> 2;
        mdev_max_us = floor_us;
    }
}

Duration Rto::base(Duration rto_max) const noexcept {
    const std::int64_t us = std::int64_t{srtt_us >> 3} + rttvar_us;
    // Linux keeps the timeout in ticks of a millisecond, rounded up.
    const Duration rounded = Duration::milliseconds((us + 999) / 1000);
    return std::min(rounded, rto_max);
}

void Rto::sample_min(Instant now, std::uint32_t rtt_us, Duration window) noexcept {
    const Minimum fresh{now, rtt_us};
    if (!has_min_ || rtt_us <= minima_[0].rtt_us || now - minima_[2].at > window) {
        minima_.fill(fresh);
        has_min_ = true;
        return;
    }
    if (rtt_us <= minima_[1].rtt_us) {
        minima_[2] = minima_[1] = fresh;
    } else if (rtt_us <= minima_[2].rtt_us) {
        minima_[2] = fresh;
    }
    const Duration age = now - minima_[0].at;
    if (age > window) {
        minima_ = {minima_[1], minima_[2], fresh};
        if (now - minima_[0].at > window) minima_ = {minima_[1], minima_[2], fresh};
    } else if (minima_[1].at == minima_[0].at && age > window / 4) {
        minima_[2] = minima_[1] = fresh;
    } else if (minima_[2].at == minima_[1].at && age > window / 2) {
        minima_[2] = fresh;
    }
}

}  // namespace synscope::sim::tcp
