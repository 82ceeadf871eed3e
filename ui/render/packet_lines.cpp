#include "ui/render/packet_lines.hpp"

#include "capture/dissect/dissect.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/wire/tcp_text.hpp"

namespace synscope::render {

namespace {

/// What is no TCP is named by its layers, innermost first: there the story is.
std::string other_text(const dissect::Dissection& dissection) {
    std::string out;
    for (auto layer = dissection.layers.rbegin(); layer != dissection.layers.rend() && out.size() < 100;
         ++layer) {
        if (layer->protocol == "data") continue;
        append(out, concat(out.empty() ? "" : " / ", layer->title));
    }
    return escaped(out, Medium::Terminal);
}

}  // namespace

std::string PacketLines::line(const Event& event, PacketId id) {
    const trace::Packet packet = store_.packet(id);
    const wire::LinkType link = store_.interface(packet.interface).link_type;
    tracker_.packet(event, link, packet.bytes, packet.original_length);
    if (!first_) first_ = packet.at;
    const Duration since = packet.at - *first_;
    const auto tcp = wire::find_tcp(link, packet.bytes, packet.original_length);
    const auto place = tracker_.find(id);
    if (!tcp || !place)
        return concat(seconds_text(since, 6), ' ',
                      other_text(dissect::dissect(link, packet.bytes, packet.original_length)), '\n');
    const track::Connection& connection = tracker_.connections()[place->connection.value];
    const track::Segment& segment = connection.segments[place->segment];
    wire::TcpTextInput input;
    input.flags = segment.flags;
    input.seq = segment.seq;
    input.length = segment.length;
    input.ack = segment.ack;
    input.window = segment.window;
    input.urgent = tcp->urgent;
    input.options = tcp->options;
    input.sack_zero = connection.isn[static_cast<std::size_t>(other(segment.direction))].value_or(Seq32{});
    return concat(
        wire::packet_line(since, tcp->source.text(), tcp->destination.text(), wire::tcp_text(input)), '\n');
}

std::string PacketLines::take() {
    std::string out;
    const auto count = static_cast<std::uint32_t>(store_.size());
    for (; next_ < count; ++next_) {
        const Event event = store_.event(EventId{next_});
        if (const auto* captured = std::get_if<PacketCaptured>(&event.body))
            out += line(event, captured->packet);
    }
    return out;
}

}  // namespace synscope::render
