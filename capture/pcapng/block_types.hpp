#pragma once
// The numbers of pcapng (draft-ietf-opsawg-pcapng sections 3.5, 4 and 11). Thread rule: values.

#include <cstdint>

namespace synscope::pcapng {

inline constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
inline constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
inline constexpr std::uint32_t kInterfaceDescription = 1;
inline constexpr std::uint32_t kObsoletePacket = 2;
inline constexpr std::uint32_t kSimplePacket = 3;
inline constexpr std::uint32_t kNameResolution = 4;
inline constexpr std::uint32_t kInterfaceStatistics = 5;
inline constexpr std::uint32_t kEnhancedPacket = 6;
inline constexpr std::uint32_t kJournalExport = 9;  ///< an entry of systemd's journal
inline constexpr std::uint32_t kDecryptionSecrets = 10;
inline constexpr std::uint32_t kCustom = 0x00000bad;
inline constexpr std::uint32_t kCustomNotCopied = 0x40000bad;  ///< not to be copied to another file

/// Options of several blocks; their numbers mean different things in each.
namespace option {
inline constexpr std::uint16_t kEnd = 0;
inline constexpr std::uint16_t kComment = 1;
inline constexpr std::uint16_t kSectionHardware = 2;
inline constexpr std::uint16_t kSectionOs = 3;
inline constexpr std::uint16_t kSectionApplication = 4;
inline constexpr std::uint16_t kInterfaceName = 2;
inline constexpr std::uint16_t kInterfaceText = 3;
inline constexpr std::uint16_t kTimeResolution = 9;
inline constexpr std::uint16_t kInterfaceFilter = 11;
inline constexpr std::uint16_t kTimeOffset = 14;
inline constexpr std::uint16_t kPacketFlags = 2;
inline constexpr std::uint16_t kPacketDrops = 4;
inline constexpr std::uint16_t kPacketId = 5;
inline constexpr std::uint16_t kPacketQueue = 6;
inline constexpr std::uint16_t kCustomText = 2988;
inline constexpr std::uint16_t kCustomBytes = 2989;
inline constexpr std::uint16_t kCustomTextNotCopied = 19372;
inline constexpr std::uint16_t kCustomBytesNotCopied = 19373;
inline constexpr std::uint16_t kReceived = 4;
inline constexpr std::uint16_t kInterfaceDrops = 5;
inline constexpr std::uint16_t kSystemDrops = 7;
}  // namespace option

}  // namespace synscope::pcapng
