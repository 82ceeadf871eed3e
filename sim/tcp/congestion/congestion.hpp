#pragma once
// The small interface behind which congestion control stands. An algorithm sees the counts of CongestionState
// and the facts of one ACK; it never sees the connection. Loss recovery (recovery.hpp) decides when the
// window is reduced and undone; the algorithm says to what, and how the window grows otherwise. Units:
// segments, as RFC 5681 allows and Linux counts. Ownership: one algorithm per connection. Thread rule: one
// thread per simulation.

#include <cstdint>
#include <memory>
#include <string_view>

#include "net/base/instant.hpp"
#include "net/base/seq32.hpp"
#include "sim/tcp/personality.hpp"

namespace synscope::sim::tcp {

inline constexpr std::uint32_t kInfiniteSsthresh = 0x7fffffff;

struct CongestionState {
    std::uint32_t cwnd = 10;
    std::uint32_t ssthresh = kInfiniteSsthresh;
    std::uint32_t cwnd_count = 0;  ///< segments acknowledged towards the next step of congestion avoidance
    std::uint32_t clamp = 0xffffffff;
    std::uint32_t prior_cwnd = 0;      ///< before the reduction
    std::uint32_t prior_ssthresh = 0;  ///< 0: nothing to undo
    // Congestion window validation (RFC 2861, 7661)
    std::uint32_t max_packets_out = 0;
    Seq32 usage_seq;
    std::uint32_t used = 0;
    bool limited = false;
    Instant stamp;

    [[nodiscard]] bool slow_start() const noexcept { return cwnd < ssthresh; }
};

/// One ACK of new data.
struct AckFacts {
    Instant now;
    std::uint32_t acked = 0;   ///< segments newly acknowledged or SACKed
    std::uint32_t rtt_us = 0;  ///< of this ACK, 0: no sample
    std::uint32_t srtt_us = 0;
    std::uint32_t min_rtt_us = 0;
    Seq32 una;
    Seq32 nxt;
    bool cwnd_limited = true;
};
enum class CongestionEvent : std::uint8_t { TransmitStart, Loss, Restart, RecoveryComplete };

class Congestion {
  public:
    Congestion() = default;
    Congestion(const Congestion&) = delete;
    virtual ~Congestion() = default;
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    /// The threshold after a loss (RFC 5681 equation 4, RFC 9438 section 4.6).
    [[nodiscard]] virtual std::uint32_t ssthresh_after_loss(const CongestionState& cc) = 0;
    /// Grows the window. Called outside of recovery only.
    virtual void grow(CongestionState& cc, const AckFacts& ack) = 0;
    /// The window to return to when a reduction proved needless.
    [[nodiscard]] virtual std::uint32_t undo_cwnd(const CongestionState& cc) const noexcept {
        return cc.cwnd > cc.prior_cwnd ? cc.cwnd : cc.prior_cwnd;
    }
    /// `idle`: with TransmitStart, how long nothing was sent before.
    virtual void event(CongestionEvent, Instant /*now*/, Duration /*idle*/) {}
    /// Every ACK with a sample, before grow() (HyStart).
    virtual void sample(CongestionState&, const AckFacts&) {}

  protected:
    /// An algorithm starts over by assigning itself a new one.
    Congestion& operator=(const Congestion&) = default;
};

/// Slow start (RFC 5681 section 3.1): takes what it needs of `acked`, returns the rest.
[[nodiscard]] std::uint32_t slow_start(CongestionState& cc, std::uint32_t acked) noexcept;
/// Congestion avoidance: one segment more per `window` segments acknowledged.
void congestion_avoidance(CongestionState& cc, std::uint32_t window, std::uint32_t acked) noexcept;

[[nodiscard]] std::unique_ptr<Congestion> make_congestion(CongestionAlgorithm algorithm, SlowStartExit exit);
[[nodiscard]] std::string_view congestion_name(CongestionAlgorithm algorithm) noexcept;

}  // namespace synscope::sim::tcp
