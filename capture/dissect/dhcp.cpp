#include "net/wire/dhcp.hpp"

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

using View = wire::DhcpView;
using wire::dhcp::OptionForm;

std::string text_of(ByteSpan bytes) {
    std::string out;
    for (const std::byte b : bytes)
        if (b != std::byte{0}) out += std::to_integer<char>(b);
    return out;
}

std::string addresses(ByteSpan bytes) {
    std::string out;
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4)
        append(out, concat(at == 0 ? "" : ", ", IpAddress::v4(load_be32(bytes, at)).text()));
    return out;
}

std::string codes(ByteSpan bytes) {
    std::string out;
    for (const std::byte b : bytes) {
        const auto code = std::to_integer<std::uint8_t>(b);
        const auto info = wire::dhcp::option_info(code);
        append(out,
               concat(out.empty() ? "" : ", ", info.name.empty() ? concat(code) : std::string{info.name}));
    }
    return out;
}

/// What people read; bytes when the length does not fit the form.
std::string option_value(const wire::DhcpOptionView& option, OptionForm form) {
    const ByteSpan bytes = option.bytes;
    switch (form) {
        case OptionForm::Addresses:
            if (!bytes.empty() && bytes.size() % 4 == 0) return addresses(bytes);
            break;
        case OptionForm::Text:
            return text_of(bytes);
        case OptionForm::Codes:
            return codes(bytes);
        case OptionForm::U8:
            if (bytes.size() == 1) return concat(load_u8(bytes, 0));
            break;
        case OptionForm::Flag:
            if (bytes.size() == 1) return load_u8(bytes, 0) != 0 ? "yes" : "no";
            break;
        case OptionForm::U16:
            if (bytes.size() == 2) return concat(load_be16(bytes, 0));
            break;
        case OptionForm::U32:
        case OptionForm::Seconds:
            if (bytes.size() == 4)
                return concat(load_be32(bytes, 0), form == OptionForm::Seconds ? " s" : "");
            break;
        case OptionForm::Bytes:
            break;
    }
    return hex_text(bytes);
}

/// The options that display filters ask for get a field of their own.
void add_known_value(const wire::DhcpOptionView& option, std::size_t at, FieldWriter& fields) {
    using namespace wire::dhcp;
    const ByteSpan bytes = option.bytes;
    const std::size_t value = at + 2;
    if (option.code == kMessageType && bytes.size() == 1) {
        const std::uint8_t type = load_u8(bytes, 0);
        fields.number("dhcp.option.dhcp", "Message type", value, 1, type,
                      FieldWriter::named(type, message_type_name(type)));
        fields.deeper(2);
    }
    const auto address = [&](std::uint8_t code, std::string_view name, std::string_view label) {
        if (option.code == code && bytes.size() % 4 == 0)
            for (std::size_t i = 0; i < bytes.size(); i += 4)
                fields.address(name, label, value + i, 4).deeper(2);
    };
    address(kRequestedAddress, "dhcp.option.requested_ip_address", "Address");
    address(kServerIdentifier, "dhcp.option.dhcp_server_id", "Server");
    address(kSubnetMask, "dhcp.option.subnet_mask", "Mask");
    address(kRouter, "dhcp.option.router", "Router");
    address(kDnsServer, "dhcp.option.domain_name_server", "Server");
    if (option.code == kLeaseTime && bytes.size() == 4)
        fields.u32("dhcp.option.ip_address_lease_time", "Seconds", value).deeper(2);
    if (option.code == kHostName)
        fields.text("dhcp.option.hostname", "Name", value, bytes.size(), text_of(bytes)).deeper(2);
}

void add_options(const View& view, const Piece& piece, FieldWriter& fields, Layer& layer) {
    fields.hex32("dhcp.cookie", "Cookie", View::kBootpSize).help("Says that DHCP's options follow.");
    for (const wire::DhcpOptionView& option : wire::dhcp_options(view.options())) {
        const std::size_t at = View::kSize + option.at;
        const auto info = wire::dhcp::option_info(option.code);
        fields.number("dhcp.option.type", info.name.empty() ? "Option" : info.name, at, option.size,
                      option.code,
                      concat('(', option.code, ')', option.code == wire::dhcp::kEnd ? "" : " ",
                             option_value(option, info.form)));
        if (option.cut) {
            layer.malformed = Malformed{piece.at + at, "an option is cut short"};
            continue;
        }
        add_known_value(option, at, fields);
    }
}

}  // namespace

Next dissect_dhcp(const Piece& piece, State& state, Layer& layer) {
    if (state.names_only) return {};
    FieldWriter fields{piece, layer};
    layer.title = "DHCP";
    const auto view = View::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), View::kBootpSize, state);
        return {};
    }
    fields.number("dhcp.type", "Operation", 0, 1, view->operation(),
                  FieldWriter::named(view->operation(), view->operation() == 1   ? "request"
                                                        : view->operation() == 2 ? "reply"
                                                                                 : ""));
    fields.u8("dhcp.hw.type", "Hardware type", 1).u8("dhcp.hw.len", "Hardware address length", 2);
    fields.u8("dhcp.hops", "Hops", 3);
    fields.hex32("dhcp.id", "Transaction", View::kTransactionAt)
        .help("Requests and replies of one exchange carry the same number.");
    fields.u16("dhcp.secs", "Seconds since start", View::kSecondsAt);
    fields.hex16("dhcp.flags", "Flags", View::kFlagsAt);
    fields.flag("dhcp.flags.bc", "Broadcast", View::kFlagsAt, 1, view->broadcast())
        .help("The client cannot take a reply to its own address before it has one.");
    fields.address("dhcp.ip.client", "Client address", View::kClientAddressAt, 4);
    fields.address("dhcp.ip.your", "Your address", View::kYourAddressAt, 4)
        .help("The address that the server gives.");
    fields.address("dhcp.ip.server", "Next server", View::kServerAddressAt, 4);
    fields.address("dhcp.ip.relay", "Relay", View::kRelayAddressAt, 4);
    if (view->hardware_type() == 1 && view->hardware_size() == 6)
        fields.mac("dhcp.hw.mac_addr", "Client MAC", View::kHardwareAddressAt);
    else
        fields.hex_bytes("dhcp.hw.addr", "Client hardware address", View::kHardwareAddressAt, 16);
    const ByteSpan server = piece.bytes.subspan(View::kServerNameAt, 64);
    const ByteSpan file = piece.bytes.subspan(View::kFileAt, 128);
    fields.text("dhcp.server", "Server name", View::kServerNameAt, 64, text_of(server));
    fields.text("dhcp.file", "Boot file", View::kFileAt, 128, text_of(file));
    if (view->has_cookie()) add_options(*view, piece, fields, layer);
    const auto message = wire::DhcpMessage::parse(piece.bytes);
    layer.title = message ? message->text() : "DHCP";
    return {};
}

}  // namespace synscope::dissect
