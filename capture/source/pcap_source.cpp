#include "capture/source/pcap_source.hpp"

#include <algorithm>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::source {

PcapSource::PcapSource(std::unique_ptr<ByteFeed> feed, std::string name, PcapHeader header)
    : RecordSource(std::move(feed), std::move(name)), header_(header) {
    interface_.link_type = header.link_type;
    interface_.snap_length = header.snap_length;
}

Result<std::unique_ptr<PcapSource>, UserError> PcapSource::open(std::unique_ptr<ByteFeed> feed,
                                                                std::string name) {
    auto bytes = feed->peek(kPcapFileHeaderSize);
    if (!bytes) return failure(bytes.error());
    auto header = parse_pcap_header(*bytes);
    if (!header && header.error() == PcapProblem::TooShort && bytes->size() >= kPcapFileHeaderSize) {
        bytes = feed->peek(kPcapFileHeaderSizeIxia);
        if (!bytes) return failure(bytes.error());
        header = parse_pcap_header(*bytes);
    }
    if (!header) {
        switch (header.error()) {
            case PcapProblem::TooShort:
                return failure(UserError{"the capture ends inside its file header",
                                         concat(name, ", byte ", bytes->size()), ""});
            case PcapProblem::UnknownVersion:
                return failure(UserError{"a pcap version that is not known", concat(name, ", byte 4"), ""});
            case PcapProblem::NotPcap:
                return failure(UserError{"this is not a pcap file", concat(name, ", byte 0"), ""});
        }
    }
    feed->skip(header->file_header_size);
    return std::unique_ptr<PcapSource>(new PcapSource(std::move(feed), std::move(name), *header));
}

/// Some libpcaps wrote longer record headers below the ordinary magic: 24 bytes (Linux distributions of 1999)
/// or 20 (Nokia's firewalls). It shows at the second record, which then lies elsewhere.
void PcapSource::choose_record_header(ByteSpan window) {
    const auto second_is_possible = [&](std::size_t header_size) {
        const std::size_t second = header_size + read_pcap_record(header_, window).captured_length;
        return second + header_size <= window.size() &&
               read_pcap_record(header_, window.subspan(second)).captured_length <= header_.most_captured;
    };
    constexpr std::size_t kOrdinary = 16;
    if (header_.record_header_size != kOrdinary || window.size() < kOrdinary) return;
    const std::size_t second = kOrdinary + read_pcap_record(header_, window).captured_length;
    if (window.size() < second + kOrdinary || second_is_possible(kOrdinary)) return;
    for (const std::size_t other : {std::size_t{24}, std::size_t{20}}) {
        if (!second_is_possible(other)) continue;
        header_.record_header_size = other;
        return;
    }
}

/// Asks the memory for the headers of a record to come, where they are if the next records are as long as
/// this one: each record says where the next begins, so that otherwise every one of them is waited for.
[[gnu::always_inline]] inline void fetch_ahead(ByteSpan window, std::size_t at, std::size_t size) noexcept {
    constexpr std::size_t kLine = 64;
    const std::size_t ahead = at + size * std::max<std::size_t>(2, 1024 / size);
    if (ahead + 2 * kLine > window.size()) return;
    __builtin_prefetch(window.data() + ahead);
    __builtin_prefetch(window.data() + ahead + kLine);
}

RecordSource::Found PcapSource::find(ByteSpan window, std::uint64_t offset, std::span<RawPacket> batch) {
    if (offset == kPcapFileHeaderSize) choose_record_header(window);
    const std::size_t header_size = header_.record_header_size;
    Found found;
    while (found.packets < batch.size()) {
        const ByteSpan rest = window.subspan(found.consumed);
        found.needed = header_size;
        if (rest.size() < header_size) break;
        const PcapRecord record = read_pcap_record(header_, rest);
        if (record.captured_length > header_.most_captured) {
            found.damage = "the capture is damaged: a packet claims an impossible length";
            break;
        }
        // A file that was never filled in, or a few bytes that unpack to gigabytes: no capture.
        const bool nothing =
            record.captured_length == 0 && record.original_length == 0 && record.at == Instant{};
        zeros_ = nothing ? zeros_ + 1 : 0;
        if (zeros_ > kMostZeros) {
            zeros_ = kMostZeros;
            found.damage = "the capture holds nothing but zeros from here on";
            break;
        }
        found.needed = header_size + record.captured_length;
        if (rest.size() < found.needed) break;
        fetch_ahead(window, found.consumed, found.needed);
        RawPacket& packet = batch[found.packets++];
        packet.at = record.at;
        packet.original_length = record.original_length;
        packet.interface = 0;
        packet.link_type = header_.link_type;
        packet.offset = offset + found.consumed;
        packet.bytes = rest.subspan(header_size, record.captured_length);
        packet.block = {};
        found.consumed += found.needed;
    }
    return found;
}

}  // namespace synscope::source
