#pragma once
// Leaving slow start before it overflows the queue: HyStart++ (RFC 9406), and the HyStart that Linux's CUBIC
// has. Thread rule: values.

#include <cstdint>

#include "sim/tcp/congestion/congestion.hpp"

namespace synscope::sim::tcp {

/// RFC 9406 section 4: slow start, then conservative slow start when the round trip grows, then congestion
/// avoidance.
class HystartPlusPlus {
  public:
    void sample(const AckFacts& ack) noexcept;
    /// How much of `acked` slow start may use: eight segments at most, and a quarter of them in conservative
    /// slow start.
    [[nodiscard]] std::uint32_t allowed(std::uint32_t acked) noexcept;
    /// Conservative slow start lasted its rounds: ssthresh becomes cwnd.
    [[nodiscard]] bool ended() const noexcept { return ended_; }
    void reset() noexcept { *this = {}; }

  private:
    static constexpr std::uint32_t kMinRttThresholdUs = 4'000;
    static constexpr std::uint32_t kMaxRttThresholdUs = 16'000;
    static constexpr std::uint32_t kRttDivisor = 8;
    static constexpr std::uint32_t kRttSamples = 8;
    static constexpr std::uint32_t kGrowthDivisor = 4;
    static constexpr std::uint32_t kRounds = 5;
    static constexpr std::uint32_t kBurst = 8;  // nothing here is paced

    bool started_ = false;
    bool conservative_ = false;
    bool ended_ = false;
    Seq32 window_end_;
    std::uint32_t last_round_min_us_ = ~0u;
    std::uint32_t current_min_us_ = ~0u;
    std::uint32_t baseline_min_us_ = ~0u;
    std::uint32_t samples_ = 0;
    std::uint32_t rounds_ = 0;
    std::uint32_t credit_ = 0;
};

/// Ha and Rhee, "Taming the elephants: new TCP slow start" (2011), with Linux's numbers: a train of ACKs
/// longer than half the least delay, or a delay that grew by an eighth.
class LinuxHystart {
  public:
    /// True when slow start should end here.
    [[nodiscard]] bool sample(const CongestionState& cc, const AckFacts& ack,
                              std::uint32_t delay_min_us) noexcept;
    void reset() noexcept { *this = {}; }

  private:
    static constexpr std::uint32_t kLowWindow = 16;
    static constexpr std::uint32_t kMinSamples = 8;
    static constexpr Duration kAckGap = Duration::milliseconds(2);

    bool started_ = false;
    Instant round_start_;
    Instant last_ack_;
    Seq32 end_seq_;
    std::uint32_t current_us_ = ~0u;
    std::uint32_t samples_ = 0;
};

}  // namespace synscope::sim::tcp
