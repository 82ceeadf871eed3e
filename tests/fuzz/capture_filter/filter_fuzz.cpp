// A display filter over a packet: compiling and matching end, errors point into the text. Input: the filter,
// a zero byte, a link type byte, the frame.

#include <array>
#include <cstdlib>
#include <string_view>

#include "capture/dissect/dissect.hpp"
#include "capture/filter/filter.hpp"

namespace {

using namespace synscope;

void check_error(std::string_view text, const filter::FilterError& error) {
    if (error.column > text.size() || error.length > text.size() - error.column) std::abort();
    if (error.message.empty()) std::abort();
    const std::string shown = filter::point_at(text, error);
    for (const char c : shown)
        if (c != '\n' && static_cast<unsigned char>(c) < 0x20) std::abort();
}

void check_filter(const filter::Filter& filter, wire::LinkType link, ByteSpan frame) {
    const auto length = static_cast<std::uint32_t>(frame.size());
    const auto dissection = dissect::dissect(link, frame, length);
    track::Verdict verdict;
    verdict.flags.add(track::AnalysisFlag::Retransmission);
    verdict.ack_rtt = Duration::milliseconds(1);
    const track::ConnectionFacts connection{};
    filter::PacketFacts packet;
    packet.number = 1;
    packet.original_length = length;
    packet.bytes = frame;
    if (filter.needs().dissection) packet.dissection = &dissection;
    if (filter.needs().analysis) packet.verdict = &verdict;
    if (filter.needs().connection) packet.connection = &connection;
    const bool lean = filter.matches(packet);
    packet.dissection = &dissection;
    packet.verdict = &verdict;
    packet.connection = &connection;
    // What a filter says it does not need makes no difference.
    if (filter.matches(packet) != lean) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using wire::LinkType;
    constexpr std::array kLinks{LinkType::Ethernet, LinkType::Raw, LinkType::Null, LinkType::LinuxSll};
    const std::string_view all{static_cast<const char*>(static_cast<const void*>(data)), size};
    const std::string_view text = all.substr(0, all.find('\0'));
    const ByteSpan rest = std::as_bytes(std::span{data, size}).subspan(text.size());
    const auto filter = filter::Filter::compile(text);
    if (!filter)
        check_error(text, filter.error());
    else if (rest.size() > 2)
        check_filter(*filter, kLinks[load_u8(rest, 1) % kLinks.size()], rest.subspan(2));
    return 0;
}
