#include "capture/pcapng/block_writer.hpp"

#include <algorithm>
#include <array>

#include "capture/pcapng/block_types.hpp"

namespace synscope::pcapng {

namespace {

constexpr std::size_t kMaxOptionBytes = 0xffff;
constexpr std::size_t kPacketAt = 28;  // the packet's bytes in an enhanced or obsolete packet block

/// How many bytes at the front of a packet option are a number in the section's byte order (draft
/// section 4.3).
std::ptrdiff_t number_bytes(std::uint16_t code, std::size_t size) {
    switch (code) {
        case option::kPacketFlags:
        case option::kPacketQueue:
            return size == 4 ? 4 : 0;
        case option::kPacketDrops:
            return size == 8 ? 8 : 0;
        case option::kCustomText:
        case option::kCustomBytes:
        case option::kCustomTextNotCopied:
        case option::kCustomBytesNotCopied:
            return size >= 4 ? 4 : 0;  // who defined it
        default:
            return 0;
    }
}

void put16(Bytes& out, std::uint16_t value) {
    std::array<std::byte, 2> raw{};
    store_le16(raw, 0, value);
    out.insert(out.end(), raw.begin(), raw.end());
}
void put32(Bytes& out, std::uint32_t value) {
    std::array<std::byte, 4> raw{};
    store_le32(raw, 0, value);
    out.insert(out.end(), raw.begin(), raw.end());
}
void put64(Bytes& out, std::uint64_t value) {
    std::array<std::byte, 8> raw{};
    store_le64(raw, 0, value);
    out.insert(out.end(), raw.begin(), raw.end());
}
void pad(Bytes& out, std::size_t begin) {
    out.resize(begin + (out.size() - begin + 3) / 4 * 4);
}

/// The high half first, each half in the file's byte order (draft section 4.3).
void put_time(Bytes& out, Instant at) {
    const auto ns = static_cast<std::uint64_t>(at.ns);  // before 1970: as instant_of() reads it
    put32(out, static_cast<std::uint32_t>(ns >> 32));
    put32(out, static_cast<std::uint32_t>(ns & 0xffffffff));
}

void put_option(Bytes& out, std::uint16_t code, ByteSpan value) {
    const ByteSpan kept = value.first(value.size() < kMaxOptionBytes ? value.size() : kMaxOptionBytes);
    put16(out, code);
    put16(out, static_cast<std::uint16_t>(kept.size()));
    const std::size_t begin = out.size();
    out.insert(out.end(), kept.begin(), kept.end());
    pad(out, begin);
}
void put_text(Bytes& out, std::uint16_t code, std::string_view text) {
    if (!text.empty()) put_option(out, code, std::as_bytes(std::span{text.data(), text.size()}));
}
void put_number(Bytes& out, std::uint16_t code, const std::optional<std::uint64_t>& value) {
    if (!value) return;
    std::array<std::byte, 8> raw{};
    store_le64(raw, 0, *value);
    put_option(out, code, raw);
}
void end_options(Bytes& out) {
    put32(out, option::kEnd);
}

/// A block's frame around what is written while it lives: type, and the length at both ends.
class Block {
  public:
    Block(Bytes& out, std::uint32_t type) : out_(out), begin_(out.size()) {
        put32(out_, type);
        put32(out_, 0);
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    ~Block() {
        pad(out_, begin_);
        const auto length = static_cast<std::uint32_t>(out_.size() - begin_ + 4);
        put32(out_, length);
        store_le32(MutableByteSpan{out_}.subspan(begin_), 4, length);
    }

  private:
    Bytes& out_;
    std::size_t begin_;
};

}  // namespace

void append_section(Bytes& out, const SectionText& text) {
    const Block block{out, kSectionHeader};
    put32(out, kByteOrderMagic);
    put16(out, 1);  // version 1.0
    put16(out, 0);
    put64(out, ~std::uint64_t{0});  // length not known: the section is written as it happens
    put_text(out, option::kSectionHardware, text.hardware);
    put_text(out, option::kSectionOs, text.operating_system);
    put_text(out, option::kSectionApplication, text.application);
    end_options(out);
}

void append_interface(Bytes& out, const InterfaceText& text) {
    const Block block{out, kInterfaceDescription};
    put16(out, static_cast<std::uint16_t>(text.link_type));
    put16(out, 0);
    put32(out, text.snap_length);
    put_text(out, option::kInterfaceName, text.name);
    put_text(out, option::kInterfaceText, text.description);
    for (const std::string_view comment : text.comments)
        put_text(out, option::kComment, comment);
    const std::array<std::byte, 1> nanoseconds{std::byte{9}};
    put_option(out, option::kTimeResolution, nanoseconds);
    if (!text.filter.empty()) {
        Bytes filter{std::byte{0}};  // 0: a filter in libpcap's words follows
        for (const char c : text.filter)
            filter.push_back(static_cast<std::byte>(c));
        put_option(out, option::kInterfaceFilter, filter);
    }
    end_options(out);
}

void append_packet(Bytes& out, const PacketHeader& header, ByteSpan packet) {
    const Block block{out, kEnhancedPacket};
    put32(out, header.interface);
    put_time(out, header.at);
    put32(out, static_cast<std::uint32_t>(packet.size()));
    put32(out, header.original_length);
    const std::size_t begin = out.size();
    out.insert(out.end(), packet.begin(), packet.end());
    pad(out, begin);
    for (const std::string_view comment : header.comments)
        put_option(out, option::kComment, std::as_bytes(std::span{comment.data(), comment.size()}));
    if (header.flags) {
        std::array<std::byte, 4> raw{};
        store_le32(raw, 0, *header.flags);
        put_option(out, option::kPacketFlags, raw);
    }
    if (header.id) put_number(out, option::kPacketId, header.id->value);
    out.insert(out.end(), header.options.begin(), header.options.end());
    if (!header.comments.empty() || header.flags || header.id || !header.options.empty()) end_options(out);
}

void append_cut_packet(Bytes& out, ByteSpan block, bool big_endian, std::size_t kept) {
    const std::size_t block_at = out.size();
    const auto get32 = [&](std::size_t at) {
        return big_endian ? load_be32(block, at) : load_le32(block, at);
    };
    const auto set32 = [&](std::size_t at, std::uint32_t value) {
        const MutableByteSpan whole = MutableByteSpan{out}.subspan(block_at);
        big_endian ? store_be32(whole, at, value) : store_le32(whole, at, value);
    };
    const bool simple = get32(0) == kSimplePacket;
    const std::size_t packet_at = simple ? 12 : kPacketAt;
    // Type, length, and what an enhanced or obsolete block says before the captured length.
    out.insert(out.end(), block.begin(), block.begin() + (simple ? 8 : 20));
    if (simple) out.resize(out.size() + 12);
    out.resize(out.size() + 8);
    if (simple) set32(0, kEnhancedPacket);
    set32(20, static_cast<std::uint32_t>(kept));
    set32(24, get32(simple ? 8 : 24));
    const ByteSpan packet = block.subspan(packet_at, kept);
    out.insert(out.end(), packet.begin(), packet.end());
    pad(out, block_at);
    if (!simple) {
        const std::size_t options_at = packet_at + (get32(20) + std::size_t{3}) / 4 * 4;
        const std::size_t end = block.size() - 4;
        const ByteSpan options = block.subspan(options_at, end - options_at);
        out.insert(out.end(), options.begin(), options.end());
    }
    out.resize(out.size() + 4);
    const std::size_t length = out.size() - block_at;
    set32(4, static_cast<std::uint32_t>(length));
    set32(length - 4, static_cast<std::uint32_t>(length));
}

Bytes little_endian_options(ByteSpan block, bool big_endian) {
    Bytes out;
    const auto get16 = [&](std::size_t at) {
        return big_endian ? load_be16(block, at) : load_le16(block, at);
    };
    const auto get32 = [&](std::size_t at) {
        return big_endian ? load_be32(block, at) : load_le32(block, at);
    };
    if (block.size() < kPacketAt + 4 || (get32(0) != kEnhancedPacket && get32(0) != kObsoletePacket))
        return out;
    const std::size_t end = block.size() - 4;
    std::size_t at = kPacketAt + (get32(20) + std::size_t{3}) / 4 * 4;
    while (at + 4 <= end) {
        const std::uint16_t code = get16(at);
        const std::size_t size = get16(at + 2);
        const std::size_t padded = (size + 3) / 4 * 4;
        if (code == option::kEnd || padded > end - at - 4) break;
        const ByteSpan value = block.subspan(at + 4, size);
        at += 4 + padded;
        const bool known = code == option::kComment || get32(0) == kEnhancedPacket;
        if (!known || code == option::kPacketId) continue;
        Bytes turned(value.begin(), value.end());
        if (big_endian) std::reverse(turned.begin(), turned.begin() + number_bytes(code, size));
        put_option(out, code, turned);
    }
    return out;
}

void append_statistics(Bytes& out, const Statistics& statistics) {
    const Block block{out, kInterfaceStatistics};
    put32(out, statistics.interface);
    put_time(out, statistics.at);
    put_number(out, option::kReceived, statistics.received);
    put_number(out, option::kInterfaceDrops, statistics.dropped_by_interface);
    put_number(out, option::kSystemDrops, statistics.dropped_by_system);
    end_options(out);
}

void append_block(Bytes& out, std::uint32_t type, ByteSpan body) {
    const Block block{out, type};
    out.insert(out.end(), body.begin(), body.end());
}

}  // namespace synscope::pcapng
