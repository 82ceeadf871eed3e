#include "tests/unit/capture/track/analysis_script.hpp"

#include <cstdlib>
#include <sstream>

#include "net/wire/header.hpp"
#include "tests/unit/capture/track/flag_bits.hpp"

namespace synscope::track {

namespace {

void push_word(wire::OptionBytes& options, std::uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
        options.push(static_cast<std::byte>(value >> (8 * i)));
}

}  // namespace

Verdict Script::at(double ms, std::string_view line) {
    std::istringstream words{std::string(line)};
    std::string side;
    std::string flags;
    std::string numbers;
    words >> side >> flags >> numbers;
    const std::size_t from = side == "C" ? 0 : 1;
    const Seq32 theirs{isn_[1 - from]};
    wire::TcpSegment segment;
    segment.source = from == 0 ? client : server;
    segment.destination = from == 0 ? server : client;
    segment.flags = wire::TcpFlags{flag_bits(flags)};
    segment.seq = Seq32{isn_[from]} + static_cast<std::uint32_t>(std::strtoll(numbers.c_str(), nullptr, 10));
    segment.payload_length =
        static_cast<std::uint32_t>(std::strtoul(numbers.c_str() + numbers.find('(') + 1, nullptr, 10));
    segment.window = 1000;
    wire::OptionBytes options;
    std::string word;
    std::int64_t value = 0;
    while (words >> word >> value) {
        const auto number = static_cast<std::uint32_t>(value);
        if (word == "ack") segment.ack = theirs + number;
        if (word == "rawack") segment.ack = Seq32{number};
        if (word == "cut") segment.header_cut = value != 0;
        if (word == "win") segment.window = static_cast<std::uint16_t>(value);
        if (word == "wscale") push_word(options, 0x030300u | number, 3);
        if (word == "mss") push_word(options, 0x02040000u | number, 4);
        if (word == "sack") {
            std::uint32_t right = 0;
            words >> right;
            push_word(options, 0x050a, 2);
            push_word(options, (theirs + number).raw(), 4);
            push_word(options, (theirs + right).raw(), 4);
        }
    }
    segment.options = options.span();
    now_ms_ = ms;
    return analyzer.add(Instant{} + Duration::nanoseconds(static_cast<std::int64_t>(ms * 1e6)), segment);
}

Script& Script::feed(const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
        at(now_ms_ + 1, line);
    return *this;
}

}  // namespace synscope::track
