#pragma once
// TCP options (RFC 9293 section 3.1; window scale and timestamps of RFC 7323; SACK of RFC 2018) as a range of
// values.
//
//   for (const TcpOption& option : TcpOptions{segment.options}) std::visit(..., option);
//
// Unknown kinds are kept. Malformed is the last element when a length field makes no sense: nothing behind it
// can be read. EndOfList ends the range too; padding behind it is not shown. Thread rule: values.

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <variant>

#include "net/base/bytes.hpp"
#include "net/base/seq32.hpp"
#include "net/wire/header.hpp"

namespace synscope::wire {

namespace tcp_option {
inline constexpr std::uint8_t kEndOfList = 0;
inline constexpr std::uint8_t kNoOp = 1;
inline constexpr std::uint8_t kMss = 2;
inline constexpr std::uint8_t kWindowScale = 3;
inline constexpr std::uint8_t kSackPermitted = 4;
inline constexpr std::uint8_t kSack = 5;
inline constexpr std::uint8_t kTimestamps = 8;

struct EndOfList {
    friend constexpr bool operator==(EndOfList, EndOfList) = default;
};
struct NoOp {
    friend constexpr bool operator==(NoOp, NoOp) = default;
};
struct Mss {
    std::uint16_t value = 0;
    friend constexpr bool operator==(Mss, Mss) = default;
};
struct WindowScale {
    std::uint8_t shift = 0;  ///< as sent; RFC 7323 section 2.3 uses at most 14
    friend constexpr bool operator==(WindowScale, WindowScale) = default;
};
struct SackPermitted {
    friend constexpr bool operator==(SackPermitted, SackPermitted) = default;
};
struct SackBlock {
    Seq32 left;   ///< first byte of the block
    Seq32 right;  ///< the byte behind it
    friend constexpr bool operator==(SackBlock, SackBlock) = default;
};
struct Sack {
    std::array<SackBlock, 4> blocks{};
    std::uint8_t count = 0;  ///< 1 to 4
    friend constexpr bool operator==(const Sack&, const Sack&) = default;
};
struct Timestamps {
    std::uint32_t value = 0;
    std::uint32_t echo = 0;
    friend constexpr bool operator==(Timestamps, Timestamps) = default;
};
/// A kind we do not know, or a known one whose length is not the one it must have. `bytes` follow kind and
/// length.
struct Unknown {
    std::uint8_t kind = 0;
    ByteSpan bytes;
    [[nodiscard]] friend constexpr bool operator==(const Unknown& a, const Unknown& b) noexcept {
        if (a.kind != b.kind || a.bytes.size() != b.bytes.size()) return false;
        for (std::size_t i = 0; i < a.bytes.size(); ++i)
            if (a.bytes[i] != b.bytes[i]) return false;
        return true;
    }
};
/// No option can be read at `offset` of the options.
struct Malformed {
    std::size_t offset = 0;
    friend constexpr bool operator==(Malformed, Malformed) = default;
};
}  // namespace tcp_option

using TcpOption = std::variant<tcp_option::EndOfList, tcp_option::NoOp, tcp_option::Mss,
                               tcp_option::WindowScale, tcp_option::SackPermitted, tcp_option::Sack,
                               tcp_option::Timestamps, tcp_option::Unknown, tcp_option::Malformed>;

/// The options of one segment. Does not outlive the bytes.
class TcpOptions {
  public:
    class Iterator {
      public:
        using value_type = TcpOption;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using pointer = const TcpOption*;
        using reference = const TcpOption&;

        constexpr Iterator() = default;
        constexpr explicit Iterator(ByteSpan bytes) noexcept : bytes_(bytes) { read(); }
        [[nodiscard]] constexpr const TcpOption& operator*() const noexcept { return option_; }
        [[nodiscard]] constexpr const TcpOption* operator->() const noexcept { return &option_; }
        constexpr Iterator& operator++() noexcept {
            at_ += size_;
            read();
            return *this;
        }
        constexpr void operator++(int) noexcept { ++*this; }
        /// Where the option lies in the options, kind and length included.
        [[nodiscard]] constexpr std::size_t offset() const noexcept { return at_; }
        [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
        [[nodiscard]] friend constexpr bool operator==(const Iterator& it, std::default_sentinel_t) noexcept {
            return it.done_;
        }

      private:
        constexpr void read() noexcept;

        ByteSpan bytes_;
        std::size_t at_ = 0;
        std::size_t size_ = 0;
        TcpOption option_;
        bool last_ = false;
        bool done_ = true;
    };

    constexpr explicit TcpOptions(ByteSpan bytes) noexcept : bytes_(bytes) {}
    [[nodiscard]] constexpr Iterator begin() const noexcept { return Iterator{bytes_}; }
    [[nodiscard]] constexpr std::default_sentinel_t end() const noexcept { return {}; }

    /// The first option of a kind: `TcpOptions{s.options}.find<tcp_option::Mss>()`.
    template <class Option>
    [[nodiscard]] constexpr std::optional<Option> find() const noexcept {
        for (const TcpOption& option : *this)
            if (const auto* found = std::get_if<Option>(&option)) return *found;
        return std::nullopt;
    }

  private:
    ByteSpan bytes_;
};

namespace detail {
/// `body` follows kind and length, and has the length that the option says.
[[nodiscard]] constexpr TcpOption read_tcp_option(std::uint8_t kind, ByteSpan body) noexcept {
    using namespace tcp_option;
    if (kind == kMss && body.size() == 2) return Mss{load_be16(body, 0)};
    if (kind == kWindowScale && body.size() == 1) return WindowScale{load_u8(body, 0)};
    if (kind == kSackPermitted && body.empty()) return SackPermitted{};
    if (kind == kTimestamps && body.size() == 8) return Timestamps{load_be32(body, 0), load_be32(body, 4)};
    if (kind == kSack && !body.empty() && body.size() % 8 == 0 && body.size() <= 32) {
        Sack sack;
        for (std::size_t at = 0; at < body.size(); at += 8)
            sack.blocks[sack.count++] = {Seq32{load_be32(body, at)}, Seq32{load_be32(body, at + 4)}};
        return sack;
    }
    return Unknown{kind, body};
}
}  // namespace detail

constexpr void TcpOptions::Iterator::read() noexcept {
    done_ = last_ || at_ >= bytes_.size();
    if (done_) return;
    const std::uint8_t kind = load_u8(bytes_, at_);
    size_ = 1;
    if (kind == tcp_option::kEndOfList) {
        option_ = tcp_option::EndOfList{};
        last_ = true;
    } else if (kind == tcp_option::kNoOp) {
        option_ = tcp_option::NoOp{};
    } else {
        const std::size_t left = bytes_.size() - at_;
        const std::size_t length = left < 2 ? 0 : load_u8(bytes_, at_ + 1);
        if (length < 2 || length > left) {
            option_ = tcp_option::Malformed{at_};
            size_ = left;
            last_ = true;
        } else {
            size_ = length;
            option_ = detail::read_tcp_option(kind, bytes_.subspan(at_ + 2, length - 2));
        }
    }
}

/// Appends an option as it goes on the wire. False, and nothing appended, when it does not fit or is
/// Malformed.
[[nodiscard]] bool append_tcp_option(OptionBytes& out, const TcpOption& option) noexcept;

/// "mss 1460", "sackOK", "TS val 1 ecr 0", "nop", "wscale 7", "sack 1 {1:1001}", "eol", "unknown-30 0x0081",
/// "malformed at 4". SACK edges are written relative to `sack_zero`: the sequence number that is written as 0
/// in the direction the ACK speaks of.
[[nodiscard]] std::string tcp_option_text(const TcpOption& option, Seq32 sack_zero);
/// All of them, "<mss 1460,sackOK>"; empty when there are none.
[[nodiscard]] std::string tcp_options_text(ByteSpan options, Seq32 sack_zero);

}  // namespace synscope::wire
