#pragma once
// Reading pcapng (draft-ietf-opsawg-pcapng), in any cut: from a pipe as it comes, or from a mapped file
// without a copy.
//
//     BlockReader reader;                                   // a stream
//     reader.feed(bytes); while (auto item = reader.next()) { if (!*item) break; std::visit(..., **item); }
//     BlockReader mapped{file};                             // a file: nothing is copied, finish() is implied
//
// Both byte orders, several sections, every timestamp resolution. A block type that is not known is handed
// on, not dropped. A length that cannot be is an error that names its byte offset; after an error only the
// same error follows. Ownership: spans of an item hold until the next call; those into a mapped file as long
// as the file. Thread rule: one thread.

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

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
    std::string_view filter;  ///< empty unless it is in libpcap's words
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
/// Any other block, whole.
struct OtherItem {
    std::uint32_t type = 0;
    bool big_endian = false;
    ByteSpan body;
};
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
    Truncated,    ///< the stream ends inside a block
};
struct BlockError {
    BlockFault fault = BlockFault::Truncated;
    std::uint64_t offset = 0;
};
/// "the block at byte 1234 is cut short"
[[nodiscard]] std::string block_error_text(const BlockError& error);

/// The comments of a packet block that was read before, in order; none for other blocks.
[[nodiscard]] std::vector<std::string_view> packet_comments(ByteSpan block, bool big_endian);

class BlockReader {
  public:
    /// A stream: feed() it.
    BlockReader() = default;
    /// All of it is here already.
    explicit BlockReader(ByteSpan mapped) noexcept : view_(mapped), mapped_(true), ended_(true) {}

    void feed(ByteSpan bytes);
    /// The stream ends here: what is left over is an error of the following next().
    void finish() noexcept { ended_ = true; }
    /// The next block; nothing when more bytes are needed, or at the end.
    [[nodiscard]] Result<std::optional<Item>, BlockError> next();
    /// Byte order of the current section.
    [[nodiscard]] bool big_endian() const noexcept { return big_endian_; }
    /// Bytes that were read as whole blocks.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

  private:
    struct Interface {
        wire::LinkType link_type = wire::LinkType::Ethernet;
        std::uint32_t snap_length = 0;
        std::uint8_t resolution = 6;  ///< if_tsresol
        std::int64_t offset_s = 0;    ///< if_tsoffset
    };
    using Parsed = Result<Item, BlockFault>;

    Result<std::optional<std::uint32_t>, BlockFault> block_length(ByteSpan rest);
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
    [[nodiscard]] std::optional<std::vector<Option>> options(ByteSpan rest) const;
    [[nodiscard]] std::optional<std::uint64_t> number(const std::vector<Option>& options,
                                                      std::uint16_t code) const;

    std::vector<std::byte> buffer_;  ///< of a stream: what is not consumed yet
    std::size_t consumed_ = 0;       ///< of buffer_ or view_
    ByteSpan view_;
    bool mapped_ = false;
    bool ended_ = false;
    bool big_endian_ = false;
    bool in_section_ = false;
    std::uint64_t offset_ = 0;
    std::optional<BlockError> error_;
    std::vector<Interface> interfaces_;  ///< of all sections
    std::size_t section_first_ = 0;      ///< the current section's interface 0
};

}  // namespace synscope::pcapng
