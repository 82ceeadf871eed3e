#include "sim/tcp/congestion/hystart.hpp"

#include <algorithm>

#include "sim/tcp/seq.hpp"

namespace synscope::sim::tcp {

void HystartPlusPlus::sample(const AckFacts& ack) noexcept {
    // RFC 9406 §4.2: a round ends when the window that was sent at its start is acknowledged.
    if (!started_ || !before(ack.una, window_end_)) {
        if (started_ && conservative_ && ++rounds_ >= kRounds) ended_ = true;
        started_ = true;
        window_end_ = ack.nxt;
        last_round_min_us_ = current_min_us_;
        current_min_us_ = ~0u;
        samples_ = 0;
    }
    current_min_us_ = std::min(current_min_us_, ack.rtt_us);
    ++samples_;
    if (samples_ < kRttSamples || current_min_us_ == ~0u) return;
    if (!conservative_) {
        if (last_round_min_us_ == ~0u) return;
        const std::uint32_t threshold =
            std::clamp(last_round_min_us_ / kRttDivisor, kMinRttThresholdUs, kMaxRttThresholdUs);
        if (current_min_us_ >= last_round_min_us_ + threshold) {
            baseline_min_us_ = current_min_us_;
            conservative_ = true;
            rounds_ = 0;
        }
    } else if (current_min_us_ < baseline_min_us_) {
        // The growth was jitter: back to slow start.
        baseline_min_us_ = ~0u;
        conservative_ = false;
    }
}

std::uint32_t HystartPlusPlus::allowed(std::uint32_t acked) noexcept {
    // RFC 9406 §4.3: L segments for one ACK.
    acked = std::min(acked, kBurst);
    if (!conservative_) return acked;
    credit_ += acked;
    const std::uint32_t steps = credit_ / kGrowthDivisor;
    credit_ %= kGrowthDivisor;
    return steps;
}

bool LinuxHystart::sample(const CongestionState& cc, const AckFacts& ack,
                          std::uint32_t delay_min_us) noexcept {
    if (!started_ || after(ack.una, end_seq_)) {
        started_ = true;
        round_start_ = last_ack_ = ack.now;
        end_seq_ = ack.nxt;
        current_us_ = ~0u;
        samples_ = 0;
    }
    if (cc.cwnd < kLowWindow) return false;
    if (ack.now - last_ack_ <= kAckGap) {
        last_ack_ = ack.now;
        // Half the least delay, and half of what a burst of segments takes to leave the sender, at most a
        // millisecond.
        const Duration threshold = Duration::microseconds((std::int64_t{delay_min_us} + 1000) / 2);
        if (ack.now - round_start_ > threshold) return true;
    }
    current_us_ = std::min(current_us_, ack.rtt_us);
    if (samples_ < kMinSamples) {
        ++samples_;
        return false;
    }
    return current_us_ > delay_min_us + std::clamp(delay_min_us >> 3, 4'000u, 16'000u);
}

}  // namespace synscope::sim::tcp
