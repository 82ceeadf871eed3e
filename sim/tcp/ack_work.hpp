#pragma once
// What one ACK turned out to do: filled by the scoreboard, read by loss recovery and congestion control.
// Private to sim/tcp. Thread rule: values.

#include <cstdint>
#include <optional>

#include "net/base/instant.hpp"
#include "net/base/seq32.hpp"

namespace synscope::sim::tcp {

/// What to send when the ACK is digested.
enum class Resend : std::uint8_t { Nothing, Lost, New };

struct AckWork {
    Seq32 prior_una;
    Seq32 prior_highest_sack;
    std::uint32_t prior_in_flight = 0;
    std::uint32_t prior_packets_out = 0;
    std::uint32_t prior_delivered = 0;
    std::uint32_t prior_lost = 0;
    std::uint32_t duplicates = 0;  ///< 1: this is a duplicate ACK (RFC 5681 section 2)

    bool carries_data = false;
    bool window_update = false;
    bool data_acked = false;
    bool syn_acked = false;
    bool una_advanced = false;
    bool data_sacked = false;
    bool retransmitted_acked = false;
    bool original_acked = false;  ///< something sent once was acknowledged (RFC 5682)
    bool dsacking = false;
    bool dsack_of_probe = false;
    bool retransmission_lost = false;
    bool ece = false;
    bool set_timer = false;
    bool app_rtt = false;

    Seq32 lowest_reordered;  ///< the start of the first original that filled a hole
    std::optional<Instant> first_acked;
    std::optional<Instant> last_acked;
    std::optional<Instant> first_sacked;
    std::optional<Instant> last_sacked;
    std::uint32_t rtt_us = 0;  ///< of this ACK for congestion control; 0: none
    Resend resend = Resend::Nothing;

    /// RFC 5681 section 2: an ACK with data, a window update, or one that acknowledges is no duplicate.
    [[nodiscard]] bool not_duplicate() const noexcept {
        return carries_data || window_update || data_acked || syn_acked;
    }
    [[nodiscard]] bool alerts() const noexcept { return data_sacked || ece || dsacking; }
};

}  // namespace synscope::sim::tcp
