#include "capture/pcapng/block_parser.hpp"

#include <limits>

#include "capture/pcapng/block_types.hpp"
#include "net/base/text.hpp"

namespace synscope::pcapng {

namespace {

constexpr std::size_t kHeaderBytes = 8;     // type, length
constexpr std::size_t kSmallestBlock = 12;  // and the length again
constexpr std::size_t kSectionBytes = 28;

constexpr std::size_t padded(std::size_t size) {
    return (size + 3) / 4 * 4;
}

std::uint32_t swapped(std::uint32_t v) {
    return (v >> 24) | ((v >> 8) & 0xff00) | ((v << 8) & 0xff0000) | (v << 24);
}

__extension__ using Wide = __int128;  // ticks of 2^-127 s times nanoseconds

constexpr std::uint64_t power_of_10(unsigned exponent) {
    std::uint64_t value = 1;
    for (unsigned i = 0; i < exponent; ++i)
        value *= 10;
    return value;
}

std::uint32_t word_at(ByteSpan bytes, std::size_t at, bool big_endian) noexcept {
    return big_endian ? load_be32(bytes, at) : load_le32(bytes, at);
}

/// The options of a packet block that was read before, as far as they are in order.
template <class Each>
void each_packet_option(ByteSpan block, bool big_endian, const Each& each) {
    constexpr std::size_t kPacketAt = 28;  // of an enhanced or obsolete packet block
    const auto get16 = [&](std::size_t at) {
        return big_endian ? load_be16(block, at) : load_le16(block, at);
    };
    if (block.size() < kPacketAt + 4) return;
    const std::uint32_t type = word_at(block, 0, big_endian);
    if (type != kEnhancedPacket && type != kObsoletePacket) return;
    const std::size_t end = block.size() - 4;
    std::size_t at = kPacketAt + padded(word_at(block, 20, big_endian));
    while (at + 4 <= end) {
        const std::uint16_t code = get16(at);
        const std::size_t size = get16(at + 2);
        if (code == option::kEnd || padded(size) > end - at - 4) break;
        each(Option{code, block.subspan(at + 4, size)});
        at += 4 + padded(size);
    }
}

/// Not clamped.
Wide nanoseconds_of(Wide ticks, const TickRule& rule) noexcept {
    constexpr unsigned kNano = 9;
    const unsigned exponent = rule.resolution & 0x7f;
    Wide ns = ticks;
    if ((rule.resolution & 0x80) != 0)
        ns = (ns * kNsPerSecond) >> exponent;
    else if (exponent <= kNano)
        ns *= power_of_10(kNano - exponent);
    else
        ns = exponent - kNano > 19 ? 0 : ns / power_of_10(exponent - kNano);
    return ns + Wide{rule.offset_s} * kNsPerSecond;
}

}  // namespace

Instant instant_of(std::uint64_t ticks, const TickRule& rule) noexcept {
    constexpr auto kMost = static_cast<std::int64_t>(kMostTickNs);
    Wide ns = nanoseconds_of(Wide{ticks}, rule);
    if (ns > kMost) ns = nanoseconds_of(Wide{static_cast<std::int64_t>(ticks)}, rule);
    return Instant{ns > kMost ? kMost : ns < -kMost ? -kMost : static_cast<std::int64_t>(ns)};
}

std::string_view Option::text() const noexcept {
    // Bytes as characters: char may alias anything.
    return {reinterpret_cast<const char*>(value.data()), value.size()};
}

std::optional<ByteSpan> custom_content(const OtherItem& item) noexcept {
    if (item.type == kJournalExport) return item.body;
    constexpr std::size_t kEnterpriseBytes = 4;
    const bool custom = item.type == kCustom || item.type == kCustomNotCopied;
    if (!custom || item.body.size() < kEnterpriseBytes) return std::nullopt;
    return item.body.subspan(kEnterpriseBytes);
}

std::string block_error_text(const BlockError& error) {
    const std::string place = concat("the block at byte ", error.offset, ' ');
    switch (error.fault) {
        case BlockFault::NotPcapng:
            return "this is no pcapng stream";
        case BlockFault::BadLength:
            return place + "has a length that cannot be";
        case BlockFault::BadMagic:
            return place + "is a section header of no byte order";
        case BlockFault::BadVersion:
            return place + "begins a section of a pcapng version that is not known";
        case BlockFault::Malformed:
            return place + "holds lengths that exceed it";
        case BlockFault::NoInterface:
            return place + "is a packet of an interface that was not described";
        case BlockFault::InterfaceLimit:
            return place + "describes one interface more than the 65535 that can be told apart";
        case BlockFault::Truncated:
            return place + "is cut short";
    }
    return place;
}

std::vector<std::string_view> packet_comments(ByteSpan block, bool big_endian) {
    std::vector<std::string_view> found;
    each_packet_option(block, big_endian, [&](const Option& o) {
        if (o.code == option::kComment) found.push_back(o.text());
    });
    return found;
}

std::optional<std::uint64_t> packet_identifier(ByteSpan block, bool big_endian) noexcept {
    std::optional<std::uint64_t> found;
    // The obsolete packet block's option 5 is not an identifier.
    if (block.size() < 4 || word_at(block, 0, big_endian) != kEnhancedPacket) return found;
    each_packet_option(block, big_endian, [&](const Option& o) {
        if (o.code == option::kPacketId && o.value.size() == 8 && !found)
            found = big_endian ? load_be64(o.value, 0) : load_le64(o.value, 0);
    });
    return found;
}

std::uint16_t BlockParser::get16(ByteSpan bytes, std::size_t at) const noexcept {
    return big_endian_ ? load_be16(bytes, at) : load_le16(bytes, at);
}
std::uint32_t BlockParser::get32(ByteSpan bytes, std::size_t at) const noexcept {
    return big_endian_ ? load_be32(bytes, at) : load_le32(bytes, at);
}
std::uint64_t BlockParser::get64(ByteSpan bytes, std::size_t at) const noexcept {
    return big_endian_ ? load_be64(bytes, at) : load_le64(bytes, at);
}

/// The length of the block that begins here; nothing when it takes more bytes to know. A section header sets
/// the byte order.
Result<std::optional<std::uint32_t>, BlockFault> BlockParser::block_length(ByteSpan rest) {
    if (rest.size() < kSmallestBlock) return std::optional<std::uint32_t>{};
    const bool section = load_le32(rest, 0) == kSectionHeader;  // the same in both orders
    if (!in_section_ && !section) return failure(BlockFault::NotPcapng);
    if (section) {
        const std::uint32_t magic = load_le32(rest, 8);
        if (magic != kByteOrderMagic && swapped(magic) != kByteOrderMagic)
            return failure(BlockFault::BadMagic);
        big_endian_ = magic != kByteOrderMagic;
    }
    const std::uint32_t length = get32(rest, 4);
    if (length < (section ? kSectionBytes : kSmallestBlock) || length % 4 != 0 || length > kMaxBlockBytes)
        return failure(BlockFault::BadLength);
    return std::optional{length};
}

Result<std::optional<Item>, BlockFault> BlockParser::next(ByteSpan rest) {
    needed_ = kSmallestBlock;
    const auto length = block_length(rest);
    if (!length) return failure(length.error());
    if (*length) needed_ = **length;
    if (!*length || rest.size() < **length) return std::optional<Item>{};
    const ByteSpan block = rest.first(**length);
    if (get32(block, block.size() - 4) != **length) return failure(BlockFault::BadLength);
    auto item = parse(get32(block, 0), block);
    if (!item) return failure(item.error());
    item->block = block;
    return std::optional<Item>{std::move(*item)};
}

BlockParser::Parsed BlockParser::parse(std::uint32_t type, ByteSpan block) {
    const ByteSpan body = block.subspan(kHeaderBytes, block.size() - kSmallestBlock);
    switch (type) {
        case kSectionHeader:
            return parse_section(body);
        case kInterfaceDescription:
            return parse_interface(body);
        case kEnhancedPacket:
            return parse_enhanced(body);
        case kSimplePacket:
            return parse_simple(body);
        case kObsoletePacket:
            return parse_obsolete(body);
        case kInterfaceStatistics:
            return parse_statistics(body);
        default:
            return Item{0, {}, OtherItem{type, big_endian_, body}};
    }
}

/// Options end with opt_endofopt or with the block.
std::pair<std::vector<Option>, bool> BlockParser::options(ByteSpan rest) const {
    std::vector<Option> found;
    while (rest.size() >= 4) {
        const std::uint16_t code = get16(rest, 0);
        const std::size_t size = get16(rest, 2);
        if (code == option::kEnd) break;
        if (padded(size) > rest.size() - 4) return {std::move(found), false};
        found.push_back({code, rest.subspan(4, size)});
        rest = rest.subspan(4 + padded(size));
    }
    return {std::move(found), true};
}

std::optional<std::uint64_t> BlockParser::number(const std::vector<Option>& options,
                                                 std::uint16_t code) const {
    for (const Option& o : options) {
        if (o.code == code && o.value.size() == 8) return get64(o.value, 0);
    }
    return std::nullopt;
}

BlockParser::Parsed BlockParser::parse_section(ByteSpan body) {
    if (get16(body, 4) != 1) return failure(BlockFault::BadVersion);
    auto [found, in_order] = options(body.subspan(16));
    if (!in_order) return failure(BlockFault::Malformed);
    in_section_ = true;
    section_first_ = interfaces_.size();
    return Item{0, {}, SectionItem{big_endian_, std::move(found)}};
}

BlockParser::Parsed BlockParser::parse_interface(ByteSpan body) {
    if (body.size() < 8) return failure(BlockFault::Malformed);
    auto [found, in_order] = options(body.subspan(8));
    // A resolution that cannot be read would make every time wrong.
    if (!in_order) return failure(BlockFault::Malformed);
    if (interfaces_.size() >= std::numeric_limits<std::uint16_t>::max())
        return failure(BlockFault::InterfaceLimit);
    Interface interface;
    interface.link_type = static_cast<wire::LinkType>(get16(body, 0));
    interface.snap_length = get32(body, 4);
    InterfaceItem item;
    for (const Option& o : found) {
        if (o.code == option::kComment) item.comments.push_back(o.text());
        if (o.code == option::kInterfaceName) item.name = o.text();
        if (o.code == option::kInterfaceText) item.description = o.text();
        if (o.code == option::kInterfaceFilter && !o.value.empty() && load_u8(o.value, 0) == 0)
            item.filter = o.text().substr(1);
        if (o.code == option::kTimeResolution && o.value.size() == 1)
            interface.ticks.resolution = load_u8(o.value, 0);
        if (o.code == option::kTimeOffset && o.value.size() == 8)
            interface.ticks.offset_s = static_cast<std::int64_t>(get64(o.value, 0));
    }
    item.id = InterfaceId{static_cast<std::uint16_t>(interfaces_.size())};
    item.link_type = interface.link_type;
    item.snap_length = interface.snap_length;
    item.options = std::move(found);
    // 9 nanoseconds and fewer have a factor that fits; the ordinary resolutions are 6 and 9.
    const TickRule& ticks = interface.ticks;
    const bool simple = ticks.offset_s == 0 && ticks.resolution <= 9;
    interface.ticks.factor = simple ? static_cast<std::uint32_t>(power_of_10(9u - ticks.resolution)) : 0;
    item.nanoseconds = ticks.resolution > 6 && ticks.resolution != (0x80 | 0);
    interfaces_.push_back(interface);
    return Item{0, {}, std::move(item)};
}

/// What the three packet blocks have in common; `rest` begins with the packet's bytes.
Result<PacketItem, BlockFault> BlockParser::packet(std::uint32_t interface,
                                                   std::optional<std::uint64_t> ticks, std::uint32_t captured,
                                                   std::uint32_t original, ByteSpan rest) const {
    if (interface >= interfaces_.size() - section_first_) return failure(BlockFault::NoInterface);
    if (captured > rest.size()) return failure(BlockFault::Malformed);
    const std::size_t index = section_first_ + interface;
    PacketItem item;
    item.interface = InterfaceId{static_cast<std::uint16_t>(index)};
    item.link_type = interfaces_[index].link_type;
    item.has_time = ticks.has_value();
    if (ticks) item.at = instant_of(*ticks, interfaces_[index].ticks);
    item.original_length = original;
    item.bytes = rest.first(captured);
    if (!ticks) return item;  // a simple packet block has no options
    // Options that are not in order are no reason to lose the packet.
    auto found = options(rest.subspan(padded(captured) < rest.size() ? padded(captured) : rest.size())).first;
    for (const Option& o : found) {
        if (o.code == option::kComment) item.comments.push_back(o.text());
    }
    item.packet_id = number(found, option::kPacketId);
    item.options = std::move(found);
    return item;
}

BlockParser::Parsed BlockParser::parse_enhanced(ByteSpan body) {
    if (body.size() < 20) return failure(BlockFault::Malformed);
    const std::uint64_t ticks = (std::uint64_t{get32(body, 4)} << 32) | get32(body, 8);
    auto item = packet(get32(body, 0), ticks, get32(body, 12), get32(body, 16), body.subspan(20));
    if (!item) return failure(item.error());
    return Item{0, {}, std::move(*item)};
}

/// Draft section 4.4: no captured length; the snap length of interface 0 bounds it.
BlockParser::Parsed BlockParser::parse_simple(ByteSpan body) {
    if (body.size() < 4) return failure(BlockFault::Malformed);
    if (interfaces_.size() == section_first_) return failure(BlockFault::NoInterface);
    const std::uint32_t original = get32(body, 0);
    const std::uint32_t snap = interfaces_[section_first_].snap_length;
    const std::uint32_t captured = snap != 0 && snap < original ? snap : original;
    auto item = packet(0, std::nullopt, captured, original, body.subspan(4));
    if (!item) return failure(item.error());
    return Item{0, {}, std::move(*item)};
}

BlockParser::Parsed BlockParser::parse_obsolete(ByteSpan body) {
    if (body.size() < 20) return failure(BlockFault::Malformed);
    const std::uint64_t ticks = (std::uint64_t{get32(body, 4)} << 32) | get32(body, 8);
    auto item = packet(get16(body, 0), ticks, get32(body, 12), get32(body, 16), body.subspan(20));
    if (!item) return failure(item.error());
    item->packet_id.reset();  // its option 5 is not an identifier
    return Item{0, {}, std::move(*item)};
}

BlockParser::Parsed BlockParser::parse_statistics(ByteSpan body) {
    if (body.size() < 12) return failure(BlockFault::Malformed);
    const std::uint32_t interface = get32(body, 0);
    if (interface >= interfaces_.size() - section_first_) return failure(BlockFault::NoInterface);
    const auto found = options(body.subspan(12)).first;
    const std::size_t index = section_first_ + interface;
    StatisticsItem item;
    item.interface = InterfaceId{static_cast<std::uint16_t>(index)};
    item.at = instant_of((std::uint64_t{get32(body, 4)} << 32) | get32(body, 8), interfaces_[index].ticks);
    item.received = number(found, option::kReceived);
    item.dropped_by_interface = number(found, option::kInterfaceDrops);
    item.dropped_by_system = number(found, option::kSystemDrops);
    return Item{0, {}, item};
}

}  // namespace synscope::pcapng
