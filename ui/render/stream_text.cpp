#include "ui/render/stream_text.hpp"

#include <algorithm>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::render {

namespace {

std::string_view text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Where to cut a text that goes on: not inside a character of UTF-8, which is at most four bytes long.
std::size_t cut_before_character(std::string_view text, std::size_t at) {
    std::size_t cut = at;
    while (at - cut < 3 && cut > 0 && is_continuation(text[cut]))
        --cut;
    return cut == 0 || is_continuation(text[cut]) ? at : cut;
}

std::string count_of(std::uint64_t count, std::string_view what) {
    return concat(count, ' ', what, count == 1 ? "" : "s");
}

std::string_view reason_text(track::GapReason reason) {
    switch (reason) {
        case track::GapReason::Acknowledged:
            return "acknowledged by the receiver, not captured";
        case track::GapReason::NotCaptured:
            return "cut off by the snap length";
        case track::GapReason::NeverSeen:
            return "neither captured nor acknowledged before the capture ended";
        case track::GapReason::Limit:
            return "not waited for any longer, too much came behind them";
        case track::GapReason::Jump:
            return "the sequence numbers go on elsewhere, perhaps 4 GiB more or a multiple of it";
    }
    return "";
}

}  // namespace

std::string_view direction_text(Direction direction) noexcept {
    return direction == Direction::ClientToServer ? "c2s" : "s2c";
}

void StreamText::bytes(Direction direction, std::uint64_t offset, ByteSpan run, std::string& out) {
    if (direction != direction_ || offset != offset_ + begun_.size()) {
        flush(out);
        direction_ = direction;
        offset_ = offset;
    }
    for (std::string_view rest = text_of(run); !rest.empty();) {
        const std::size_t room = kLineBytes + 1 - begun_.size();
        const std::size_t feed = rest.substr(0, room).find('\n');
        const std::size_t count = feed == std::string_view::npos ? std::min(room, rest.size()) : feed + 1;
        begun_ += rest.substr(0, count);
        rest.remove_prefix(count);
        if (begun_.size() > kLineBytes) line(cut_before_character(begun_, kLineBytes), out);
        if (!begun_.empty() && begun_.back() == '\n') line(begun_.size(), out);
    }
}

void StreamText::line(std::size_t length, std::string& out) {
    append(out, concat(direction_text(direction_), Padded{static_cast<std::int64_t>(offset_), 9}, "  ",
                       escaped(std::string_view{begun_}.substr(0, length), Medium::Terminal), '\n'));
    offset_ += length;
    begun_.erase(0, length);
}

void StreamText::flush(std::string& out) {
    if (!begun_.empty()) line(begun_.size(), out);
}

std::string_view message_header() noexcept {
    return "direction\tindex\toffset\tlength\ttext\n";
}

void append_message(std::string& out, Direction direction, std::uint64_t index, std::uint64_t offset,
                    ByteSpan body) {
    append(out, concat(direction_text(direction), '\t', index, '\t', offset, '\t', body.size(), '\t',
                       escaped(text_of(body), Medium::Tsv), '\n'));
}

std::string gap_text(const track::StreamGap& gap) {
    return concat(count_of(gap.bytes.size(), "byte"), " missing at offset ", gap.bytes.begin, ": ",
                  reason_text(gap.reason));
}

std::string notice_text(const track::StreamNotice& notice) {
    const std::string bytes = count_of(notice.bytes.size(), "byte");
    const std::string at = concat(" at offset ", notice.bytes.begin);
    switch (notice.kind) {
        case track::StreamOddity::Conflict:
            return concat("sent again with other bytes", at, ": ", notice.differing, " of ", bytes,
                          notice.differing == 1 ? " differs" : " differ", "; the first ones stand");
        case track::StreamOddity::Late:
            return concat(bytes, at, " came too late to be put in order; left out");
        case track::StreamOddity::BeforeStart:
            return concat(bytes, " from before the first packet seen; left out");
        case track::StreamOddity::AfterFin:
            return concat(bytes, at, " behind the FIN");
        case track::StreamOddity::OffRange:
            return concat(bytes, " with sequence numbers far outside any window; left out");
        case track::StreamOddity::ResetText:
            return concat(bytes, " inside a RST, which are no part of the stream; left out");
    }
    return {};
}

}  // namespace synscope::render
