#include "capture/source/file.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "capture/source/byte_feed.hpp"
#include "capture/source/erf_source.hpp"
#include "capture/source/merged_source.hpp"
#include "capture/source/pcap_source.hpp"
#include "capture/source/pcapng_source.hpp"
#include "capture/source/snoop_source.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr std::size_t kSlice = 1 << 20;
constexpr std::size_t kBatch = 256;
constexpr std::size_t kErfHeader = 16;
constexpr std::uint32_t kPcapngMagic = 0x0a0d0d0a;

/// Keeps a mapped file for as long as the store refers to it.
class KeptFeed final : public trace::ByteOwner {
  public:
    explicit KeptFeed(std::unique_ptr<ByteFeed> feed) : feed_(std::move(feed)) {}

  private:
    std::unique_ptr<ByteFeed> feed_;
};

/// The same of several files read as one.
class KeptSource final : public trace::ByteOwner {
  public:
    explicit KeptSource(std::unique_ptr<PacketSource> source) : source_(std::move(source)) {}

  private:
    std::unique_ptr<PacketSource> source_;
};

std::string shown_name(const std::string& path) {
    return path == "-" ? "standard input" : path;
}

UserError not_a_capture(ByteSpan bytes, const std::string& path) {
    if (bytes.empty()) return {"the capture is empty", shown_name(path), ""};
    return {"this is neither a pcap nor a pcapng file", shown_name(path),
            "snoop and ERF files are read, too, and all of them compressed by gzip or zstd"};
}

/// By its first bytes; pcapng's read the same in both byte orders.
Result<FileFormat, UserError> format_of(ByteFeed& feed, const std::string& path) {
    const auto bytes = feed.peek(4);
    if (!bytes) return failure(bytes.error());
    if (bytes->size() >= 4 && load_be32(*bytes, 0) == kPcapngMagic) return FileFormat::Pcapng;
    // A known magic with a short header is a damaged pcap file, which PcapSource names better.
    const auto header = parse_pcap_header(*bytes);
    if (bytes->size() >= 4 && (header || header.error() != PcapProblem::NotPcap)) return FileFormat::Pcap;
    const auto more = feed.peek(kErfHeader);
    if (!more) return failure(more.error());
    if (SnoopSource::matches(*more)) return FileFormat::Snoop;
    if (ErfSource::matches(*more)) return FileFormat::Erf;
    return failure(not_a_capture(*bytes, path));
}

UserError told(const OsError& error) {
    return {concat(error.operation, " failed"), error.detail,
            "is there room in the folder for temporary files?"};
}

template <class Source>
Result<std::unique_ptr<RecordSource>, UserError> opened(std::unique_ptr<ByteFeed> feed, std::string name) {
    auto source = Source::open(std::move(feed), std::move(name));
    if (!source) return failure(source.error());
    return std::unique_ptr<RecordSource>(std::move(*source));
}

Result<std::unique_ptr<RecordSource>, UserError> open_records(FileFormat format,
                                                              std::unique_ptr<ByteFeed> feed,
                                                              std::string name) {
    switch (format) {
        case FileFormat::Pcapng:
            return opened<PcapngSource>(std::move(feed), std::move(name));
        case FileFormat::Snoop:
            return opened<SnoopSource>(std::move(feed), std::move(name));
        case FileFormat::Erf:
            return opened<ErfSource>(std::move(feed), std::move(name));
        case FileFormat::Pcap:
            break;
    }
    return opened<PcapSource>(std::move(feed), std::move(name));
}

/// Every packet becomes an event. These formats say nothing of the interface but its link type.
Result<LoadReport, UserError> load_records(PacketSource& source, trace::Store& store) {
    const bool mapped = source.keeps_bytes();
    LoadReport report;
    std::vector<InterfaceId> interfaces;
    const ActorId self = store.add_actor();
    std::array<RawPacket, kBatch> batch;
    for (;;) {
        const auto count = source.next_batch(batch);
        if (!count) report.damage = count.error();
        if (!count || *count == 0) break;
        for (const RawPacket& packet : std::span(batch).first(*count)) {
            if (report.packets++ == 0)
                store.append(packet.at, self, std::nullopt,
                             ActorDeclared{ActorRole::Capture, store.intern("capture"), 0});
            while (interfaces.size() <= packet.interface)
                interfaces.push_back(
                    store.add_interface(source.interface(static_cast<std::uint16_t>(interfaces.size()))));
            const InterfaceId interface = interfaces[packet.interface];
            PacketId id;
            if (mapped) {
                id = store.refer_packet(interface, packet.at, packet.original_length, packet.bytes);
            } else {
                const auto added =
                    store.add_packet(interface, packet.at, packet.original_length, packet.bytes);
                if (!added) return failure(told(added.error()));
                id = *added;
            }
            for (const std::string_view comment : comments_of(packet))
                store.add_comment(id, comment);
            store.append(packet.at, self, std::nullopt, PacketCaptured{id});
        }
    }
    return report;
}

Result<void, UserError> feed_to(trace::SessionDecoder& decoder, ByteFeed& feed) {
    for (;;) {
        const auto bytes = feed.peek(1);
        if (!bytes) return failure(bytes.error());
        if (bytes->empty()) return decoder.finish();
        const ByteSpan slice = bytes->first(std::min(bytes->size(), kSlice));
        auto step = decoder.feed(slice);
        if (!step) return step;
        feed.skip(slice.size());
    }
}

/// The decoder of sessions understands foreign captures as well.
LoadReport load_pcapng(ByteFeed& feed, const std::string& path, trace::Store& store) {
    trace::SessionDecoder decoder(store);
    LoadReport report;
    report.format = FileFormat::Pcapng;
    Result<void, UserError> step;
    if (feed.mapped()) {
        const ByteSpan file = feed.peek(0).value_or(ByteSpan{});
        step = decoder.read_mapped(file);
        // Bytes that went away while we read them are zeros, which look like damage.
        if (const std::uint64_t intact = feed.intact(); intact < file.size())
            step = failure(UserError{"the file was cut off while it was read", concat("byte ", intact),
                                     "what came before it is kept"});
    } else {
        step = feed_to(decoder, feed);
    }
    if (!step) {
        report.damage = step.error();
        const std::string name = shown_name(path);
        std::string& where = report.damage->where;
        if (!where.starts_with(name)) where = where.empty() ? name : concat(name, ", ", where);
    }
    report.session = decoder.summary();
    report.packets = report.session.packets;
    return report;
}

}  // namespace

Result<std::unique_ptr<PacketSource>, UserError> open_capture(std::unique_ptr<ByteFeed> feed,
                                                              const std::string& name) {
    const auto format = format_of(*feed, name);
    if (!format) return failure(format.error());
    return open_records(*format, std::move(feed), shown_name(name));
}

Result<std::unique_ptr<PacketSource>, UserError> open_capture(const std::string& path) {
    return open_capture_as(path, path, Access::Map);
}

Result<std::unique_ptr<PacketSource>, UserError> open_capture_as(const std::string& path,
                                                                 const std::string& name, Access access) {
    auto feed = open_feed(path, shown_name(name), access);
    if (!feed) return failure(feed.error());
    return open_capture(std::move(*feed), name);
}

Result<LoadReport, UserError> load_capture(const std::string& path, trace::Store& store) {
    auto feed = open_feed(path);
    if (!feed) return failure(feed.error());
    return load_feed(std::move(*feed), path, store);
}

Result<LoadReport, UserError> load_feed(std::unique_ptr<ByteFeed> feed, const std::string& name,
                                        trace::Store& store) {
    const auto format = format_of(*feed, name);
    if (!format) return failure(format.error());
    const bool mapped = feed->mapped();
    if (*format == FileFormat::Pcapng) {
        auto report = load_pcapng(*feed, name, store);
        if (mapped) store.adopt(std::make_unique<KeptFeed>(std::move(feed)));
        return report;
    }
    auto source = open_records(*format, std::move(feed), shown_name(name));
    if (!source) return failure(source.error());
    auto report = load_records(**source, store);
    if (report) report->format = *format;
    if (mapped) store.adopt(std::make_unique<KeptFeed>((**source).release_feed()));
    return report;
}

Result<LoadReport, UserError> load_captures(const std::vector<std::string>& paths, trace::Store& store) {
    if (paths.size() == 1) return load_capture(paths.front(), store);
    auto source = open_captures(paths);
    if (!source) return failure(source.error());
    auto report = load_records(**source, store);
    if ((**source).keeps_bytes()) store.adopt(std::make_unique<KeptSource>(std::move(*source)));
    return report;
}

}  // namespace synscope::source
