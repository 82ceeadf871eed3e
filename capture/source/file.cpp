#include "capture/source/file.hpp"

#include <algorithm>
#include <utility>

#include "capture/source/byte_feed.hpp"
#include "capture/source/pcap_source.hpp"
#include "capture/source/pcapng_source.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr std::size_t kSlice = 1 << 20;
constexpr std::uint32_t kPcapngMagic = 0x0a0d0d0a;

/// Keeps a mapped file for as long as the store refers to it.
class KeptFeed final : public trace::ByteOwner {
  public:
    explicit KeptFeed(std::unique_ptr<ByteFeed> feed) : feed_(std::move(feed)) {}

  private:
    std::unique_ptr<ByteFeed> feed_;
};

std::string shown_name(const std::string& path) {
    return path == "-" ? "standard input" : path;
}

UserError not_a_capture(ByteSpan bytes, const std::string& path) {
    const std::string name = shown_name(path);
    if (bytes.empty()) return {"the capture is empty", name, ""};
    const bool gzip = bytes.size() >= 2 && load_be16(bytes, 0) == 0x1f8b;
    const bool zstd = bytes.size() >= 4 && load_le32(bytes, 0) == 0xfd2fb528;
    if (gzip) return {"the capture is compressed", name, "unpack it: zcat FILE | synscope open -"};
    if (zstd) return {"the capture is compressed", name, "unpack it: zstdcat FILE | synscope open -"};
    return {"this is neither a pcap nor a pcapng file", name, ""};
}

/// By its first four bytes; pcapng's read the same in both byte orders.
Result<FileFormat, UserError> format_of(ByteFeed& feed, const std::string& path) {
    const auto bytes = feed.peek(4);
    if (!bytes) return failure(bytes.error());
    if (bytes->size() >= 4 && load_be32(*bytes, 0) == kPcapngMagic) return FileFormat::Pcapng;
    // A known magic with a short header is a damaged pcap file, which PcapSource names better.
    const auto header = parse_pcap_header(*bytes);
    if (bytes->size() >= 4 && (header || header.error() != PcapProblem::NotPcap)) return FileFormat::Pcap;
    return failure(not_a_capture(*bytes, path));
}

UserError told(const OsError& error) {
    return {concat(error.operation, " failed"), error.detail,
            "is there room in the folder for temporary files?"};
}

/// Every packet becomes an event. The pcap format says nothing of the interface but its link type.
Result<LoadReport, UserError> load_pcap(std::unique_ptr<ByteFeed> feed, const std::string& path,
                                        trace::Store& store) {
    const bool mapped = feed->mapped();
    auto opened = PcapSource::open(std::move(feed), shown_name(path));
    if (!opened) return failure(opened.error());
    PcapSource& source = **opened;
    LoadReport report;
    report.format = FileFormat::Pcap;
    const InterfaceId interface =
        store.add_interface({source.link_type(), source.header().snap_length, "", "", ""});
    const ActorId self = store.add_actor();
    for (;;) {
        const auto next = source.next();
        if (!next) report.damage = next.error();
        if (!next || !*next) break;
        const RawPacket& packet = **next;
        if (report.packets++ == 0)
            store.append(packet.at, self, std::nullopt,
                         ActorDeclared{ActorRole::Capture, store.intern("capture"), 0});
        PacketId id;
        if (mapped) {
            id = store.refer_packet(interface, packet.at, packet.original_length, packet.bytes);
        } else {
            const auto added = store.add_packet(interface, packet.at, packet.original_length, packet.bytes);
            if (!added) return failure(told(added.error()));
            id = *added;
        }
        store.append(packet.at, self, std::nullopt, PacketCaptured{id});
    }
    if (mapped) store.adopt(std::make_unique<KeptFeed>(source.release_feed()));
    return report;
}

/// The decoder of sessions understands foreign captures as well.
Result<LoadReport, UserError> load_pcapng(ByteFeed& feed, const std::string& path, trace::Store& store) {
    trace::SessionDecoder decoder(store);
    LoadReport report;
    report.format = FileFormat::Pcapng;
    Result<void, UserError> step;
    while (step) {
        const auto bytes = feed.peek(1);
        if (!bytes) return failure(bytes.error());
        if (bytes->empty()) {
            step = decoder.finish();
            break;
        }
        const ByteSpan slice = bytes->first(std::min(bytes->size(), kSlice));
        step = decoder.feed(slice);
        feed.skip(slice.size());
    }
    if (!step) {
        report.damage = step.error();
        if (report.damage->where.empty())
            report.damage->where = shown_name(path);
        else
            report.damage->where = concat(shown_name(path), ", ", report.damage->where);
    }
    report.session = decoder.summary();
    report.packets = report.session.packets;
    return report;
}

}  // namespace

Result<std::unique_ptr<PacketSource>, UserError> open_capture(const std::string& path) {
    auto feed = open_feed(path);
    if (!feed) return failure(feed.error());
    const auto format = format_of(**feed, path);
    if (!format) return failure(format.error());
    if (*format == FileFormat::Pcapng) return PcapngSource::open(std::move(*feed), shown_name(path));
    return PcapSource::open(std::move(*feed), shown_name(path));
}

Result<LoadReport, UserError> load_capture(const std::string& path, trace::Store& store) {
    auto feed = open_feed(path);
    if (!feed) return failure(feed.error());
    const auto format = format_of(**feed, path);
    if (!format) return failure(format.error());
    if (*format == FileFormat::Pcapng) return load_pcapng(**feed, path, store);
    return load_pcap(std::move(*feed), path, store);
}

}  // namespace synscope::source
