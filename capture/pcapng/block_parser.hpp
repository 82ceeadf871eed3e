#pragma once
// What a block of pcapng (draft-ietf-opsawg-pcapng) says, wherever its bytes come from: a mapped file, a
// window of a stream.
//
// Both byte orders, several sections, every timestamp resolution. A block type that is not known is handed
// on, not dropped. Ownership: spans of an item lie in the bytes that were given. Thread rule: one thread.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "capture/pcapng/block_types.hpp"
#include "net/base/bytes.hpp"
#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "net/base/result.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::pcapng {

/// A longer block is damage, not data (Wireshark and libpcap draw the line at 16 MiB).
inline constexpr std::uint32_t kMaxBlockBytes = 16u << 20;

struct Option {
    std::uint16_t code = 0;
    ByteSpan value;
    [[nodiscard]] std::string_view text() const noexcept;
};

struct SectionItem {
    bool big_endian = false;
    std::vector<Option> options;
};
/// Interfaces are numbered over all sections, in order.
struct InterfaceItem {
    InterfaceId id;
    wire::LinkType link_type = wire::LinkType::Ethernet;
    std::uint32_t snap_length = 0;
    std::string_view name;
    std::string_view description;
    std::string_view filter;   ///< empty unless it is in libpcap's words
    bool nanoseconds = false;  ///< its times are finer than microseconds
    std::vector<std::string_view> comments;
    std::vector<Option> options;
};
struct PacketItem {
    InterfaceId interface;
    wire::LinkType link_type = wire::LinkType::Ethernet;
    Instant at;  ///< since the Unix epoch; 0 for a simple packet block, which has none
    bool has_time = true;
    std::uint32_t original_length = 0;
    ByteSpan bytes;
    std::optional<std::uint64_t> packet_id;  ///< epb_packetid
    std::vector<std::string_view> comments;
    std::vector<Option> options;
};
struct StatisticsItem {
    InterfaceId interface;
    Instant at;
    std::optional<std::uint64_t> received;
    std::optional<std::uint64_t> dropped_by_interface;
    std::optional<std::uint64_t> dropped_by_system;
};
/// The link type of what is listed like a packet and is none: a custom block. No file can name it: link types
/// are registered, and this number is reserved to us inside the program.
inline constexpr auto kCustomBlockLink = static_cast<wire::LinkType>(0xffff);

/// Any other block, whole.
struct OtherItem {
    std::uint32_t type = 0;
    bool big_endian = false;
    ByteSpan body;
};
/// What a custom block (draft section 4.7) carries, behind the number of who defined it, or a journal export
/// block; nothing for other blocks. Wireshark gives each a frame number, and so do we, so that frame numbers
/// agree.
[[nodiscard]] std::optional<ByteSpan> custom_content(const OtherItem& item) noexcept;

struct Item {
    std::uint64_t offset = 0;  ///< of the block, in the stream
    ByteSpan block;            ///< the whole block as it lies there
    std::variant<SectionItem, InterfaceItem, PacketItem, StatisticsItem, OtherItem> content;
};

enum class BlockFault : std::uint8_t {
    NotPcapng,    ///< the stream does not begin with a section header
    BadLength,    ///< a block length that is too small, no multiple of 4, too large, or unlike its repetition
    BadMagic,     ///< a section header of neither byte order
    BadVersion,   ///< a major version other than 1
    Malformed,    ///< a block whose inner lengths exceed it
    NoInterface,  ///< a packet of an interface that was not described
    InterfaceLimit,  ///< more interfaces than can be told apart: 65535
    Truncated,       ///< the stream ends inside a block
};
struct BlockError {
    BlockFault fault = BlockFault::Truncated;
    std::uint64_t offset = 0;
};
/// "the block at byte 1234 is cut short"
[[nodiscard]] std::string block_error_text(const BlockError& error);

/// The comments of a packet block that was read before, in order; none for other blocks.
[[nodiscard]] std::vector<std::string_view> packet_comments(ByteSpan block, bool big_endian);
/// The epb_packetid of a packet block that was read before; nothing for other blocks.
[[nodiscard]] std::optional<std::uint64_t> packet_identifier(ByteSpan block, bool big_endian) noexcept;

inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;
/// Times are clamped to this: what an Instant holds, less a second.
inline constexpr std::uint64_t kMostTickNs = static_cast<std::uint64_t>(kMaxInstantNs - kNsPerSecond);
/// When a tick of an interface is: if_tsresol and if_tsoffset.
struct TickRule {
    std::uint8_t resolution = 6;  ///< 10^-n seconds or, with the top bit set, 2^-n
    std::int64_t offset_s = 0;
    std::uint32_t factor = 1'000;  ///< nanoseconds of a tick where that is simple and offset_s 0, else 0
};
/// Nanoseconds since the epoch; finer ones are cut off. Ticks that reach beyond the range of an Instant are
/// read as signed: whoever wrote them had a time before 1970. What is still beyond is clamped: it is no
/// reason to lose the packet.
[[nodiscard]] Instant instant_of(std::uint64_t ticks, const TickRule& rule) noexcept;

class BlockParser {
  public:
    using Parsed = Result<Item, BlockFault>;

    /// The block at the front of `rest`; nothing when it takes more bytes: needed() says how many. Items come
    /// with offset 0: the caller knows where it is.
    [[nodiscard]] Result<std::optional<Item>, BlockFault> next(ByteSpan rest);
    /// Bytes that the block takes for which next() found too few, as far as is known.
    [[nodiscard]] std::size_t needed() const noexcept { return needed_; }
    /// Byte order of the current section.
    [[nodiscard]] bool big_endian() const noexcept { return big_endian_; }
    /// Whether a section header has been seen.
    [[nodiscard]] bool in_section() const noexcept { return in_section_; }

    /// The fast way for what nearly every block is: enhanced packet blocks at the front of `window` that are
    /// whole and in order. Stops at anything else, which next() then explains. Options are not looked at.
    /// Packet has the members of source::RawPacket.
    struct Run {
        std::size_t packets = 0;
        std::size_t consumed = 0;
    };
    template <class Packet>
    [[nodiscard]] Run packets(ByteSpan window, std::uint64_t offset, std::span<Packet> out) const noexcept {
        return big_endian_ ? run<true>(window, offset, out) : run<false>(window, offset, out);
    }

  private:
    struct Interface {
        wire::LinkType link_type = wire::LinkType::Ethernet;
        std::uint32_t snap_length = 0;
        TickRule ticks;
    };

    template <bool kBig>
    [[nodiscard]] static std::uint32_t raw32(const std::byte* at) noexcept {
        std::uint32_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return kBig == (std::endian::native == std::endian::big) ? value : __builtin_bswap32(value);
    }
    template <bool kBig, class Packet>
    [[nodiscard]] Run run(ByteSpan window, std::uint64_t offset, std::span<Packet> out) const noexcept;

    [[nodiscard]] Result<std::optional<std::uint32_t>, BlockFault> block_length(ByteSpan rest);
    Parsed parse(std::uint32_t type, ByteSpan block);
    Parsed parse_section(ByteSpan body);
    Parsed parse_interface(ByteSpan body);
    Parsed parse_enhanced(ByteSpan body);
    Parsed parse_simple(ByteSpan body);
    Parsed parse_obsolete(ByteSpan body);
    Parsed parse_statistics(ByteSpan body);
    Result<PacketItem, BlockFault> packet(std::uint32_t interface, std::optional<std::uint64_t> ticks,
                                          std::uint32_t captured, std::uint32_t original,
                                          ByteSpan rest) const;
    [[nodiscard]] std::uint16_t get16(ByteSpan bytes, std::size_t at) const noexcept;
    [[nodiscard]] std::uint32_t get32(ByteSpan bytes, std::size_t at) const noexcept;
    [[nodiscard]] std::uint64_t get64(ByteSpan bytes, std::size_t at) const noexcept;
    /// With a flag whether all of them were in order.
    [[nodiscard]] std::pair<std::vector<Option>, bool> options(ByteSpan rest) const;
    [[nodiscard]] std::optional<std::uint64_t> number(const std::vector<Option>& options,
                                                      std::uint16_t code) const;

    bool big_endian_ = false;
    bool in_section_ = false;
    std::size_t needed_ = 0;
    std::vector<Interface> interfaces_;  ///< of all sections
    std::size_t section_first_ = 0;      ///< the current section's interface 0
};

template <bool kBig, class Packet>
BlockParser::Run BlockParser::run(ByteSpan window, std::uint64_t offset,
                                  std::span<Packet> out) const noexcept {
    constexpr std::size_t kFixed = 28;  // up to the packet's bytes
    constexpr std::size_t kLeast = kFixed + 4;
    const std::byte* const begin = window.data();
    const std::size_t interfaces = interfaces_.size() - section_first_;
    std::size_t at = 0;
    std::size_t count = 0;
    while (count < out.size() && window.size() - at >= kLeast) {
        const std::byte* const b = begin + at;
        const std::uint32_t length = raw32<kBig>(b + 4);
        if (raw32<kBig>(b) != kEnhancedPacket || length < kLeast || length % 4 != 0 ||
            length > kMaxBlockBytes || length > window.size() - at)
            break;
        const std::uint32_t interface = raw32<kBig>(b + 8);
        const std::uint32_t captured = raw32<kBig>(b + 20);
        if (raw32<kBig>(b + length - 4) != length || interface >= interfaces || captured > length - kLeast)
            break;
        const Interface& known = interfaces_[section_first_ + interface];
        const std::uint64_t ticks = (std::uint64_t{raw32<kBig>(b + 12)} << 32) | raw32<kBig>(b + 16);
        Packet& packet = out[count++];
        // The comparison keeps the product in range: up to the year 2116.
        packet.at = known.ticks.factor != 0 && ticks <= kMostTickNs / known.ticks.factor
                        ? Instant{static_cast<std::int64_t>(ticks * known.ticks.factor)}
                        : instant_of(ticks, known.ticks);
        packet.original_length = raw32<kBig>(b + 24);
        packet.interface = static_cast<std::uint16_t>(section_first_ + interface);
        packet.link_type = known.link_type;
        packet.offset = offset + at;
        packet.bytes = window.subspan(at + kFixed, captured);
        packet.block = window.subspan(at, length);
        packet.big_endian = kBig;
        at += length;
    }
    return {count, at};
}

}  // namespace synscope::pcapng
