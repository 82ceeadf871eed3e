#pragma once
// No congestion control: the peer's window alone limits. For lessons: what the others are for. Thread rule:
// as congestion.hpp.

#include "sim/tcp/congestion/congestion.hpp"

namespace synscope::sim::tcp {

class NoCongestionControl final : public Congestion {
  public:
    static constexpr std::uint32_t kWindow = 0xffff;
    [[nodiscard]] std::string_view name() const noexcept override { return "none"; }
    [[nodiscard]] std::uint32_t ssthresh_after_loss(const CongestionState&) override { return kWindow; }
    void grow(CongestionState& cc, const AckFacts&) override { cc.cwnd = kWindow; }
    [[nodiscard]] std::uint32_t undo_cwnd(const CongestionState&) const noexcept override { return kWindow; }
};

}  // namespace synscope::sim::tcp
