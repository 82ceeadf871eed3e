#pragma once
// PPP over Ethernet (RFC 2516 section 4), as it follows its EtherTypes. In a session PPP follows without
// framing bytes (ppp.hpp). Contract of the views: header.hpp. Thread rule: values.

#include "net/wire/header.hpp"

namespace synscope::wire {

class PppoeView {
  public:
    static constexpr std::size_t kSize = 6;
    static constexpr std::size_t kVersionAndTypeAt = 0;
    static constexpr std::size_t kCodeAt = 1;
    static constexpr std::size_t kSessionAt = 2;
    static constexpr std::size_t kLengthAt = 4;

    [[nodiscard]] static constexpr Parsed<PppoeView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        if (load_u8(bytes, kVersionAndTypeAt) != 0x11) return failure(HeaderError::WrongVersion);
        return PppoeView{bytes};
    }
    /// 0 is session data; the others are the discovery's.
    [[nodiscard]] constexpr std::uint8_t code() const noexcept { return load_u8(bytes_, kCodeAt); }
    [[nodiscard]] constexpr std::uint16_t session() const noexcept { return load_be16(bytes_, kSessionAt); }
    /// Of what follows.
    [[nodiscard]] constexpr std::uint16_t length() const noexcept { return load_be16(bytes_, kLengthAt); }

  private:
    constexpr explicit PppoeView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

}  // namespace synscope::wire
