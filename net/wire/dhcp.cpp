#include "net/wire/dhcp.hpp"

#include <algorithm>

#include "net/base/text.hpp"

namespace synscope::wire {
namespace {

using dhcp::OptionForm;

struct OptionRow {
    std::uint8_t code;
    std::string_view name;
    OptionForm form;
};
constexpr OptionRow kOptions[] = {
    {0, "Pad", OptionForm::Bytes},
    {1, "Subnet mask", OptionForm::Addresses},
    {2, "Time offset", OptionForm::U32},
    {3, "Router", OptionForm::Addresses},
    {4, "Time server", OptionForm::Addresses},
    {5, "Name server", OptionForm::Addresses},
    {6, "Domain name server", OptionForm::Addresses},
    {7, "Log server", OptionForm::Addresses},
    {9, "LPR server", OptionForm::Addresses},
    {12, "Host name", OptionForm::Text},
    {13, "Boot file size", OptionForm::U16},
    {15, "Domain name", OptionForm::Text},
    {17, "Root path", OptionForm::Text},
    {18, "Extensions path", OptionForm::Text},
    {19, "IP forwarding", OptionForm::Flag},
    {22, "Largest datagram to reassemble", OptionForm::U16},
    {23, "Default IP time to live", OptionForm::U8},
    {26, "Interface MTU", OptionForm::U16},
    {28, "Broadcast address", OptionForm::Addresses},
    {31, "Perform router discovery", OptionForm::Flag},
    {33, "Static route", OptionForm::Addresses},
    {35, "ARP cache timeout", OptionForm::Seconds},
    {37, "TCP default time to live", OptionForm::U8},
    {38, "TCP keepalive interval", OptionForm::Seconds},
    {40, "NIS domain", OptionForm::Text},
    {41, "NIS server", OptionForm::Addresses},
    {42, "NTP server", OptionForm::Addresses},
    {43, "Vendor-specific information", OptionForm::Bytes},
    {44, "NetBIOS name server", OptionForm::Addresses},
    {45, "NetBIOS datagram server", OptionForm::Addresses},
    {46, "NetBIOS node type", OptionForm::U8},
    {47, "NetBIOS scope", OptionForm::Text},
    {50, "Requested IP address", OptionForm::Addresses},
    {51, "IP address lease time", OptionForm::Seconds},
    {52, "Option overload", OptionForm::U8},
    {53, "DHCP message type", OptionForm::U8},
    {54, "DHCP server identifier", OptionForm::Addresses},
    {55, "Parameter request list", OptionForm::Codes},
    {56, "Message", OptionForm::Text},
    {57, "Maximum DHCP message size", OptionForm::U16},
    {58, "Renewal time", OptionForm::Seconds},
    {59, "Rebinding time", OptionForm::Seconds},
    {60, "Vendor class identifier", OptionForm::Text},
    {61, "Client identifier", OptionForm::Bytes},
    {66, "TFTP server name", OptionForm::Text},
    {67, "Boot file name", OptionForm::Text},
    {77, "User class", OptionForm::Bytes},
    {80, "Rapid commit", OptionForm::Bytes},
    {81, "Client FQDN", OptionForm::Bytes},
    {82, "Relay agent information", OptionForm::Bytes},
    {93, "Client system architecture", OptionForm::U16},
    {94, "Client network interface", OptionForm::Bytes},
    {97, "Client machine identifier", OptionForm::Bytes},
    {108, "IPv6-only preferred", OptionForm::Seconds},
    {114, "Captive portal", OptionForm::Text},
    {116, "Auto-configure", OptionForm::Flag},
    {119, "Domain search", OptionForm::Bytes},
    {121, "Classless static route", OptionForm::Bytes},
    {249, "Classless static route (Microsoft)", OptionForm::Bytes},
    {252, "Proxy autodiscovery", OptionForm::Text},
    {255, "End", OptionForm::Bytes},
};

/// Up to the first zero byte.
std::string text_at(ByteSpan bytes, std::size_t at, std::size_t size) {
    std::string out;
    for (const std::byte b : bytes.subspan(at, size)) {
        if (b == std::byte{0}) break;
        out += std::to_integer<char>(b);
    }
    return out;
}

void store_text(MutableByteSpan out, std::size_t at, std::size_t size, std::string_view text) {
    for (std::size_t i = 0; i < std::min(text.size(), size - 1); ++i)
        out[at + i] = static_cast<std::byte>(text[i]);
}

void store_address(MutableByteSpan out, std::size_t at, const IpAddress& address) {
    for (std::size_t i = 0; i < 4; ++i)
        store_u8(out, at + i, address.octets[i]);
}

}  // namespace

std::string_view dhcp::message_type_name(std::uint8_t type) noexcept {
    constexpr std::string_view kNames[] = {"Discover", "Offer", "Request", "Decline",
                                           "Ack",      "Nak",   "Release", "Inform"};
    return type >= 1 && type <= std::size(kNames) ? kNames[type - 1] : std::string_view{};
}

dhcp::OptionInfo dhcp::option_info(std::uint8_t code) noexcept {
    for (const OptionRow& row : kOptions)
        if (row.code == code) return {row.name, row.form};
    return {};
}

std::vector<DhcpOptionView> dhcp_options(ByteSpan options) {
    std::vector<DhcpOptionView> out;
    for (std::size_t at = 0; at < options.size();) {
        const std::uint8_t code = load_u8(options, at);
        if (code == dhcp::kPad) {
            ++at;
            continue;
        }
        if (code == dhcp::kEnd) {
            out.push_back({code, at, 1, {}, false});
            break;
        }
        const std::size_t left = options.size() - at;
        const std::size_t length = left < 2 ? 0 : load_u8(options, at + 1);
        const bool cut = left < 2 || length > left - 2;
        const std::size_t size = cut ? left : length + 2;
        out.push_back(
            {code, at, size,
             options.subspan(at + std::min<std::size_t>(2, size), size - std::min<std::size_t>(2, size)),
             cut});
        at += size;
    }
    return out;
}

std::optional<DhcpMessage> DhcpMessage::parse(ByteSpan bytes) {
    const auto view = DhcpView::parse(bytes);
    if (!view || !view->has_cookie() || view->hardware_type() != 1 || view->hardware_size() != 6)
        return std::nullopt;
    DhcpMessage out;
    out.operation = view->operation();
    out.hops = view->hops();
    out.transaction = view->transaction();
    out.seconds = view->seconds();
    out.broadcast = view->broadcast();
    out.client = view->address(DhcpView::kClientAddressAt);
    out.yours = view->address(DhcpView::kYourAddressAt);
    out.server = view->address(DhcpView::kServerAddressAt);
    out.relay = view->address(DhcpView::kRelayAddressAt);
    out.hardware = view->hardware_address();
    out.server_name = text_at(bytes, DhcpView::kServerNameAt, 64);
    out.file = text_at(bytes, DhcpView::kFileAt, 128);
    for (const DhcpOptionView& option : dhcp_options(view->options())) {
        if (option.cut) return std::nullopt;
        if (option.code != dhcp::kEnd) out.add(option.code, option.bytes);
    }
    return out;
}

std::vector<std::byte> DhcpMessage::emit() const {
    std::vector<std::byte> out(DhcpView::kSize);
    store_u8(out, 0, operation);
    store_u8(out, 1, 1);
    store_u8(out, 2, 6);
    store_u8(out, 3, hops);
    store_be32(out, DhcpView::kTransactionAt, transaction);
    store_be16(out, DhcpView::kSecondsAt, seconds);
    store_be16(out, DhcpView::kFlagsAt, broadcast ? 0x8000 : 0);
    store_address(out, DhcpView::kClientAddressAt, client);
    store_address(out, DhcpView::kYourAddressAt, yours);
    store_address(out, DhcpView::kServerAddressAt, server);
    store_address(out, DhcpView::kRelayAddressAt, relay);
    hardware.store(out, DhcpView::kHardwareAddressAt);
    store_text(out, DhcpView::kServerNameAt, 64, server_name);
    store_text(out, DhcpView::kFileAt, 128, file);
    store_be32(out, DhcpView::kBootpSize, dhcp::kCookie);
    for (const DhcpOption& option : options) {
        const std::size_t size = std::min<std::size_t>(option.bytes.size(), 255);
        out.push_back(static_cast<std::byte>(option.code));
        out.push_back(static_cast<std::byte>(size));
        out.insert(out.end(), option.bytes.begin(), option.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    }
    out.push_back(static_cast<std::byte>(dhcp::kEnd));
    return out;
}

std::optional<ByteSpan> DhcpMessage::find(std::uint8_t code) const noexcept {
    for (const DhcpOption& option : options)
        if (option.code == code) return ByteSpan{option.bytes};
    return std::nullopt;
}

std::optional<dhcp::MessageType> DhcpMessage::type() const noexcept {
    const auto bytes = find(dhcp::kMessageType);
    if (!bytes || bytes->size() != 1 || dhcp::message_type_name(load_u8(*bytes, 0)).empty())
        return std::nullopt;
    return static_cast<dhcp::MessageType>(load_u8(*bytes, 0));
}

void DhcpMessage::add(std::uint8_t code, ByteSpan bytes) {
    options.push_back({code, {bytes.begin(), bytes.end()}});
}
void DhcpMessage::add_u8(std::uint8_t code, std::uint8_t value) {
    options.push_back({code, {static_cast<std::byte>(value)}});
}
void DhcpMessage::add_u32(std::uint8_t code, std::uint32_t value) {
    options.push_back({code, std::vector<std::byte>(4)});
    store_be32(options.back().bytes, 0, value);
}
void DhcpMessage::add_address(std::uint8_t code, const IpAddress& address) {
    options.push_back({code, std::vector<std::byte>(4)});
    store_address(options.back().bytes, 0, address);
}

std::string DhcpMessage::text() const {
    const auto kind = type();
    std::string out =
        concat("DHCP ",
               kind             ? dhcp::message_type_name(static_cast<std::uint8_t>(*kind))
               : operation == 1 ? "request"
                                : "reply",
               ", xid 0x", Hex{transaction, 8}, operation == 1 ? ", from " : ", to ", hardware.text());
    if (yours != IpAddress::v4(0)) append(out, concat(", address ", yours.text()));
    return out;
}

}  // namespace synscope::wire
