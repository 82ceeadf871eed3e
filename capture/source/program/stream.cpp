#include "capture/source/program/stream.hpp"

#include <array>
#include <string_view>

#include "capture/pcapng/block_writer.hpp"
#include "capture/pcapng/event_codec.hpp"
#include "capture/source/cut.hpp"
#include "net/base/armed.hpp"

namespace synscope::source {
namespace {

constexpr std::string_view kProgram = "synscope-capture";
constexpr ActorId kSelf{0};
constexpr TextId kOwnName{0};
constexpr TextId kArmed{1};

class Texts final : public pcapng::TextResolver {
  public:
    std::string_view text(TextId id) const override { return id == kArmed ? kArmedNote : kProgram; }
};

}  // namespace

CaptureStream::CaptureStream(const LiveOptions& options, wire::LinkType link_type, bool no_payload)
    : options_(options), link_type_(link_type), no_payload_(no_payload) {}

void CaptureStream::event(Instant now, const EventBody& body) {
    std::vector<std::byte> encoded;
    pcapng::encode_event(Event{EventId{events_++}, now, kSelf, std::nullopt, body}, Texts{}, encoded);
    pcapng::append_block(bytes_, pcapng::kEventBlockType, encoded);
}

void CaptureStream::begin(Instant now, std::uint32_t process) {
    pcapng::append_section(bytes_, {kProgram, "", ""});
    pcapng::append_interface(bytes_, {link_type_, options_.snap_length, options_.interface,
                                      no_payload_ ? "headers only, payload cut off" : "", options_.filter});
    event(now, ActorDeclared{ActorRole::Capture, kOwnName, process});
    event(now, Note{Severity::Info, kArmed});
}

void CaptureStream::packet(const RawPacket& packet) {
    const std::size_t kept =
        no_payload_ ? headers_length(link_type_, packet.bytes, packet.original_length) : packet.bytes.size();
    pcapng::PacketHeader header;
    header.at = packet.at;
    header.original_length = packet.original_length;
    header.id = PacketId{packets_++};
    pcapng::append_packet(bytes_, header, packet.bytes.first(kept));
}

void CaptureStream::counters(Instant now, const CaptureCounters& counters) {
    event(now, counters);
}

void CaptureStream::end(Instant now, const CaptureCounters& counters) {
    event(now, counters);
    pcapng::append_statistics(
        bytes_, {0, now, counters.received, counters.dropped_by_interface, counters.dropped_by_kernel});
}

}  // namespace synscope::source
