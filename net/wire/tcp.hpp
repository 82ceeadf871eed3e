#pragma once
// TCP (RFC 9293 section 3.1). Contract of the types: header.hpp; options: tcp_options.hpp; one line of text:
// tcp_text.hpp. Thread rule: values.

#include "net/base/seq32.hpp"
#include "net/wire/header.hpp"
#include "net/wire/tcp_flags.hpp"

namespace synscope::wire {

class TcpView {
  public:
    static constexpr std::size_t kMinSize = 20;
    static constexpr std::size_t kSourcePortAt = 0;
    static constexpr std::size_t kDestinationPortAt = 2;
    static constexpr std::size_t kSeqAt = 4;
    static constexpr std::size_t kAckAt = 8;
    static constexpr std::size_t kOffsetAndFlagsAt = 12;
    static constexpr std::size_t kWindowAt = 14;
    static constexpr std::size_t kChecksumAt = 16;
    static constexpr std::size_t kUrgentAt = 18;

    [[nodiscard]] static constexpr Parsed<TcpView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kMinSize) return failure(HeaderError::Truncated);
        const TcpView view{bytes};
        if (view.header_length() < kMinSize) return failure(HeaderError::HeaderLength);
        if (view.header_length() > bytes.size()) return failure(HeaderError::Truncated);
        return view;
    }
    /// What comes before the checksum, of a header that is `wire_length` bytes or fewer on the wire and that
    /// the capture cut behind it: nothing else must be asked for.
    [[nodiscard]] static constexpr Parsed<TcpView> parse_cut(ByteSpan bytes,
                                                             std::uint32_t wire_length) noexcept {
        if (bytes.size() < kChecksumAt) return failure(HeaderError::Truncated);
        const TcpView view{bytes};
        if (view.header_length() < kMinSize || view.header_length() > wire_length)
            return failure(HeaderError::HeaderLength);
        return view;
    }
    [[nodiscard]] constexpr std::uint16_t source_port() const noexcept {
        return load_be16(bytes_, kSourcePortAt);
    }
    [[nodiscard]] constexpr std::uint16_t destination_port() const noexcept {
        return load_be16(bytes_, kDestinationPortAt);
    }
    [[nodiscard]] constexpr Seq32 seq() const noexcept { return Seq32{load_be32(bytes_, kSeqAt)}; }
    [[nodiscard]] constexpr Seq32 ack() const noexcept { return Seq32{load_be32(bytes_, kAckAt)}; }
    [[nodiscard]] constexpr std::size_t header_length() const noexcept {
        return (load_u8(bytes_, kOffsetAndFlagsAt) >> 4) * std::size_t{4};
    }
    [[nodiscard]] constexpr TcpFlags flags() const noexcept {
        return TcpFlags{load_be16(bytes_, kOffsetAndFlagsAt)};
    }
    [[nodiscard]] constexpr std::uint16_t window() const noexcept { return load_be16(bytes_, kWindowAt); }
    [[nodiscard]] constexpr std::uint16_t checksum() const noexcept { return load_be16(bytes_, kChecksumAt); }
    [[nodiscard]] constexpr std::uint16_t urgent() const noexcept { return load_be16(bytes_, kUrgentAt); }
    [[nodiscard]] constexpr ByteSpan options() const noexcept {
        return bytes_.subspan(kMinSize, header_length() - kMinSize);
    }
    /// Everything behind the header that was given to parse(), Ethernet padding included.
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(header_length()); }

  private:
    constexpr explicit TcpView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct TcpHeader {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    Seq32 seq;
    Seq32 ack;
    TcpFlags flags;
    std::uint16_t window = 0;
    std::uint16_t checksum = 0;
    std::uint16_t urgent = 0;
    OptionBytes options;  ///< padded with zeros (end of list) to whole words by emit()

    [[nodiscard]] static constexpr TcpHeader from(const TcpView& view) noexcept {
        return {view.source_port(),
                view.destination_port(),
                view.seq(),
                view.ack(),
                view.flags(),
                view.window(),
                view.checksum(),
                view.urgent(),
                OptionBytes{view.options()}};
    }
    [[nodiscard]] constexpr std::size_t encoded_size() const noexcept {
        return TcpView::kMinSize + options.padded_size();
    }
    constexpr void emit(MutableByteSpan out) const noexcept {
        for (std::size_t i = 0; i < encoded_size(); ++i)
            out[i] = std::byte{0};
        store_be16(out, TcpView::kSourcePortAt, source_port);
        store_be16(out, TcpView::kDestinationPortAt, destination_port);
        store_be32(out, TcpView::kSeqAt, seq.raw());
        store_be32(out, TcpView::kAckAt, ack.raw());
        const auto words = static_cast<unsigned>(encoded_size() / 4);
        store_be16(out, TcpView::kOffsetAndFlagsAt, static_cast<std::uint16_t>(words << 12 | flags.bits()));
        store_be16(out, TcpView::kWindowAt, window);
        store_be16(out, TcpView::kChecksumAt, checksum);
        store_be16(out, TcpView::kUrgentAt, urgent);
        copy_bytes(options.span(), out.subspan(TcpView::kMinSize));
    }
    friend constexpr bool operator==(const TcpHeader&, const TcpHeader&) = default;
};

}  // namespace synscope::wire
