#include "net/wire/dns.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestLabel = 63;
/// Of one name: as many as it can have labels.
constexpr std::size_t kMostPointers = 128;

void append_label(std::string& out, ByteSpan label) {
    for (const std::byte b : label) {
        const auto c = std::to_integer<unsigned char>(b);
        if (c == '.' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c > 0x20 && c < 0x7f) {
            out += static_cast<char>(c);
        } else {
            append(out, '\\');
            append(out, Padded{c, 3, '0'});
        }
    }
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// One character of a label, at `at`, which moves behind it.
std::byte read_character(std::string_view text, std::size_t& at) {
    if (text[at] != '\\' || at + 1 >= text.size()) return static_cast<std::byte>(text[at++]);
    if (at + 3 < text.size() && is_digit(text[at + 1]) && is_digit(text[at + 2]) && is_digit(text[at + 3])) {
        const int value = (text[at + 1] - '0') * 100 + (text[at + 2] - '0') * 10 + (text[at + 3] - '0');
        at += 4;
        return static_cast<std::byte>(value & 0xff);
    }
    at += 2;
    return static_cast<std::byte>(text[at - 1]);
}

void push16(std::vector<std::byte>& out, std::uint32_t value) {
    out.push_back(static_cast<std::byte>(value >> 8 & 0xff));
    out.push_back(static_cast<std::byte>(value & 0xff));
}
void push32(std::vector<std::byte>& out, std::uint32_t value) {
    push16(out, value >> 16);
    push16(out, value & 0xffff);
}

DnsOpaque opaque(ByteSpan bytes) {
    return {{bytes.begin(), bytes.end()}};
}

std::optional<DnsSoa> read_soa(ByteSpan message, std::size_t at, std::size_t end) {
    const auto primary = read_dns_name(message, at);
    if (!primary) return std::nullopt;
    const auto mailbox = read_dns_name(message, primary->end);
    if (!mailbox || mailbox->end + 20 != end) return std::nullopt;
    const std::size_t numbers = mailbox->end;
    return DnsSoa{primary->text,
                  mailbox->text,
                  load_be32(message, numbers),
                  load_be32(message, numbers + 4),
                  load_be32(message, numbers + 8),
                  load_be32(message, numbers + 12),
                  load_be32(message, numbers + 16)};
}

std::optional<DnsText> read_strings(ByteSpan bytes) {
    DnsText text;
    while (!bytes.empty()) {
        const std::size_t size = load_u8(bytes, 0);
        if (size + 1 > bytes.size()) return std::nullopt;
        std::string& out = text.strings.emplace_back();
        for (const std::byte b : bytes.subspan(1, size))
            out += std::to_integer<char>(b);
        bytes = bytes.subspan(size + 1);
    }
    return text;
}

/// The name that fills what is left of the contents.
std::optional<std::string> read_last_name(ByteSpan message, std::size_t at, std::size_t end) {
    const auto name = read_dns_name(message, at);
    if (!name || name->end != end) return std::nullopt;
    return name->text;
}

DnsData read_data(ByteSpan message, std::uint16_t type, std::size_t at, std::size_t end) {
    const ByteSpan bytes = message.subspan(at, end - at);
    switch (type) {
        case dns::kA:
        case dns::kAaaa:
            if (bytes.size() == (type == dns::kA ? 4u : 16u)) return IpAddress::from_bytes(bytes);
            break;
        case dns::kNs:
        case dns::kCname:
        case dns::kPtr:
            if (auto name = read_last_name(message, at, end)) return DnsTarget{std::move(*name)};
            break;
        case dns::kMx:
            if (bytes.size() < 3) break;
            if (auto name = read_last_name(message, at + 2, end))
                return DnsMx{load_be16(bytes, 0), std::move(*name)};
            break;
        case dns::kSrv:
            if (bytes.size() < 7) break;
            if (auto name = read_last_name(message, at + 6, end))
                return DnsSrv{load_be16(bytes, 0), load_be16(bytes, 2), load_be16(bytes, 4),
                              std::move(*name)};
            break;
        case dns::kSoa:
            if (auto soa = read_soa(message, at, end)) return std::move(*soa);
            break;
        case dns::kTxt:
            if (auto text = read_strings(bytes)) return std::move(*text);
            break;
        default:
            break;
    }
    return opaque(bytes);
}

/// Writes the contents of a record; false when a name does not fit the wire.
struct DataWriter {
    std::vector<std::byte>& out;

    bool operator()(const DnsOpaque& data) const {
        out.insert(out.end(), data.bytes.begin(), data.bytes.end());
        return true;
    }
    bool operator()(const IpAddress& address) const {
        for (std::size_t i = 0; i < (address.family == 6 ? 16u : 4u); ++i)
            out.push_back(static_cast<std::byte>(address.octets[i]));
        return true;
    }
    bool operator()(const DnsTarget& target) const { return append_dns_name(out, target.name); }
    bool operator()(const DnsMx& mx) const {
        push16(out, mx.preference);
        return append_dns_name(out, mx.exchange);
    }
    bool operator()(const DnsSoa& soa) const {
        if (!append_dns_name(out, soa.primary) || !append_dns_name(out, soa.mailbox)) return false;
        for (const std::uint32_t value : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum})
            push32(out, value);
        return true;
    }
    bool operator()(const DnsText& text) const {
        for (const std::string& string : text.strings) {
            if (string.size() > 255) return false;
            out.push_back(static_cast<std::byte>(string.size()));
            for (const char c : string)
                out.push_back(static_cast<std::byte>(c));
        }
        return true;
    }
    bool operator()(const DnsSrv& srv) const {
        push16(out, srv.priority);
        push16(out, srv.weight);
        push16(out, srv.port);
        return append_dns_name(out, srv.target);
    }
};

bool append_record(std::vector<std::byte>& out, const DnsRecord& record) {
    if (!append_dns_name(out, record.name)) return false;
    push16(out, record.type);
    push16(out, record.klass);
    push32(out, record.ttl);
    const std::size_t length_at = out.size();
    push16(out, 0);
    if (!std::visit(DataWriter{out}, record.data)) return false;
    const std::size_t size = out.size() - length_at - 2;
    if (size > 0xffff) return false;
    store_be16(out, length_at, static_cast<std::uint16_t>(size));
    return true;
}

}  // namespace

std::optional<DnsName> read_dns_name(ByteSpan message, std::size_t at) {
    DnsName name;
    std::size_t limit = at;  // a pointer has to lead before here
    std::size_t length = 0;
    bool jumped = false;
    for (std::size_t pointers = 0; pointers <= kMostPointers;) {
        if (at >= message.size()) return std::nullopt;
        const std::size_t size = load_u8(message, at);
        if (size >= 0xc0) {
            if (at + 2 > message.size()) return std::nullopt;
            const std::size_t target = load_be16(message, at) & 0x3fffu;
            if (!jumped) name.end = at + 2;
            jumped = true;
            if (target >= limit) return std::nullopt;
            limit = at = target;
            if (++pointers > kMostPointers) return std::nullopt;
            continue;
        }
        length += size + 1;
        if (size > kLongestLabel || length > kLongestName || at + 1 + size > message.size())
            return std::nullopt;
        if (size == 0) break;
        if (!name.text.empty()) name.text += '.';
        append_label(name.text, message.subspan(at + 1, size));
        at += 1 + size;
    }
    if (!jumped) name.end = at + 1;
    if (name.text.empty()) name.text = ".";
    return name;
}

bool append_dns_name(std::vector<std::byte>& out, std::string_view text) {
    const std::size_t begin = out.size();
    const auto refuse = [&] {
        out.resize(begin);
        return false;
    };
    if (text == ".") text = {};
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length_at = out.size();
        out.push_back(std::byte{0});
        while (at < text.size() && text[at] != '.')
            out.push_back(read_character(text, at));
        const std::size_t size = out.size() - length_at - 1;
        if (size == 0 || size > kLongestLabel) return refuse();
        out[length_at] = static_cast<std::byte>(size);
        if (at < text.size()) ++at;
    }
    out.push_back(std::byte{0});
    return out.size() - begin <= kLongestName || refuse();
}

std::optional<DnsRecordAt> read_dns_record(ByteSpan message, std::size_t at) {
    const auto name = read_dns_name(message, at);
    if (!name || name->end + 10 > message.size()) return std::nullopt;
    const std::size_t type_at = name->end;
    const std::size_t data_at = type_at + 10;
    const std::size_t end = data_at + load_be16(message, type_at + 8);
    if (end > message.size()) return std::nullopt;
    DnsRecordAt out;
    out.record.name = name->text;
    out.record.type = load_be16(message, type_at);
    out.record.klass = load_be16(message, type_at + 2);
    out.record.ttl = load_be32(message, type_at + 4);
    out.record.data = read_data(message, out.record.type, data_at, end);
    out.place = {at, type_at, data_at, end};
    return out;
}

Result<DnsMessage, DnsError> DnsMessage::parse(ByteSpan bytes) {
    const auto view = DnsView::parse(bytes);
    if (!view) return failure(DnsError::Truncated);
    DnsMessage out;
    out.id = view->id();
    out.flags = view->flags();
    std::size_t at = DnsView::kSize;
    for (std::size_t i = 0; i < view->count(0); ++i) {
        const auto name = read_dns_name(bytes, at);
        if (!name || name->end + 4 > bytes.size()) return failure(DnsError::Truncated);
        out.questions.push_back({name->text, load_be16(bytes, name->end), load_be16(bytes, name->end + 2)});
        at = name->end + 4;
    }
    std::vector<DnsRecord>* const sections[] = {&out.answers, &out.authorities, &out.additional};
    for (std::size_t section = 0; section < 3; ++section)
        for (std::size_t i = 0; i < view->count(section + 1); ++i) {
            auto record = read_dns_record(bytes, at);
            if (!record) return failure(DnsError::Truncated);
            sections[section]->push_back(std::move(record->record));
            at = record->place.end;
        }
    return out;
}

Result<std::vector<std::byte>, DnsError> DnsMessage::emit() const {
    std::vector<std::byte> out;
    push16(out, id);
    push16(out, flags);
    for (const std::size_t count :
         {questions.size(), answers.size(), authorities.size(), additional.size()}) {
        if (count > 0xffff) return failure(DnsError::BadName);
        push16(out, static_cast<std::uint32_t>(count));
    }
    for (const DnsQuestion& question : questions) {
        if (!append_dns_name(out, question.name)) return failure(DnsError::BadName);
        push16(out, question.type);
        push16(out, question.klass);
    }
    for (const auto* section : {&answers, &authorities, &additional})
        for (const DnsRecord& record : *section)
            if (!append_record(out, record)) return failure(DnsError::BadName);
    return out;
}

}  // namespace synscope::wire
