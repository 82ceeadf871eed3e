#pragma once
// GRE: version 0 (RFC 2784 with key and sequence number of RFC 2890) and version 1, PPTP's (RFC 2637 section
// 4.1). Contract of the views: header.hpp. Thread rule: values.

#include "net/wire/header.hpp"

namespace synscope::wire {

class GreView {
  public:
    static constexpr std::size_t kMinSize = 4;
    static constexpr std::size_t kFlagsAt = 0;
    static constexpr std::size_t kTypeAt = 2;
    static constexpr std::uint16_t kChecksumPresent = 0x8000;
    static constexpr std::uint16_t kRoutingPresent = 0x4000;  ///< RFC 1701; nobody sends it any more
    static constexpr std::uint16_t kKeyPresent = 0x2000;
    static constexpr std::uint16_t kSequencePresent = 0x1000;
    static constexpr std::uint16_t kAckPresent = 0x0080;  ///< version 1

    [[nodiscard]] static constexpr Parsed<GreView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kMinSize) return failure(HeaderError::Truncated);
        const GreView view{bytes};
        if (view.version() > 1 || view.has(kRoutingPresent)) return failure(HeaderError::WrongVersion);
        if (view.size() > bytes.size()) return failure(HeaderError::Truncated);
        return view;
    }
    [[nodiscard]] constexpr std::uint16_t flags() const noexcept { return load_be16(bytes_, kFlagsAt); }
    [[nodiscard]] constexpr bool has(std::uint16_t flag) const noexcept { return (flags() & flag) != 0; }
    [[nodiscard]] constexpr std::uint8_t version() const noexcept {
        return static_cast<std::uint8_t>(flags() & 7);
    }
    /// EtherType of what is inside.
    [[nodiscard]] constexpr std::uint16_t type() const noexcept { return load_be16(bytes_, kTypeAt); }
    // Where the optional fields start; they are there when their flag is set. In version 1 the checksum's
    // flag means nothing, and the key is payload length and call number.
    [[nodiscard]] constexpr std::size_t key_at() const noexcept {
        return kMinSize + (version() == 0 && has(kChecksumPresent) ? 4u : 0u);
    }
    [[nodiscard]] constexpr std::size_t sequence_at() const noexcept {
        return key_at() + (has(kKeyPresent) ? 4u : 0u);
    }
    [[nodiscard]] constexpr std::size_t ack_at() const noexcept {
        return sequence_at() + (has(kSequencePresent) ? 4u : 0u);
    }
    [[nodiscard]] constexpr std::size_t size() const noexcept {
        return ack_at() + (version() == 1 && has(kAckPresent) ? 4u : 0u);
    }
    [[nodiscard]] constexpr ByteSpan payload() const noexcept { return bytes_.subspan(size()); }

  private:
    constexpr explicit GreView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

/// The header between GRE and a mirrored Ethernet frame: ERSPAN type II (8 bytes) and III (12, and 8 more
/// when its last bit says so), as their Internet draft (draft-foschiano-erspan) describes them. Type I has
/// none: it is EtherType kErspan2 in a GRE header without a sequence number.
class ErspanView {
  public:
    [[nodiscard]] static constexpr Parsed<ErspanView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < 8) return failure(HeaderError::Truncated);
        const ErspanView view{bytes};
        if (view.version() != 1 && view.version() != 2) return failure(HeaderError::WrongVersion);
        if (view.version() == 2 && bytes.size() < 12) return failure(HeaderError::Truncated);
        if (view.size() > bytes.size()) return failure(HeaderError::Truncated);
        return view;
    }
    /// 1 is type II, 2 is type III.
    [[nodiscard]] constexpr std::uint8_t version() const noexcept {
        return static_cast<std::uint8_t>(load_u8(bytes_, 0) >> 4);
    }
    [[nodiscard]] constexpr std::uint16_t vlan() const noexcept { return load_be16(bytes_, 0) & 0x0fff; }
    [[nodiscard]] constexpr std::uint16_t session() const noexcept { return load_be16(bytes_, 2) & 0x03ff; }
    [[nodiscard]] constexpr std::size_t size() const noexcept {
        if (version() == 1) return 8;
        return (load_u8(bytes_, 11) & 1) != 0 ? 20 : 12;
    }

  private:
    constexpr explicit ErspanView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

}  // namespace synscope::wire
