#pragma once
// A TCP segment on one line, as tcpdump and packetdrill write it, with relative numbers. The one notation of
// ladder, tests, golden files, logs and tooltips:
//
//   S 0:0(0) win 64240 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>
//   S. 0:0(0) ack 1 win 65160 <mss 1460>
//   . ack 1 win 502                  a lone ACK takes no sequence numbers and shows none
//   P. 1:7(6) ack 1 win 512
//   F. 7:7(0) ack 7 win 512
//   R 1:1(0) win 0
//
// Time and names go before it: "0.000123 client > server  S 0:0(0) ...". Thread rule: pure functions.

#include <cstdint>
#include <optional>
#include <string>

#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/base/seq32.hpp"
#include "net/wire/tcp_flags.hpp"
#include "net/wire/transport.hpp"

namespace synscope::wire {

struct TcpTextInput {
    TcpFlags flags;
    std::int64_t seq = 0;  ///< relative: the SYN is 0, the first byte of data 1
    std::uint32_t length = 0;
    std::optional<std::int64_t> ack;  ///< relative; nothing when the ACK bit is not set
    std::uint32_t window = 0;         ///< in bytes where the scale is known, else as on the wire
    std::uint16_t urgent = 0;         ///< written when URG is set
    ByteSpan options;
    Seq32
        sack_zero;  ///< the other direction's initial sequence number: SACK edges are written relative to it
};
[[nodiscard]] std::string tcp_text(const TcpTextInput& input);

/// The same from a segment and the initial sequence numbers of both directions. Numbers lie near the start of
/// the stream: beyond 2 GiB pass unwrapped ones to tcp_text(TcpTextInput).
[[nodiscard]] std::string tcp_text(const TcpSegment& segment, Seq32 own_zero, Seq32 other_zero,
                                   std::uint8_t window_shift);

/// The whole line: "0.000123 client > server  S 0:0(0) ...". Names are the caller's, escaped already.
[[nodiscard]] std::string packet_line(Duration since_start, std::string_view from, std::string_view to,
                                      std::string_view body);

}  // namespace synscope::wire
