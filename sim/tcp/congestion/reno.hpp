#pragma once
// Reno (RFC 5681): half the window after a loss, one segment more per round trip. NewReno's part (RFC 6582)
// is loss recovery. Thread rule: as congestion.hpp.

#include "sim/tcp/congestion/congestion.hpp"
#include "sim/tcp/congestion/hystart.hpp"

namespace synscope::sim::tcp {

class Reno final : public Congestion {
  public:
    explicit Reno(SlowStartExit exit) noexcept : hystart_on_(exit == SlowStartExit::HystartPlusPlus) {}
    [[nodiscard]] std::string_view name() const noexcept override { return "reno"; }
    [[nodiscard]] std::uint32_t ssthresh_after_loss(const CongestionState& cc) override;
    void grow(CongestionState& cc, const AckFacts& ack) override;
    void sample(CongestionState& cc, const AckFacts& ack) override;

  private:
    bool hystart_on_;
    HystartPlusPlus hystart_;
};

}  // namespace synscope::sim::tcp
