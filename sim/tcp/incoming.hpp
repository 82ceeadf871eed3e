#pragma once
// A segment that arrived, read once: numbers, flags and options as RFC 9293 section 3.3.1's SEG.* variables.
// Private to sim/tcp. Thread rule: values.

#include <array>
#include <cstdint>
#include <optional>

#include "sim/tcp/segment.hpp"
#include "sim/tcp/tcb.hpp"

namespace synscope::sim::tcp {

struct ParsedOptions {
    std::optional<std::uint16_t> mss;
    std::optional<std::uint8_t> window_scale;
    bool sack_permitted = false;
    bool timestamps = false;
    std::uint32_t ts_value = 0;
    std::uint32_t ts_echo = 0;
    std::array<SequenceRange, 4> sacks{};
    std::uint8_t sack_count = 0;
    bool fastopen = false;
    bool fastopen_experimental = false;
    std::array<std::byte, 16> cookie{};
    std::uint8_t cookie_size = 0;
};
/// What cannot be read ends the list; unknown kinds are passed over (RFC 9293 MUST-6, MUST-7).
[[nodiscard]] ParsedOptions parse_options(ByteSpan bytes, bool syn) noexcept;

struct Incoming {
    explicit Incoming(const Segment& segment) noexcept;

    const Segment& segment;
    Seq32 seq;
    Seq32 ack;
    Seq32 end;              ///< SEG.SEQ + SEG.LEN
    std::uint32_t wnd = 0;  ///< unscaled
    bool syn = false;
    bool fin = false;
    bool rst = false;
    bool has_ack = false;
    bool psh = false;
    bool urg = false;
    bool ece = false;
    bool cwr = false;
    bool ce = false;
    std::uint16_t up = 0;
    Payload payload;
    ParsedOptions options;

    [[nodiscard]] std::uint32_t length() const noexcept { return end.raw() - seq.raw(); }
};

/// One step of RFC 9293 section 3.10.7.4: the segment goes on to the next, or is done with.
enum class Step : std::uint8_t { Continue, Stop };

}  // namespace synscope::sim::tcp
