#pragma once
// What the analyser remembers of a connection: a few words per direction, kept together because every segment
// touches them. Thread rule: values.

#include <array>
#include <cstdint>

#include "capture/track/analysis.hpp"
#include "capture/track/flight.hpp"
#include "capture/track/flow_table.hpp"

namespace synscope::track {

/// A number of the sequence space that may not be known yet.
class SeenSeq {
  public:
    [[nodiscard]] constexpr bool known() const noexcept { return known_; }
    [[nodiscard]] constexpr Seq32 value() const noexcept { return value_; }
    [[nodiscard]] constexpr bool is(Seq32 seq) const noexcept { return known_ && value_ == seq; }
    constexpr void set(Seq32 seq) noexcept {
        value_ = seq;
        known_ = true;
    }
    constexpr void forget() noexcept { known_ = false; }

  private:
    Seq32 value_;
    bool known_ = false;
};

/// The window scale of one direction (RFC 7323 section 2).
class WindowScale {
  public:
    /// Its SYN was not seen: windows are told as they are on the wire, and never called full.
    [[nodiscard]] constexpr bool unknown() const noexcept { return shift_ == kUnknown; }
    /// The shift in use or offered; 0 when unknown or turned off.
    [[nodiscard]] constexpr std::uint32_t shift() const noexcept {
        return shift_ < 0 ? 0 : static_cast<std::uint32_t>(shift_);
    }
    [[nodiscard]] constexpr bool offered() const noexcept { return shift_ >= 0; }
    [[nodiscard]] constexpr bool off() const noexcept { return shift_ == kOff; }
    constexpr void offer(std::uint8_t shift) noexcept { shift_ = static_cast<std::int8_t>(shift); }
    constexpr void turn_off() noexcept { shift_ = kOff; }

  private:
    static constexpr std::int8_t kUnknown = -1;
    static constexpr std::int8_t kOff = -2;
    std::int8_t shift_ = kUnknown;
};

/// One direction: what its sender sent so far.
struct Half {
    SeenSeq base;        ///< relative 0
    SeenSeq next;        ///< one behind the highest number sent
    SeenSeq contiguous;  ///< one behind what was sent without a gap: what the other side can acknowledge
    Seq32 last_ack;      ///< the field of its latest segment, whether or not that had the ACK flag; 0: none
    Seq32 behind_fin;    ///< one behind its FIN, where `fin`
    Instant next_at;     ///< when `next` was reached
    Instant last_ack_at;
    std::uint32_t duplicate_acks = 0;  ///< since its ACK moved, or since `missed`
    std::uint32_t sacked = 0;          ///< bytes in the SACK blocks of its latest segment
    std::uint16_t window = 0;          ///< of its latest segment, as on the wire
    AnalysisFlags last_flags;
    WindowScale scale;
    bool window_seen = false;
    bool window_of_syn = false;  ///< no ACK came behind its latest SYN: `window` is not scaled
    /// It was acknowledged beyond everything seen of it, its own ACK did not move since and was not repeated.
    bool missed = false;
    bool base_guessed = true;  ///< `base` is not the number of a SYN of it
    bool flight_known = true;  ///< an ACK from the other side came since the last gap
    bool fin = false;
    bool fin_acknowledged = false;
    bool mss_known = false;
    std::uint16_t mss = 0;
    Flight flight;
    std::uint32_t packets = 0;
    std::uint64_t payload_bytes = 0;
};

/// Begins where a cache line does: fewer of them are touched.
struct alignas(64) ConnectionState {
    PackedFlow flow;
    std::array<Half, 2> halves;     ///< by the end of the flow that sent: low, high
    std::optional<Instant> syn_at;  ///< of the latest SYN without ACK
    std::optional<Duration> initial_rtt;
    Instant first_at;
    Instant last_at;
    std::uint32_t earlier = kNoConnection;
    std::uint8_t completeness = 0;
    std::uint8_t seen_first = 0;  ///< what the first segment adds to it behind that segment
    bool client_is_high = false;
    bool reused_ports = false;
    bool joined_midway = false;
    bool closed_before_rst = false;  ///< both FINs were acknowledged when the first RST came
    std::array<std::uint32_t, kAnalysisFlagCount> counts{};

    static constexpr std::uint32_t kNoConnection = 0xffffffff;
};

}  // namespace synscope::track
