#pragma once
// What every protocol header of this folder has in common, and the contract of its two types.
//
// XView    non-owning. XView::parse(bytes) checks every length the accessors rely on, once; accessors are
// noexcept,
//          constexpr and return host order. The view never outlives the bytes. parse() judges only what it
//          must to read on: a wrong checksum or an odd value is shown, not refused.
// XHeader  the same fields as a plain value: XHeader::from(view), operator==, encoded_size(), emit(out) (out
// holds
//          at least encoded_size() bytes). Checksums are emitted as they stand; checksum.hpp computes them.
// text     one line in the manner of tcpdump, safe to print: no text of a packet gets in unescaped.
// Thread rule: values and pure functions.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"

namespace synscope::wire {

/// Why bytes are not the header they should be.
enum class HeaderError : std::uint8_t {
    Truncated,     ///< fewer bytes than the header, by its own length fields, needs
    WrongVersion,  ///< the IP version nibble names another protocol
    HeaderLength,  ///< a length field is smaller than the header that carries it
    AddressSizes,  ///< ARP for other than 6-byte hardware and 4-byte protocol addresses
};
[[nodiscard]] std::string_view header_error_text(HeaderError error) noexcept;

template <class View>
using Parsed = Result<View, HeaderError>;

/// Up to 40 bytes of IPv4 or TCP options: what a 4-bit header length leaves for them.
class OptionBytes {
  public:
    static constexpr std::size_t kCapacity = 40;

    constexpr OptionBytes() = default;
    /// Bytes beyond the capacity are left out.
    constexpr explicit OptionBytes(ByteSpan bytes) noexcept {
        for (const std::byte b : bytes)
            push(b);
    }
    /// False when full.
    constexpr bool push(std::byte b) noexcept {
        if (size_ == kCapacity) return false;
        bytes_[size_++] = b;
        return true;
    }
    [[nodiscard]] constexpr ByteSpan span() const noexcept { return ByteSpan{bytes_}.first(size_); }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    /// Size in the header, which counts in words of four bytes.
    [[nodiscard]] constexpr std::size_t padded_size() const noexcept { return (size_ + 3) & ~std::size_t{3}; }
    /// Unused bytes are 0, so memberwise comparison is right.
    friend constexpr bool operator==(const OptionBytes&, const OptionBytes&) = default;

  private:
    std::array<std::byte, kCapacity> bytes_{};
    std::uint8_t size_ = 0;
};

/// Copies `from` to the start of `to`, which is at least as long.
constexpr void copy_bytes(ByteSpan from, MutableByteSpan to) noexcept {
    for (std::size_t i = 0; i < from.size(); ++i)
        to[i] = from[i];
}

}  // namespace synscope::wire
