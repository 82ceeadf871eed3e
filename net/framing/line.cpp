// Framing `line`: text that ends with a line feed, as people type it into `nc`. A carriage return before the
// line feed belongs to the end, not to the line (most text protocols of the Internet write both; RFC 5321
// section 2.3.8); where a message lies tells the two apart: its bytes are one or two longer than its body. A
// line that the end of the stream cuts off is no line: nobody knows what else would have come.
#include <algorithm>

#include "net/framing/declared.hpp"

namespace synscope::framing {

namespace {

/// Nobody writes longer ones, and a stream without a line feed must not be kept for ever.
constexpr std::uint64_t kLongest = std::uint64_t{64} << 10;

constexpr Delimiter kLineFeed{{std::byte{'\n'}}, 1, true};

Limits shorter(Limits limits) {
    return {std::min(limits.max_body, kLongest)};
}

}  // namespace

std::unique_ptr<Encoder> make_line_encoder(Limits limits) {
    return make_delimiter_encoder(kLineFeed, shorter(limits));
}
std::unique_ptr<Decoder> make_line_decoder(Limits limits) {
    return make_delimiter_decoder(kLineFeed, shorter(limits));
}

}  // namespace synscope::framing
