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

void PacketLines::append(std::string& out, Instant at, wire::LinkType link, ByteSpan bytes,
                         std::uint32_t original_length) {
    if (!first_) first_ = at;
    const Duration since = at - *first_;
    const auto tcp = wire::find_tcp(link, bytes, original_length);
    if (!tcp) {
        synscope::append(out, concat(seconds_text(since, 6), ' ',
                                     other_text(dissect::dissect(link, bytes, original_length)), '\n'));
        return;
    }
    if (analyzer_.size() >= kMostConnections) analyzer_ = track::Analyzer{};
    const track::Verdict verdict = analyzer_.add(at, *tcp);
    wire::TcpTextInput input;
    input.flags = tcp->flags;
    input.seq = verdict.seq;
    input.length = tcp->payload_length;
    if (tcp->flags.has(wire::TcpFlags::kAck)) input.ack = verdict.ack;
    input.window = verdict.window;
    input.urgent = tcp->urgent;
    input.options = tcp->options;
    const track::ConnectionFacts connection = analyzer_.connection(verdict.connection);
    input.sack_zero = connection.of(other(verdict.direction)).isn.value_or(Seq32{});
    synscope::append(out, concat(wire::packet_line(since, tcp->source.text(), tcp->destination.text(),
                                                   wire::tcp_text(input)),
                                 '\n'));
}

}  // namespace synscope::render
