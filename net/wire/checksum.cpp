#include "net/wire/checksum.hpp"

namespace synscope::wire {

ChecksumVerdict judge_transport_checksum(const IpAddress& source, const IpAddress& destination,
                                         std::uint8_t protocol, ByteSpan segment,
                                         std::size_t field_at) noexcept {
    if (transport_checksum(source, destination, protocol, segment) == 0) return ChecksumVerdict::Correct;
    const std::uint16_t field = load_be16(segment, field_at);
    // Linux leaves the pseudo header's sum, with the length (CHECKSUM_PARTIAL); for large sends some systems
    // leave the length out, as the card fills it in per segment. Others leave 0.
    const auto length = static_cast<std::uint32_t>(segment.size());
    const bool partial = field == fold_sum(pseudo_header_sum(source, destination, protocol, length)) ||
                         field == fold_sum(pseudo_header_sum(source, destination, protocol, 0));
    return partial || field == 0 ? ChecksumVerdict::Offloaded : ChecksumVerdict::Wrong;
}

}  // namespace synscope::wire
