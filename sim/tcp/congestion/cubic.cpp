#include "sim/tcp/congestion/cubic.hpp"

#include <algorithm>

namespace synscope::sim::tcp {
namespace {

constexpr std::uint64_t kScale = 1024;
constexpr std::uint64_t kBeta = 717;  // RFC 9438 §4.6: 0.7
constexpr std::uint64_t kC = 410;     // RFC 9438 §5: 0.4
/// (W_max - cwnd) / C in units of (1/1024 s)^3: 2^40 / 410.
constexpr std::uint64_t kCubeFactor = (std::uint64_t{1} << 40) / kC;
/// RFC 9438 §4.3: W_est grows by 3 * (1 - beta) / (1 + beta) per window: this many eighths of a window per
/// segment.
constexpr std::uint64_t kRenoScale = 8 * (kScale + kBeta) / 3 / (kScale - kBeta);
constexpr Duration kSameWindow = Duration{31'250'000};

}  // namespace

std::uint32_t Cubic::cube_root(std::uint64_t value) noexcept {
    // 2^22 cubed passes 2^64: one bit of the root after the other.
    std::uint64_t root = 0;
    for (int bit = 21; bit >= 0; --bit) {
        const std::uint64_t next = root | std::uint64_t{1} << bit;
        if (next * next * next <= value) root = next;
    }
    return static_cast<std::uint32_t>(root);
}

std::uint32_t Cubic::ssthresh_after_loss(const CongestionState& cc) {
    epoch_.reset();
    // RFC 9438 §4.7, fast convergence: a flow that lost before it was back gives way to newer ones.
    w_max_ =
        cc.cwnd < w_max_ ? static_cast<std::uint32_t>(cc.cwnd * (kScale + kBeta) / (2 * kScale)) : cc.cwnd;
    return std::max(static_cast<std::uint32_t>(cc.cwnd * kBeta / kScale), 2u);
}

void Cubic::begin_epoch(const CongestionState& cc, const AckFacts& ack) noexcept {
    epoch_ = ack.now;
    acked_ = ack.acked;
    w_est_ = cc.cwnd;
    if (w_max_ <= cc.cwnd) {
        k_ = 0;
        origin_ = cc.cwnd;
    } else {
        // RFC 9438 §4.2, equation 2: K = cubic_root((W_max - cwnd_epoch) / C).
        k_ = cube_root(kCubeFactor * (w_max_ - cc.cwnd));
        origin_ = w_max_;
    }
}

std::uint32_t Cubic::step_count(const CongestionState& cc, const AckFacts& ack) noexcept {
    acked_ += ack.acked;
    if (last_cwnd_ == cc.cwnd && ack.now - last_time_ <= kSameWindow) return count_;
    if (!epoch_ || ack.now != last_time_) {
        last_cwnd_ = cc.cwnd;
        last_time_ = ack.now;
        if (!epoch_) begin_epoch(cc, ack);
        // RFC 9438 §4.4: the target is the window one round trip from now.
        const std::int64_t ms = (ack.now - *epoch_).ns / 1'000'000 + (delay_min_us_ + 999) / 1000;
        const std::uint64_t elapsed = static_cast<std::uint64_t>(ms) * kScale / 1000;
        const std::uint64_t off = elapsed < k_ ? k_ - elapsed : elapsed - k_;
        // RFC 9438 §4.2, equation 1: W_cubic(t) = C * (t - K)^3 + W_max.
        const auto delta = static_cast<std::uint32_t>(kC * off * off * off >> 40);
        const std::uint32_t target = elapsed < k_ ? origin_ - delta : origin_ + delta;
        count_ = target > cc.cwnd ? cc.cwnd / (target - cc.cwnd) : 100 * cc.cwnd;
        // The first epoch has no plateau to aim at: at least five percent per round trip.
        if (w_max_ == 0 && count_ > 20) count_ = 20;
    }
    follow_reno(cc.cwnd);
    // At most one segment for two: half as fast as slow start.
    count_ = std::max(count_, 2u);
    return count_;
}

void Cubic::follow_reno(std::uint32_t cwnd) noexcept {
    // RFC 9438 §4.3: never slower than Reno with the same beta would be.
    const auto per_step = static_cast<std::uint32_t>(cwnd * kRenoScale >> 3);
    while (per_step != 0 && acked_ > per_step) {
        acked_ -= per_step;
        ++w_est_;
    }
    if (w_est_ > cwnd) count_ = std::min(count_, cwnd / (w_est_ - cwnd));
}

void Cubic::grow(CongestionState& cc, const AckFacts& ack) {
    AckFacts left = ack;
    if (cc.slow_start()) {
        const bool plus_plus = exit_ == SlowStartExit::HystartPlusPlus;
        left.acked = slow_start(cc, plus_plus ? hystart_plus_plus_.allowed(ack.acked) : ack.acked);
        if (left.acked == 0) return;
    }
    congestion_avoidance(cc, step_count(cc, left), left.acked);
}

void Cubic::event(CongestionEvent event, Instant now, Duration idle) {
    if (event == CongestionEvent::Loss) {
        const Cubic fresh{exit_};
        *this = fresh;
    } else if (event == CongestionEvent::TransmitStart && epoch_ && idle.ns > 0) {
        // The curve does not rise while nothing is sent (RFC 9438 §4.2).
        epoch_ = std::min(*epoch_ + idle, now);
    }
}

void Cubic::sample(CongestionState& cc, const AckFacts& ack) {
    // Right after a loss the round trip is that of a full queue.
    if (epoch_ && ack.now - *epoch_ < Duration::seconds(1)) return;
    const std::uint32_t delay = std::max(ack.rtt_us, 1u);
    if (delay_min_us_ == 0 || delay < delay_min_us_) delay_min_us_ = delay;
    if (!cc.slow_start()) return;
    if (exit_ == SlowStartExit::LinuxHystart) {
        if (!found_ && hystart_.sample(cc, ack, delay_min_us_)) {
            found_ = true;
            cc.ssthresh = cc.cwnd;
        }
    } else if (exit_ == SlowStartExit::HystartPlusPlus) {
        hystart_plus_plus_.sample(ack);
        if (hystart_plus_plus_.ended()) cc.ssthresh = cc.cwnd;
    }
}

}  // namespace synscope::sim::tcp
