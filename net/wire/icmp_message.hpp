#pragma once
// What ICMP (RFC 792) and ICMPv6 (RFC 4443 section 2.1) have in common: 8 bytes of header, echo, and messages
// that quote the packet they complain about. icmp.hpp and icmpv6.hpp bring the numbers. Contract of the
// types: header.hpp. Thread rule: values.

#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

/// `Types` has kEchoRequest, kEchoReply and quotes(type).
template <class Types>
class IcmpMessageView : public Types {
  public:
    static constexpr std::size_t kSize = 8;
    static constexpr std::size_t kTypeAt = 0;
    static constexpr std::size_t kCodeAt = 1;
    static constexpr std::size_t kChecksumAt = 2;
    static constexpr std::size_t kIdentifierAt = 4;
    static constexpr std::size_t kSequenceAt = 6;

    [[nodiscard]] static constexpr Parsed<IcmpMessageView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return IcmpMessageView{bytes};
    }
    [[nodiscard]] constexpr std::uint8_t type() const noexcept { return load_u8(bytes_, kTypeAt); }
    [[nodiscard]] constexpr std::uint8_t code() const noexcept { return load_u8(bytes_, kCodeAt); }
    [[nodiscard]] constexpr std::uint16_t checksum() const noexcept { return load_be16(bytes_, kChecksumAt); }
    /// Bytes 4 to 7, whose meaning depends on the type: identifier and sequence number of an echo, MTU, ...
    [[nodiscard]] constexpr std::uint32_t word() const noexcept { return load_be32(bytes_, kIdentifierAt); }
    [[nodiscard]] constexpr bool is_echo() const noexcept {
        return type() == Types::kEchoRequest || type() == Types::kEchoReply;
    }
    [[nodiscard]] constexpr std::uint16_t identifier() const noexcept {
        return load_be16(bytes_, kIdentifierAt);
    }
    [[nodiscard]] constexpr std::uint16_t sequence() const noexcept { return load_be16(bytes_, kSequenceAt); }
    /// Whether the message quotes the start of the packet it complains about, behind the first 8 bytes.
    [[nodiscard]] constexpr bool quotes_packet() const noexcept { return Types::quotes(type()); }
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit IcmpMessageView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

template <class Types>
struct IcmpMessageHeader {
    using View = IcmpMessageView<Types>;

    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint16_t checksum = 0;
    std::uint32_t word = 0;  ///< bytes 4 to 7: identifier << 16 | sequence number of an echo

    [[nodiscard]] static constexpr IcmpMessageHeader from(const View& view) noexcept {
        return {view.type(), view.code(), view.checksum(), view.word()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return View::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        store_u8(out, View::kTypeAt, type);
        store_u8(out, View::kCodeAt, code);
        store_be16(out, View::kChecksumAt, checksum);
        store_be32(out, View::kIdentifierAt, word);
    }
    /// "ICMP echo request, id 7, seq 1", "ICMP6, echo request, id 7, seq 1".
    [[nodiscard]] std::string text() const { return Types::text(type, code, word); }
    friend constexpr bool operator==(const IcmpMessageHeader&, const IcmpMessageHeader&) = default;
};

}  // namespace synscope::wire
