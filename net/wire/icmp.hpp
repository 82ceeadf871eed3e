#pragma once
// ICMP (RFC 792). Contract of the types: header.hpp. Thread rule: values.

#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

class IcmpView {
  public:
    static constexpr std::size_t kSize = 8;
    static constexpr std::size_t kTypeAt = 0;
    static constexpr std::size_t kCodeAt = 1;
    static constexpr std::size_t kChecksumAt = 2;
    static constexpr std::size_t kIdentifierAt = 4;
    static constexpr std::size_t kSequenceAt = 6;
    static constexpr std::uint8_t kEchoReply = 0;
    static constexpr std::uint8_t kUnreachable = 3;
    static constexpr std::uint8_t kRedirect = 5;
    static constexpr std::uint8_t kEchoRequest = 8;
    static constexpr std::uint8_t kTimeExceeded = 11;
    static constexpr std::uint8_t kParameterProblem = 12;

    [[nodiscard]] static constexpr Parsed<IcmpView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return IcmpView{bytes};
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
    [[nodiscard]] constexpr bool quotes_packet() const noexcept {
        return type() == kUnreachable || type() == 4 || type() == kRedirect || type() == kTimeExceeded ||
               type() == kParameterProblem;
    }
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit IcmpView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

/// "echo request", "time exceeded", ...; empty for a type that is not known.
[[nodiscard]] std::string_view icmp_type_name(std::uint8_t type) noexcept;
/// "port unreachable" for type 3, code 3; empty where the code adds nothing.
[[nodiscard]] std::string_view icmp_code_name(std::uint8_t type, std::uint8_t code) noexcept;

struct IcmpHeader {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint16_t checksum = 0;
    std::uint32_t word = 0;  ///< bytes 4 to 7: identifier << 16 | sequence number of an echo

    [[nodiscard]] static constexpr IcmpHeader from(const IcmpView& view) noexcept {
        return {view.type(), view.code(), view.checksum(), view.word()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return IcmpView::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        store_u8(out, IcmpView::kTypeAt, type);
        store_u8(out, IcmpView::kCodeAt, code);
        store_be16(out, IcmpView::kChecksumAt, checksum);
        store_be32(out, IcmpView::kIdentifierAt, word);
    }
    /// "ICMP echo request, id 7, seq 1".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const IcmpHeader&, const IcmpHeader&) = default;
};

}  // namespace synscope::wire
