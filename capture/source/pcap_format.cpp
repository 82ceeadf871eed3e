#include "capture/source/pcap_format.hpp"

#include <algorithm>

namespace synscope::source {
namespace {

constexpr std::uint32_t kMagicModified = 0xa1b2cd34;
constexpr std::uint32_t kMagicIxiaSoftware = 0x1c0001ab;
constexpr std::uint32_t kMagicIxiaHardware = 0x1c0001ac;
constexpr std::uint16_t kMajor = 2;

std::uint32_t load32(const PcapHeader& file, ByteSpan bytes, std::size_t at) noexcept {
    return file.big_endian ? load_be32(bytes, at) : load_le32(bytes, at);
}

bool from_ixia(std::uint32_t magic) noexcept {
    return magic == kMagicIxiaSoftware || magic == kMagicIxiaHardware;
}

bool known_magic(std::uint32_t magic) noexcept {
    return magic == kPcapMagicMicro || magic == kPcapMagicNano || magic == kMagicModified || from_ixia(magic);
}

}  // namespace

Result<PcapHeader, PcapProblem> parse_pcap_header(ByteSpan bytes) noexcept {
    if (bytes.size() < 4) return failure(PcapProblem::TooShort);
    PcapHeader file;
    file.big_endian = known_magic(load_be32(bytes, 0));
    const std::uint32_t magic = load32(file, bytes, 0);
    if (!known_magic(magic)) return failure(PcapProblem::NotPcap);
    if (from_ixia(magic)) file.file_header_size = kPcapFileHeaderSizeIxia;
    if (bytes.size() < file.file_header_size) return failure(PcapProblem::TooShort);
    file.nanoseconds = magic == kPcapMagicNano;
    file.record_header_size = magic == kMagicModified ? 24 : 16;
    const std::uint16_t major = file.big_endian ? load_be16(bytes, 4) : load_le16(bytes, 4);
    file.minor = file.big_endian ? load_be16(bytes, 6) : load_le16(bytes, 6);
    if (major != kMajor) return failure(PcapProblem::UnknownVersion);
    file.snap_length = load32(file, bytes, 16);
    file.most_captured = std::clamp(file.snap_length, kPcapMaxCaptured, kPcapMaxCapturedLarge);
    // The upper half of the field tells about frame check sequences, not about the link type.
    file.link_type = static_cast<wire::LinkType>(load32(file, bytes, 20) & 0xffff);
    return file;
}

}  // namespace synscope::source
