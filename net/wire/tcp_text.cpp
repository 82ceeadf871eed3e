#include "net/wire/tcp_text.hpp"

#include <algorithm>

#include "net/base/text.hpp"
#include "net/wire/tcp_options.hpp"

namespace synscope::wire {

std::string tcp_text(const TcpTextInput& input) {
    std::string out = input.flags.text();
    const std::uint32_t numbers = input.length;
    // Only a segment that takes sequence numbers, or resets, is about its own numbers.
    if (numbers != 0 || input.flags.any(TcpFlags::kSyn | TcpFlags::kFin | TcpFlags::kRst))
        append(out, concat(' ', input.seq, ':', input.seq + numbers, '(', numbers, ')'));
    if (input.ack) append(out, concat(" ack ", *input.ack));
    append(out, concat(" win ", input.window));
    if (input.flags.has(TcpFlags::kUrg)) append(out, concat(" urg ", input.urgent));
    const std::string options = tcp_options_text(input.options, input.sack_zero);
    if (!options.empty()) append(out, concat(' ', options));
    return out;
}

std::string tcp_text(const TcpSegment& segment, Seq32 own_zero, Seq32 other_zero, std::uint8_t window_shift) {
    TcpTextInput input;
    input.flags = segment.flags;
    input.seq = Seq32::unwrap(segment.seq, own_zero, 0);
    input.length = segment.payload_length;
    if (segment.flags.has(TcpFlags::kAck)) input.ack = Seq32::unwrap(segment.ack, other_zero, 0);
    // RFC 7323: the window of a SYN is never scaled (section 2.2), a shift above 14 counts as 14
    // (section 2.3).
    const bool scaled = !segment.flags.has(TcpFlags::kSyn);
    input.window = static_cast<std::uint32_t>(segment.window)
                   << (scaled ? std::min<unsigned>(window_shift, 14) : 0u);
    input.urgent = segment.urgent;
    input.options = segment.options;
    input.sack_zero = other_zero;
    return tcp_text(input);
}

std::string packet_line(Duration since_start, std::string_view from, std::string_view to,
                        std::string_view body) {
    return concat(seconds_text(since_start, 6), ' ', from, " > ", to, "  ", body);
}

}  // namespace synscope::wire
