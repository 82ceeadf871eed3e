#pragma once
// ARP for IPv4 over Ethernet (RFC 826). Contract of the types: header.hpp. Thread rule: values.

#include <string>

#include "net/base/address.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/header.hpp"

namespace synscope::wire {

class ArpView {
  public:
    static constexpr std::size_t kSize = 28;
    static constexpr std::size_t kHardwareAt = 0;
    static constexpr std::size_t kProtocolAt = 2;
    static constexpr std::size_t kHardwareSizeAt = 4;
    static constexpr std::size_t kProtocolSizeAt = 5;
    static constexpr std::size_t kOperationAt = 6;
    static constexpr std::size_t kSenderMacAt = 8;
    static constexpr std::size_t kSenderIpAt = 14;
    static constexpr std::size_t kTargetMacAt = 18;
    static constexpr std::size_t kTargetIpAt = 24;
    static constexpr std::uint16_t kRequest = 1;
    static constexpr std::uint16_t kReply = 2;

    [[nodiscard]] static constexpr Parsed<ArpView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < 8) return failure(HeaderError::Truncated);
        if (load_u8(bytes, kHardwareSizeAt) != 6 || load_u8(bytes, kProtocolSizeAt) != 4)
            return failure(HeaderError::AddressSizes);
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return ArpView{bytes};
    }
    [[nodiscard]] constexpr std::uint16_t hardware() const noexcept { return load_be16(bytes_, kHardwareAt); }
    [[nodiscard]] constexpr std::uint16_t protocol() const noexcept { return load_be16(bytes_, kProtocolAt); }
    [[nodiscard]] constexpr std::uint16_t operation() const noexcept {
        return load_be16(bytes_, kOperationAt);
    }
    [[nodiscard]] constexpr MacAddress sender_mac() const noexcept {
        return MacAddress::load(bytes_, kSenderMacAt);
    }
    [[nodiscard]] constexpr IpAddress sender_ip() const noexcept {
        return IpAddress::v4(load_be32(bytes_, kSenderIpAt));
    }
    [[nodiscard]] constexpr MacAddress target_mac() const noexcept {
        return MacAddress::load(bytes_, kTargetMacAt);
    }
    [[nodiscard]] constexpr IpAddress target_ip() const noexcept {
        return IpAddress::v4(load_be32(bytes_, kTargetIpAt));
    }
    [[nodiscard]] constexpr ByteSpan rest() const noexcept { return bytes_.subspan(kSize); }

  private:
    constexpr explicit ArpView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct ArpHeader {
    std::uint16_t hardware = 1;  ///< 1 is Ethernet
    std::uint16_t protocol = ethertype::kIpv4;
    std::uint16_t operation = ArpView::kRequest;
    MacAddress sender_mac;
    IpAddress sender_ip;
    MacAddress target_mac;
    IpAddress target_ip;

    [[nodiscard]] static constexpr ArpHeader from(const ArpView& view) noexcept {
        return {view.hardware(),  view.protocol(),   view.operation(), view.sender_mac(),
                view.sender_ip(), view.target_mac(), view.target_ip()};
    }
    [[nodiscard]] static constexpr std::size_t encoded_size() noexcept { return ArpView::kSize; }
    constexpr void emit(MutableByteSpan out) const noexcept {
        store_be16(out, ArpView::kHardwareAt, hardware);
        store_be16(out, ArpView::kProtocolAt, protocol);
        store_u8(out, ArpView::kHardwareSizeAt, 6);
        store_u8(out, ArpView::kProtocolSizeAt, 4);
        store_be16(out, ArpView::kOperationAt, operation);
        sender_mac.store(out, ArpView::kSenderMacAt);
        target_mac.store(out, ArpView::kTargetMacAt);
        for (std::size_t i = 0; i < 4; ++i) {
            store_u8(out, ArpView::kSenderIpAt + i, sender_ip.octets[i]);
            store_u8(out, ArpView::kTargetIpAt + i, target_ip.octets[i]);
        }
    }
    /// "ARP, Request who-has 10.0.0.2 tell 10.0.0.1", "ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:02".
    [[nodiscard]] std::string text() const;
    friend bool operator==(const ArpHeader&, const ArpHeader&) = default;
};

}  // namespace synscope::wire
