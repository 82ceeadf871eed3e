#include "capture/source/capture_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "capture/pcapng/block_parser.hpp"
#include "capture/pcapng/block_writer.hpp"
#include "capture/source/cut.hpp"
#include "capture/source/pcap_format.hpp"
#include "capture/trace/safe_file.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr std::size_t kFlushAt = 1 << 20;

/// Bytes on their way to a file or to standard output. The first failure is kept: blocks come without anybody
/// to tell it to.
class Sink {
  public:
    static Result<Sink, UserError> create(const std::string& path) {
        if (path == "-") return Sink(std::nullopt, "standard output");
        auto file = trace::SafeFile::create(path);
        if (!file) return failure(file.error());
        return Sink(std::move(*file), path);
    }

    pcapng::Bytes& bytes() noexcept { return bytes_; }
    void append(ByteSpan more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
    Result<void, UserError> flush_if_large() {
        if (bytes_.size() >= kFlushAt) flush();
        return state();
    }
    void flush() {
        if (!error_ && !trace::write_all(file_ ? file_->fd() : STDOUT_FILENO, ByteSpan(bytes_)))
            error_ = trace::cannot_write(path_);
        bytes_.clear();
    }
    Result<void, UserError> commit() {
        flush();
        if (error_) return failure(*error_);
        return file_ ? file_->commit() : Result<void, UserError>{};
    }
    [[nodiscard]] Result<void, UserError> state() const {
        if (error_) return failure(*error_);
        return {};
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    Sink(std::optional<trace::SafeFile> file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}

    std::optional<trace::SafeFile> file_;
    std::string path_;
    pcapng::Bytes bytes_;
    std::optional<UserError> error_;
};

class SinkWriter : public CaptureWriter {
  public:
    SinkWriter(Sink sink, PacketSource& source, WriterOptions options)
        : sink_(std::move(sink)), source_(source), options_(std::move(options)) {}
    Result<void, UserError> commit() override { return sink_.commit(); }

  protected:
    [[nodiscard]] ByteSpan kept_of(const RawPacket& packet) const {
        if (!options_.headers_only) return packet.bytes;
        return packet.bytes.first(headers_length(packet.link_type, packet.bytes, packet.original_length));
    }

    Sink sink_;
    PacketSource& source_;
    WriterOptions options_;
};

/// From pcapng to pcapng: blocks as they stand.
class BlockCopier final : public SinkWriter, public BlockListener {
  public:
    using SinkWriter::SinkWriter;
    ~BlockCopier() override { (void)source_.listen(nullptr); }

    void block(const pcapng::Item& item) override {
        if (const auto* other = std::get_if<pcapng::OtherItem>(&item.content)) {
            if (other->type == pcapng::kCustomNotCopied) return;
            if (other->type == pcapng::kDecryptionSecrets && options_.headers_only) return;
        }
        const std::size_t begin = sink_.bytes().size();
        sink_.append(item.block);
        if (std::holds_alternative<pcapng::SectionItem>(item.content)) {
            // A section may have said how long it is; it will be shorter.
            constexpr std::size_t kLengthAt = 16;
            std::fill_n(sink_.bytes().begin() + static_cast<std::ptrdiff_t>(begin + kLengthAt), 8,
                        std::byte{0xff});
        }
        (void)sink_.flush_if_large();
    }

    Result<void, UserError> write(const RawPacket& packet) override {
        if (packet.link_type == pcapng::kCustomBlockLink) return sink_.state();  // block() has seen it
        const ByteSpan kept = kept_of(packet);
        if (kept.size() == packet.bytes.size())
            sink_.append(packet.block);
        else
            pcapng::append_cut_packet(sink_.bytes(), packet.block, packet.big_endian, kept.size());
        return sink_.flush_if_large();
    }
};

/// Anything to pcapng, in a section of our own.
class PcapngEncoder final : public SinkWriter {
  public:
    PcapngEncoder(Sink sink, PacketSource& source, WriterOptions options)
        : SinkWriter(std::move(sink), source, std::move(options)) {
        pcapng::append_section(sink_.bytes(), {options_.application, "", ""});
    }

    Result<void, UserError> write(const RawPacket& packet) override {
        if (packet.link_type == pcapng::kCustomBlockLink) return sink_.state();
        describe_interfaces();
        pcapng::PacketHeader header;
        header.interface = packet.interface;
        header.at = packet.at;
        header.original_length = packet.original_length;
        const std::vector<std::byte> options = pcapng::little_endian_options(packet.block, packet.big_endian);
        header.options = options;
        pcapng::append_packet(sink_.bytes(), header, kept_of(packet));
        return sink_.flush_if_large();
    }
    Result<void, UserError> commit() override {
        describe_interfaces();
        return SinkWriter::commit();
    }

  private:
    void describe_interfaces() {
        for (; described_ < source_.interface_count(); ++described_) {
            const trace::Interface& one = source_.interface(static_cast<std::uint16_t>(described_));
            pcapng::append_interface(sink_.bytes(), {one.link_type,
                                                     one.snap_length,
                                                     one.name,
                                                     one.description,
                                                     one.filter,
                                                     {one.comments.begin(), one.comments.end()}});
        }
    }
    std::size_t described_ = 0;
};

/// Anything of one link type to pcap, version 2.4, little-endian.
class PcapEncoder final : public SinkWriter {
  public:
    using SinkWriter::SinkWriter;

    Result<void, UserError> write(const RawPacket& packet) override {
        if (packet.link_type == pcapng::kCustomBlockLink) return sink_.state();
        if (!link_type_) begin(packet.link_type, source_.interface(packet.interface).snap_length);
        if (packet.link_type != *link_type_)
            return failure(refused("a pcap file has room for one link type only"));
        constexpr std::int64_t kNsPerSecond = 1'000'000'000;
        const std::int64_t seconds = packet.at.ns / kNsPerSecond;
        if (packet.at.ns < 0 || seconds > std::int64_t{0xffffffff})
            return failure(refused("a pcap file has no room for the time of a packet"));
        const ByteSpan kept = kept_of(packet);
        if (kept.size() > most_captured_)
            return failure(refused("a pcap file has no room for so long a packet"));
        const std::int64_t fraction = packet.at.ns % kNsPerSecond / (nanoseconds_ ? 1 : 1'000);
        put32(static_cast<std::uint32_t>(seconds));
        put32(static_cast<std::uint32_t>(fraction));
        put32(static_cast<std::uint32_t>(kept.size()));
        put32(packet.original_length);
        sink_.append(kept);
        return sink_.flush_if_large();
    }
    Result<void, UserError> commit() override {
        if (!link_type_) begin(source_.link_type(), 0);
        return SinkWriter::commit();
    }

  private:
    void begin(wire::LinkType link_type, std::uint32_t snap_length) {
        link_type_ = link_type;
        nanoseconds_ = source_.has_nanoseconds();
        most_captured_ = std::clamp(snap_length, kPcapMaxCaptured, kPcapMaxCapturedLarge);
        put32(nanoseconds_ ? kPcapMagicNano : kPcapMagicMicro);
        put32(4u << 16 | 2u);  // version 2.4, each half on its own
        put32(0);
        put32(0);
        put32(snap_length == 0 ? kPcapMaxCaptured : snap_length);
        put32(static_cast<std::uint32_t>(link_type));
    }
    [[nodiscard]] UserError refused(std::string what) const {
        return {std::move(what), sink_.path(), "write a pcapng file: give it a name that ends in .pcapng"};
    }
    void put32(std::uint32_t value) {
        std::array<std::byte, 4> raw{};
        store_le32(raw, 0, value);
        sink_.append(raw);
    }

    std::optional<wire::LinkType> link_type_;
    bool nanoseconds_ = false;
    std::uint32_t most_captured_ = kPcapMaxCaptured;
};

WriteFormat format_by_name(const std::string& path) {
    return path.ends_with(".pcap") || path.ends_with(".cap") ? WriteFormat::Pcap : WriteFormat::Pcapng;
}

}  // namespace

CaptureWriter::~CaptureWriter() = default;

Result<std::unique_ptr<CaptureWriter>, UserError> CaptureWriter::create(const std::string& path,
                                                                        PacketSource& source,
                                                                        WriterOptions options) {
    auto sink = Sink::create(path);
    if (!sink) return failure(sink.error());
    if (options.format.value_or(format_by_name(path)) == WriteFormat::Pcap)
        return std::make_unique<PcapEncoder>(std::move(*sink), source, std::move(options));
    if (!source.listen(nullptr))
        return std::make_unique<PcapngEncoder>(std::move(*sink), source, std::move(options));
    auto copier = std::make_unique<BlockCopier>(std::move(*sink), source, std::move(options));
    (void)source.listen(copier.get());
    return copier;
}

}  // namespace synscope::source
