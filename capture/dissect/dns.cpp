#include "net/wire/dns.hpp"

#include <algorithm>

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

namespace dns = wire::dns;

/// One message, which starts `base` bytes behind the layer (over TCP its length comes first).
class Message {
  public:
    Message(const Piece& piece, std::size_t base, Layer& layer) noexcept
        : piece_(piece),
          layer_(layer),
          fields_(piece, layer),
          bytes_(piece.bytes.subspan(base)),
          base_(base) {}

    void show(const wire::DnsView& view) {
        add_header(view);
        std::size_t at = wire::DnsView::kSize;
        bool readable = true;
        for (std::size_t i = 0; readable && i < view.count(0); ++i)
            readable = add_question(at);
        constexpr std::string_view kSections[] = {"Answer", "Authority", "Additional record"};
        for (std::size_t section = 0; section < 3; ++section)
            for (std::size_t i = 0; readable && i < view.count(section + 1); ++i)
                readable = add_record(at, kSections[section]);
        layer_.bytes.end = piece_.at + base_ + at;
        if (readable) return;
        layer_.malformed =
            Malformed{piece_.at + base_ + at, piece_.cut() ? "the capture ends here, or a name makes no sense"
                                                           : "a name or a length here makes no sense"};
        layer_.bytes.end = piece_.at + piece_.bytes.size();
    }

  private:
    void add_header(const wire::DnsView& view) {
        fields_.hex16("dns.id", "Transaction", base_).help("The response carries the number of its query.");
        add_flags(view);
        fields_.u16("dns.count.queries", "Questions", base_ + 4);
        fields_.u16("dns.count.answers", "Answers", base_ + 6);
        fields_.u16("dns.count.auth_rr", "Authority records", base_ + 8);
        fields_.u16("dns.count.add_rr", "Additional records", base_ + 10);
    }
    void add_flags(const wire::DnsView& view) {
        const std::size_t at = base_ + 2;
        const std::uint16_t flags = view.flags();
        const auto flag = [&](std::string_view name, std::string_view label, std::uint16_t bit) {
            fields_.flag(name, label, at + (bit < 0x100 ? 1 : 0), 1, (flags & bit) != 0);
        };
        fields_.number("dns.flags", "Flags", at, 2, flags, concat("0x", Hex{flags, 4}));
        fields_.number("dns.flags.response", "Response", at, 1, view.response() ? 1 : 0,
                       view.response() ? "a response" : "a query");
        fields_.deeper();
        fields_.number("dns.flags.opcode", "Operation", at, 1, view.opcode(),
                       FieldWriter::named(view.opcode(), dns::opcode_name(view.opcode())));
        fields_.deeper();
        if (view.response()) flag("dns.flags.authoritative", "Authoritative", dns::kAuthoritative);
        flag("dns.flags.truncated", "Truncated", dns::kTruncated);
        flag("dns.flags.recdesired", "Recursion desired", dns::kRecursionDesired);
        if (view.response()) flag("dns.flags.recavail", "Recursion available", dns::kRecursionAvailable);
        flag("dns.flags.z", "Reserved", dns::kReserved);
        if (view.response()) flag("dns.flags.authenticated", "Authenticated", dns::kAuthenticData);
        flag("dns.flags.checkdisable", "Checking disabled", dns::kCheckingDisabled);
        if (!view.response()) return;
        fields_.number("dns.flags.rcode", "Result", at + 1, 1, view.rcode(),
                       FieldWriter::named(view.rcode(), dns::rcode_name(view.rcode())));
        fields_.deeper();
    }

    bool add_question(std::size_t& at) {
        const auto name = wire::read_dns_name(bytes_, at);
        if (!name || name->end + 4 > bytes_.size()) return false;
        const std::uint16_t type = load_be16(bytes_, name->end);
        fields_.group("dns.qry", "Question", base_ + at, name->end + 4 - at,
                      concat(name->text, ", ", dns::type_name(type)));
        fields_.text("dns.qry.name", "Name", base_ + at, name->end - at, name->text).deeper();
        add_type_and_class("dns.qry.type", "dns.qry.class", name->end);
        at = name->end + 4;
        return true;
    }
    void add_type_and_class(std::string_view type_field, std::string_view class_field, std::size_t at) {
        const std::uint16_t type = load_be16(bytes_, at);
        const std::uint16_t klass = load_be16(bytes_, at + 2);
        fields_.number(type_field, "Type", base_ + at, 2, type,
                       FieldWriter::named(type, dns::type_name(type)));
        fields_.deeper();
        fields_.number(class_field, "Class", base_ + at + 2, 2, klass,
                       FieldWriter::named(klass, dns::class_name(klass & 0x7fff)));
        fields_.deeper();
    }

    bool add_record(std::size_t& at, std::string_view label) {
        const auto found = wire::read_dns_record(bytes_, at);
        if (!found) return false;
        const wire::DnsRecord& record = found->record;
        const wire::DnsRecordPlace& place = found->place;
        fields_.group(
            "dns.resp", label, base_ + at, place.end - at,
            concat(record.name, ", ", dns::type_name(record.type), ' ', wire::dns_data_text(record)));
        fields_.text("dns.resp.name", "Name", base_ + at, place.type_at - at, record.name).deeper();
        if (record.type == dns::kOpt) {
            fields_.u16("dns.resp.type", "Type", base_ + place.type_at).deeper();
            fields_.u16("dns.rr.udp_payload_size", "Largest UDP payload", base_ + place.type_at + 2).deeper();
            fields_.hex32("dns.resp.ext_rcode", "Extended code, version and flags", base_ + place.type_at + 4)
                .deeper();
        } else {
            add_type_and_class("dns.resp.type", "dns.resp.class", place.type_at);
            fields_.number("dns.resp.ttl", "Time to live", base_ + place.type_at + 4, 4, record.ttl,
                           concat(record.ttl, " s"));
            fields_.deeper();
        }
        fields_.u16("dns.resp.len", "Length", base_ + place.type_at + 8).deeper();
        data_ = place;
        std::visit([&](const auto& data) { add_data(record.type, data); }, record.data);
        at = place.end;
        return true;
    }

    [[nodiscard]] std::size_t data_at() const noexcept { return base_ + data_.data_at; }
    [[nodiscard]] std::size_t data_size() const noexcept { return data_.end - data_.data_at; }

    void add_data(std::uint16_t, const wire::DnsOpaque&) {
        if (data_size() != 0) fields_.hex_bytes("dns.data", "Contents", data_at(), data_size()).deeper();
    }
    void add_data(std::uint16_t type, const IpAddress& address) {
        fields_.data(type == dns::kA ? "dns.a" : "dns.aaaa", "Address", data_at(), data_size(), address,
                     address.text());
        fields_.deeper();
    }
    void add_data(std::uint16_t type, const wire::DnsTarget& target) {
        const std::string_view name = type == dns::kNs      ? "dns.ns"
                                      : type == dns::kCname ? "dns.cname"
                                                            : "dns.ptr.domain_name";
        fields_.text(name, "Points to", data_at(), data_size(), target.name).deeper();
    }
    void add_data(std::uint16_t, const wire::DnsMx& mx) {
        fields_.u16("dns.mx.preference", "Preference", data_at()).deeper();
        fields_.text("dns.mx.mail_exchange", "Mail exchange", data_at() + 2, data_size() - 2, mx.exchange);
        fields_.deeper();
    }
    void add_data(std::uint16_t, const wire::DnsSoa& soa) {
        const std::size_t numbers = data_at() + data_size() - 20;
        const auto primary = wire::read_dns_name(bytes_, data_.data_at);
        const std::size_t mailbox = primary ? base_ + primary->end : data_at();
        fields_.text("dns.soa.mname", "Primary server", data_at(), mailbox - data_at(), soa.primary).deeper();
        fields_.text("dns.soa.rname", "Mailbox", mailbox, numbers - mailbox, soa.mailbox).deeper();
        fields_.u32("dns.soa.serial_number", "Serial number", numbers).deeper();
        fields_.u32("dns.soa.refresh_interval", "Refresh", numbers + 4).deeper();
        fields_.u32("dns.soa.retry_interval", "Retry", numbers + 8).deeper();
        fields_.u32("dns.soa.expire_limit", "Expire", numbers + 12).deeper();
        fields_.u32("dns.soa.mininum_ttl", "Minimum", numbers + 16).deeper();  // spelt so by Wireshark
    }
    void add_data(std::uint16_t, const wire::DnsText& text) {
        std::size_t at = data_at();
        for (const std::string& string : text.strings) {
            fields_.text("dns.txt", "Text", at + 1, string.size(), string).deeper();
            at += string.size() + 1;
        }
    }
    void add_data(std::uint16_t, const wire::DnsSrv& srv) {
        fields_.u16("dns.srv.priority", "Priority", data_at()).deeper();
        fields_.u16("dns.srv.weight", "Weight", data_at() + 2).deeper();
        fields_.u16("dns.srv.port", "Port", data_at() + 4).deeper();
        fields_.text("dns.srv.target", "Target", data_at() + 6, data_size() - 6, srv.target).deeper();
    }

    const Piece& piece_;
    Layer& layer_;
    FieldWriter fields_;
    ByteSpan bytes_;
    std::size_t base_;
    wire::DnsRecordPlace data_;
};

/// "DNS query 0x1a2b, A example.com".
std::string title(const wire::DnsView& view, const Layer& layer) {
    std::string out = concat("DNS ", view.response() ? "response" : "query", " 0x", Hex{view.id(), 4});
    for (const Field& field : layer.fields)
        if (field.name == "dns.qry") append(out, concat(", ", field.value));
    return out;
}

}  // namespace

Next dissect_dns(const Piece& piece, State& state, Layer& layer) {
    if (state.names_only) return {};
    layer.title = "DNS";
    const auto view = wire::DnsView::parse(piece.bytes);
    if (!view) {
        mark_malformed(layer, piece, view.error(), wire::DnsView::kSize, state);
        return {};
    }
    Message{piece, 0, layer}.show(*view);
    layer.title = title(*view, layer);
    return {};
}

Next dissect_dns_over_tcp(const Piece& piece, State& state, Layer& layer) {
    layer.title = "DNS";
    FieldWriter{piece, layer}
        .u16("dns.length", "Length", 0)
        .help("Over TCP each message says its length first.");
    const std::uint32_t size = piece.bytes.size() < 2 ? 0 : load_be16(piece.bytes, 0);
    const Piece message = piece.first(size + 2);
    const auto view =
        wire::DnsView::parse(message.bytes.subspan(std::min<std::size_t>(2, message.bytes.size())));
    if (!view) {
        mark_malformed(layer, piece, view.error(), wire::DnsView::kSize + 2, state);
        return {};
    }
    if (!state.names_only) {
        Message{message, 2, layer}.show(*view);
        layer.title = title(*view, layer);
    }
    if (size + 2 > piece.length) {
        layer.malformed = Malformed{piece.at + piece.bytes.size(), "the message goes on in the next segment"};
        return {};
    }
    layer.bytes.end = message.at + message.bytes.size();
    if (piece.bytes.size() <= size + 2) return {};
    return {NextBy::Tcp, 0, piece.behind(size + 2)};
}

bool looks_like_dns_over_tcp(ByteSpan bytes) noexcept {
    if (bytes.size() < 2 + wire::DnsView::kSize) return false;
    const auto view = wire::DnsView::parse(bytes.subspan(2));
    return load_be16(bytes, 0) >= wire::DnsView::kSize && !dns::opcode_name(view->opcode()).empty() &&
           view->count(0) <= 16;
}

}  // namespace synscope::dissect
