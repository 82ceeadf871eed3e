#pragma once
// UDP (RFC 768). Contract of the types: header.hpp. Thread rule: values.

#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

class UdpView {
  public:
    static constexpr std::size_t kSize = 8;
    static constexpr std::size_t kSourcePortAt = 0;
    static constexpr std::size_t kDestinationPortAt = 2;
    static constexpr std::size_t kLengthAt = 4;
    static constexpr std::size_t kChecksumAt = 6;

    [[nodiscard]] static constexpr Parsed<UdpView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return UdpView{bytes};
    }
    [[nodiscard]] constexpr std::uint16_t source_port() const noexcept {
        return load_be16(bytes_, kSourcePortAt);
    }
    [[nodiscard]] constexpr std::uint16_t destination_port() const noexcept {
        return load_be16(bytes_, kDestinationPortAt);
    }
    /// Header and payload. Below 8 it means nothing; 0 is a jumbogram (RFC 2675) or offload.
    [[nodiscard]] constexpr std::uint16_t length() const noexcept { return load_be16(bytes_, kLengthAt); }
    /// 0 when the sender computed none (IPv4 only).
    [[nodiscard]] constexpr std::uint16_t checksum() const noexcept { return load_be16(bytes_, kChecksumAt); }
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit UdpView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct UdpHeader {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint16_t length = 8;
    std::uint16_t checksum = 0;

    [[nodiscard]] static constexpr UdpHeader from(const UdpView& view) noexcept {
        return {view.source_port(), view.destination_port(), view.length(), view.checksum()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return UdpView::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        store_be16(out, UdpView::kSourcePortAt, source_port);
        store_be16(out, UdpView::kDestinationPortAt, destination_port);
        store_be16(out, UdpView::kLengthAt, length);
        store_be16(out, UdpView::kChecksumAt, checksum);
    }
    /// What follows "source > destination" in a line: "UDP, length 12".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const UdpHeader&, const UdpHeader&) = default;
};

}  // namespace synscope::wire
