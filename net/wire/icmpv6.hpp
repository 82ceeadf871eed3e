#pragma once
// ICMPv6 (RFC 4443; neighbour discovery of RFC 4861, multicast listeners of RFC 3810). Contract of the types:
// header.hpp. Thread rule: values.

#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

class Icmpv6View {
  public:
    static constexpr std::size_t kSize = 8;
    static constexpr std::size_t kTypeAt = 0;
    static constexpr std::size_t kCodeAt = 1;
    static constexpr std::size_t kChecksumAt = 2;
    static constexpr std::size_t kIdentifierAt = 4;
    static constexpr std::size_t kSequenceAt = 6;
    static constexpr std::uint8_t kUnreachable = 1;
    static constexpr std::uint8_t kPacketTooBig = 2;
    static constexpr std::uint8_t kTimeExceeded = 3;
    static constexpr std::uint8_t kParameterProblem = 4;
    static constexpr std::uint8_t kEchoRequest = 128;
    static constexpr std::uint8_t kEchoReply = 129;
    static constexpr std::uint8_t kNeighborSolicitation = 135;
    static constexpr std::uint8_t kNeighborAdvertisement = 136;

    [[nodiscard]] static constexpr Parsed<Icmpv6View> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return Icmpv6View{bytes};
    }
    [[nodiscard]] constexpr std::uint8_t type() const noexcept { return load_u8(bytes_, kTypeAt); }
    [[nodiscard]] constexpr std::uint8_t code() const noexcept { return load_u8(bytes_, kCodeAt); }
    [[nodiscard]] constexpr std::uint16_t checksum() const noexcept { return load_be16(bytes_, kChecksumAt); }
    /// Bytes 4 to 7, whose meaning depends on the type: identifier and sequence number of an echo, MTU, ...
    [[nodiscard]] constexpr std::uint32_t word() const noexcept { return load_be32(bytes_, kIdentifierAt); }
    [[nodiscard]] constexpr bool is_echo() const noexcept {
        return type() == kEchoRequest || type() == kEchoReply;
    }
    [[nodiscard]] constexpr std::uint16_t identifier() const noexcept {
        return load_be16(bytes_, kIdentifierAt);
    }
    [[nodiscard]] constexpr std::uint16_t sequence() const noexcept { return load_be16(bytes_, kSequenceAt); }
    /// Whether the message quotes the start of the packet it complains about, behind the first 8 bytes.
    [[nodiscard]] constexpr bool quotes_packet() const noexcept { return type() >= 1 && type() <= 4; }
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit Icmpv6View(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

/// "echo request", "time exceeded", ...; empty for a type that is not known.
[[nodiscard]] std::string_view icmpv6_type_name(std::uint8_t type) noexcept;
/// "port unreachable" for type 1, code 4; empty where the code adds nothing.
[[nodiscard]] std::string_view icmpv6_code_name(std::uint8_t type, std::uint8_t code) noexcept;

struct Icmpv6Header {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint16_t checksum = 0;
    std::uint32_t word = 0;  ///< bytes 4 to 7: identifier << 16 | sequence number of an echo

    [[nodiscard]] static constexpr Icmpv6Header from(const Icmpv6View& view) noexcept {
        return {view.type(), view.code(), view.checksum(), view.word()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return Icmpv6View::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        store_u8(out, Icmpv6View::kTypeAt, type);
        store_u8(out, Icmpv6View::kCodeAt, code);
        store_be16(out, Icmpv6View::kChecksumAt, checksum);
        store_be32(out, Icmpv6View::kIdentifierAt, word);
    }
    /// "ICMP6, echo request, id 7, seq 1".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const Icmpv6Header&, const Icmpv6Header&) = default;
};

}  // namespace synscope::wire
