#pragma once
// CUBIC (RFC 9438) in integers, so that every platform computes the same window: time in 1/1024 s, C = 0.4 as
// 410/1024, beta = 0.7 as 717/1024, the numbers Linux uses. Deviation, as Linux: in the Reno-friendly region
// W_est keeps growing by alpha when it has passed the window of the last loss (section 4.3 would have it grow
// by 1). Thread rule: as congestion.hpp.

#include <optional>

#include "sim/tcp/congestion/congestion.hpp"
#include "sim/tcp/congestion/hystart.hpp"

namespace synscope::sim::tcp {

class Cubic final : public Congestion {
  public:
    explicit Cubic(SlowStartExit exit) noexcept : exit_(exit) {}
    [[nodiscard]] std::string_view name() const noexcept override { return "cubic"; }
    [[nodiscard]] std::uint32_t ssthresh_after_loss(const CongestionState& cc) override;
    void grow(CongestionState& cc, const AckFacts& ack) override;
    void event(CongestionEvent event, Instant now, Duration idle) override;
    void sample(CongestionState& cc, const AckFacts& ack) override;

    /// The cube root, rounded down.
    [[nodiscard]] static std::uint32_t cube_root(std::uint64_t value) noexcept;

  private:
    /// Segments to acknowledge for one step of the window.
    [[nodiscard]] std::uint32_t step_count(const CongestionState& cc, const AckFacts& ack) noexcept;
    void begin_epoch(const CongestionState& cc, const AckFacts& ack) noexcept;
    void follow_reno(std::uint32_t cwnd) noexcept;

    SlowStartExit exit_;
    std::optional<Instant> epoch_;  ///< congestion avoidance began
    std::uint32_t w_max_ = 0;       ///< segments
    std::uint32_t origin_ = 0;      ///< the plateau
    std::uint64_t k_ = 0;           ///< 1/1024 s until the plateau
    std::uint32_t count_ = 0;
    std::uint32_t acked_ = 0;  ///< for W_est
    std::uint32_t w_est_ = 0;  ///< what Reno would have (RFC 9438 section 4.3)
    std::uint32_t last_cwnd_ = 0;
    Instant last_time_;
    std::uint32_t delay_min_us_ = 0;
    bool found_ = false;  ///< HyStart ended slow start
    LinuxHystart hystart_;
    HystartPlusPlus hystart_plus_plus_;
};

}  // namespace synscope::sim::tcp
