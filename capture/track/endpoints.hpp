#pragma once
// What the packets of a capture let one conclude about the states of the two endpoints (RFC 9293
// section 3.3.2 and figure 5), and nothing more. See tracker.hpp for the rule. Thread rule: values.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/tcp_state.hpp"
#include "net/wire/tcp_flags.hpp"

namespace synscope::track {

/// A segment as far as it matters here; numbers are relative.
struct SegmentFacts {
    Side from = Side::Client;
    wire::TcpFlags flags;
    std::int64_t seq = 0;
    std::uint32_t length = 0;
    std::optional<std::int64_t> ack;
    bool fresh = true;  ///< carries something not seen before
    /// Before this segment: the highest ACK the other side sent, and one behind the highest number `from`
    /// sent.
    std::optional<std::int64_t> acked_before;
    std::optional<std::int64_t> next_before;
};

class Endpoints {
  public:
    struct Change {
        Side side;
        TcpState state;
    };
    /// The states that this segment shows, in the order in which they were entered.
    [[nodiscard]] std::vector<Change> segment(const SegmentFacts& s);
    [[nodiscard]] std::optional<TcpState> state(Side side) const noexcept { return ends_[index(side)].state; }
    /// Whether a FIN or an acceptable RST was seen.
    [[nodiscard]] bool closing() const noexcept;

  private:
    struct End {
        std::optional<TcpState> state;
        bool alive = false;               ///< sent something since the capture began: no FIN came before it
        std::optional<std::int64_t> fin;  ///< the relative number of its FIN
        bool fin_acked = false;
        /// The ACK of its FIN came behind the other's FIN: it had entered CLOSING by then.
        bool acked_behind_fin = false;
        bool got_fin = false;  ///< has acknowledged the other's FIN
    };
    static std::size_t index(Side side) noexcept { return side == Side::Client ? 0 : 1; }
    End& end(Side side) noexcept { return ends_[index(side)]; }
    void enter(Side side, TcpState state);

    void reset(const SegmentFacts& s);
    void syn(const SegmentFacts& s);
    void joined_midway(const SegmentFacts& s);
    void ack_of_syn(const SegmentFacts& s);
    void ack_of_fin(const SegmentFacts& s);
    void fin(const SegmentFacts& s);

    std::array<End, 2> ends_;
    bool reset_ = false;
    std::vector<Change> changes_;
};

}  // namespace synscope::track
