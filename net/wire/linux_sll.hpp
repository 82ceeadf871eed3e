#pragma once
// Linux cooked capture, version 1 (LINKTYPE_LINUX_SLL): what `-i any` writes in place of a link header.
// Contract of the types: header.hpp. Thread rule: values.

#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

/// "in", "broadcast", "multicast", "other host", "out"; "?" for numbers that Linux does not use
/// (sll_pkttype).
[[nodiscard]] std::string_view sll_packet_type_name(std::uint16_t type) noexcept;

class LinuxSllView {
  public:
    static constexpr std::size_t kSize = 16;
    static constexpr std::size_t kPacketTypeAt = 0;
    static constexpr std::size_t kDeviceTypeAt = 2;
    static constexpr std::size_t kAddressLengthAt = 4;
    static constexpr std::size_t kAddressAt = 6;
    static constexpr std::size_t kProtocolAt = 14;

    [[nodiscard]] static constexpr Parsed<LinuxSllView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return LinuxSllView{bytes};
    }
    [[nodiscard]] constexpr std::uint16_t packet_type() const noexcept {
        return load_be16(bytes_, kPacketTypeAt);
    }
    /// ARPHRD_ number: 1 Ethernet, 772 loopback.
    [[nodiscard]] constexpr std::uint16_t device_type() const noexcept {
        return load_be16(bytes_, kDeviceTypeAt);
    }
    [[nodiscard]] constexpr std::uint16_t address_length() const noexcept {
        return load_be16(bytes_, kAddressLengthAt);
    }
    /// The whole field; address_length() says how much of it counts.
    [[nodiscard]] constexpr std::array<std::uint8_t, 8> address() const noexcept {
        std::array<std::uint8_t, 8> out{};
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = load_u8(bytes_, kAddressAt + i);
        return out;
    }
    [[nodiscard]] constexpr std::uint16_t protocol() const noexcept { return load_be16(bytes_, kProtocolAt); }
    [[nodiscard]] constexpr ByteSpan payload() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit LinuxSllView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct LinuxSllHeader {
    std::uint16_t packet_type = 0;
    std::uint16_t device_type = 0;
    std::uint16_t address_length = 0;
    std::array<std::uint8_t, 8> address{};
    std::uint16_t protocol = 0;

    [[nodiscard]] static constexpr LinuxSllHeader from(const LinuxSllView& view) noexcept {
        return {view.packet_type(), view.device_type(), view.address_length(), view.address(),
                view.protocol()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return LinuxSllView::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        store_be16(out, LinuxSllView::kPacketTypeAt, packet_type);
        store_be16(out, LinuxSllView::kDeviceTypeAt, device_type);
        store_be16(out, LinuxSllView::kAddressLengthAt, address_length);
        for (std::size_t i = 0; i < address.size(); ++i)
            store_u8(out, LinuxSllView::kAddressAt + i, address[i]);
        store_be16(out, LinuxSllView::kProtocolAt, protocol);
    }
    /// "cooked in, ethertype IPv4 (0x0800)".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const LinuxSllHeader&, const LinuxSllHeader&) = default;
};

}  // namespace synscope::wire
