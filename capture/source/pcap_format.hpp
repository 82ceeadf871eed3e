#pragma once
// The pcap file format (draft-ietf-opsawg-pcap), as pure functions over bytes.
//
// Read: microseconds (a1b2c3d4) and nanoseconds (a1b23c4d), both byte orders, the modified record header of
// old Linux libpcaps (a1b2cd34), the two of IXIA's testers (1c0001ab, 1c0001ac: microseconds, and four more
// bytes behind the file header), versions 2.0 to 2.4. Thread rule: pure.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/base/result.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::source {

inline constexpr std::size_t kPcapFileHeaderSize = 24;
inline constexpr std::size_t kPcapFileHeaderSizeIxia = 28;  ///< how long all records are comes behind it
inline constexpr std::uint32_t kPcapMagicMicro = 0xa1b2c3d4;
inline constexpr std::uint32_t kPcapMagicNano = 0xa1b23c4d;
/// No record of a file that is in order holds more (libpcap's MAXIMUM_SNAPLEN; D-Bus and USB captures go
/// further).
inline constexpr std::uint32_t kPcapMaxCaptured = 262'144;
inline constexpr std::uint32_t kPcapMaxCapturedLarge = 128 * 1024 * 1024;

enum class PcapProblem : std::uint8_t {
    TooShort,        ///< fewer bytes than the header has
    NotPcap,         ///< another magic
    UnknownVersion,  ///< major version other than 2
};

struct PcapHeader {
    bool big_endian = false;
    bool nanoseconds = false;
    std::size_t file_header_size = kPcapFileHeaderSize;
    std::size_t record_header_size = 16;  ///< 24 in the modified format
    std::uint16_t minor = 4;
    std::uint32_t snap_length = 0;
    std::uint32_t most_captured = kPcapMaxCaptured;  ///< more is damage: no writer makes it
    wire::LinkType link_type = wire::LinkType::Ethernet;
};
[[nodiscard]] Result<PcapHeader, PcapProblem> parse_pcap_header(ByteSpan bytes) noexcept;

struct PcapRecord {
    Instant at;
    std::uint32_t captured_length = 0;
    std::uint32_t original_length = 0;
};
/// Any record_header_size bytes are a record header, though perhaps not one to be believed.
[[nodiscard]] inline PcapRecord read_pcap_record(const PcapHeader& file, ByteSpan bytes) noexcept {
    const auto load = [&](std::size_t at) {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return file.big_endian == (std::endian::native == std::endian::big) ? value
                                                                            : __builtin_bswap32(value);
    };
    PcapRecord record;
    record.at = Instant{std::int64_t{load(0)} * 1'000'000'000 +
                        std::int64_t{load(4)} * (file.nanoseconds ? 1 : 1'000)};
    record.captured_length = load(8);
    record.original_length = load(12);
    // Before version 2.3 the two lengths stood the other way round; some writers of 2.3 hadn't heard.
    if (file.minor < 4 && (file.minor < 3 || record.captured_length > record.original_length)) [[unlikely]]
        std::swap(record.captured_length, record.original_length);
    return record;
}

}  // namespace synscope::source
