#include "ui/app/live_text.hpp"

#include <array>
#include <span>

#include "capture/source/byte_feed.hpp"
#include "capture/source/file.hpp"
#include "ui/app/output.hpp"
#include "ui/render/packet_lines.hpp"

namespace synscope::app {

Result<void, UserError> print_live(int fd) {
    const std::string name = "the stream of packets";
    auto feed = source::feed_from_descriptor(fd, name);
    const auto begin = feed->peek(1);
    if (!begin) return failure(begin.error());
    if (begin->empty()) return {};  // whoever writes it has said why there is nothing
    const auto source = source::open_capture(std::move(feed), name);
    if (!source) return failure(source.error());
    auto out = TextOutput::open("");
    if (!out) return failure(out.error());
    render::PacketLines lines;
    std::string text;
    std::array<source::RawPacket, 64> batch;
    for (;;) {
        const auto count = (*source)->next_batch(batch);
        if (!count) return failure(count.error());
        if (*count == 0) break;
        text.clear();
        for (const source::RawPacket& packet : std::span{batch}.first(*count))
            lines.append(text, packet.at, packet.link_type, packet.bytes, packet.original_length);
        if (!out->write(text) || !out->flush()) break;
    }
    return out->finish();
}

}  // namespace synscope::app
