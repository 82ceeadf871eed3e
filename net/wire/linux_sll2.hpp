#pragma once
// Linux cooked capture, version 2 (LINKTYPE_LINUX_SLL2): version 1 plus the interface's index. Contract of
// the types: header.hpp. Thread rule: values.

#include <string>

#include "net/wire/header.hpp"

namespace synscope::wire {

class LinuxSll2View {
  public:
    static constexpr std::size_t kSize = 20;
    static constexpr std::size_t kProtocolAt = 0;
    static constexpr std::size_t kReservedAt = 2;
    static constexpr std::size_t kInterfaceAt = 4;
    static constexpr std::size_t kDeviceTypeAt = 8;
    static constexpr std::size_t kPacketTypeAt = 10;
    static constexpr std::size_t kAddressLengthAt = 11;
    static constexpr std::size_t kAddressAt = 12;

    [[nodiscard]] static constexpr Parsed<LinuxSll2View> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return LinuxSll2View{bytes};
    }
    [[nodiscard]] constexpr std::uint16_t protocol() const noexcept { return load_be16(bytes_, kProtocolAt); }
    [[nodiscard]] constexpr std::uint16_t reserved() const noexcept { return load_be16(bytes_, kReservedAt); }
    [[nodiscard]] constexpr std::uint32_t interface_index() const noexcept {
        return load_be32(bytes_, kInterfaceAt);
    }
    [[nodiscard]] constexpr std::uint16_t device_type() const noexcept {
        return load_be16(bytes_, kDeviceTypeAt);
    }
    [[nodiscard]] constexpr std::uint8_t packet_type() const noexcept {
        return load_u8(bytes_, kPacketTypeAt);
    }
    [[nodiscard]] constexpr std::uint8_t address_length() const noexcept {
        return load_u8(bytes_, kAddressLengthAt);
    }
    [[nodiscard]] constexpr std::array<std::uint8_t, 8> address() const noexcept {
        std::array<std::uint8_t, 8> out{};
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = load_u8(bytes_, kAddressAt + i);
        return out;
    }
    [[nodiscard]] constexpr ByteSpan payload() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit LinuxSll2View(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct LinuxSll2Header {
    std::uint16_t protocol = 0;
    std::uint16_t reserved = 0;
    std::uint32_t interface_index = 0;
    std::uint16_t device_type = 0;
    std::uint8_t packet_type = 0;
    std::uint8_t address_length = 0;
    std::array<std::uint8_t, 8> address{};

    [[nodiscard]] static constexpr LinuxSll2Header from(const LinuxSll2View& view) noexcept {
        return {view.protocol(),    view.reserved(),       view.interface_index(), view.device_type(),
                view.packet_type(), view.address_length(), view.address()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return LinuxSll2View::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        store_be16(out, LinuxSll2View::kProtocolAt, protocol);
        store_be16(out, LinuxSll2View::kReservedAt, reserved);
        store_be32(out, LinuxSll2View::kInterfaceAt, interface_index);
        store_be16(out, LinuxSll2View::kDeviceTypeAt, device_type);
        store_u8(out, LinuxSll2View::kPacketTypeAt, packet_type);
        store_u8(out, LinuxSll2View::kAddressLengthAt, address_length);
        for (std::size_t i = 0; i < address.size(); ++i)
            store_u8(out, LinuxSll2View::kAddressAt + i, address[i]);
    }
    /// "cooked in, interface 2, ethertype IPv4 (0x0800)".
    [[nodiscard]] std::string text() const;
    friend constexpr bool operator==(const LinuxSll2Header&, const LinuxSll2Header&) = default;
};

}  // namespace synscope::wire
