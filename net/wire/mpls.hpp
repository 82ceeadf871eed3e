#pragma once
// One entry of an MPLS label stack (RFC 3032 section 2.1), and what lies below the stack: nothing in the
// packet says so, the first four bits tell (RFC 4928 section 2, RFC 4385 section 3). Contract of the views:
// header.hpp. Thread rule: values.

#include <optional>

#include "net/wire/header.hpp"

namespace synscope::wire {

/// A stack that is deeper is taken for nonsense.
inline constexpr std::size_t kMaxMplsLabels = 16;

class MplsView {
  public:
    static constexpr std::size_t kSize = 4;

    [[nodiscard]] static constexpr Parsed<MplsView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return MplsView{bytes};
    }
    [[nodiscard]] constexpr std::uint32_t label() const noexcept { return load_be32(bytes_, 0) >> 12; }
    [[nodiscard]] constexpr std::uint8_t traffic_class() const noexcept {
        return static_cast<std::uint8_t>(load_u8(bytes_, 2) >> 1 & 7);
    }
    [[nodiscard]] constexpr bool bottom() const noexcept { return (load_u8(bytes_, 2) & 1) != 0; }
    [[nodiscard]] constexpr std::uint8_t ttl() const noexcept { return load_u8(bytes_, 3); }

  private:
    constexpr explicit MplsView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

enum class MplsPayload : std::uint8_t {
    Ipv4,
    Ipv6,
    ControlledEthernet,  ///< a pseudowire's control word of 4 bytes, then an Ethernet frame
    Unknown,
};
/// `bytes` lie behind the bottom of the stack. That a control word is followed by Ethernet is a guess: only
/// the two ends know.
[[nodiscard]] constexpr MplsPayload mpls_payload(ByteSpan bytes) noexcept {
    if (bytes.empty()) return MplsPayload::Unknown;
    switch (load_u8(bytes, 0) >> 4) {
        case 4:
            return MplsPayload::Ipv4;
        case 6:
            return MplsPayload::Ipv6;
        case 0:
            return bytes.size() >= 18 ? MplsPayload::ControlledEthernet : MplsPayload::Unknown;
        default:
            return MplsPayload::Unknown;
    }
}

}  // namespace synscope::wire
