// The words of DNS: names of numbers, and messages on one line.

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/wire/dns.hpp"

namespace synscope::wire {
namespace {

struct NumberName {
    std::uint16_t number;
    std::string_view name;
};
template <std::size_t N>
std::string_view look_up(const NumberName (&table)[N], std::uint16_t number) noexcept {
    for (const NumberName& row : table)
        if (row.number == number) return row.name;
    return {};
}

constexpr NumberName kTypes[] = {
    {dns::kA, "A"}, {dns::kNs, "NS"},   {dns::kCname, "CNAME"}, {dns::kSoa, "SOA"},   {dns::kPtr, "PTR"},
    {13, "HINFO"},  {dns::kMx, "MX"},   {dns::kTxt, "TXT"},     {dns::kAaaa, "AAAA"}, {29, "LOC"},
    {32, "NB"},     {dns::kSrv, "SRV"}, {35, "NAPTR"},          {39, "DNAME"},        {dns::kOpt, "OPT"},
    {43, "DS"},     {44, "SSHFP"},      {46, "RRSIG"},          {47, "NSEC"},         {48, "DNSKEY"},
    {50, "NSEC3"},  {51, "NSEC3PARAM"}, {52, "TLSA"},           {64, "SVCB"},         {65, "HTTPS"},
    {99, "SPF"},    {249, "TKEY"},      {250, "TSIG"},          {251, "IXFR"},        {252, "AXFR"},
    {255, "ANY"},   {257, "CAA"},
};
constexpr NumberName kClasses[] = {{1, "IN"}, {3, "CH"}, {4, "HS"}, {254, "NONE"}, {255, "ANY"}};
constexpr NumberName kOpcodes[] = {
    {0, "query"}, {1, "inverse query"}, {2, "status"}, {4, "notify"}, {5, "update"}};
constexpr NumberName kCodes[] = {
    {0, "no error"},           {1, "format error"},      {2, "server failure"},    {3, "no such name"},
    {4, "not implemented"},    {5, "refused"},           {6, "name exists"},       {7, "record set exists"},
    {8, "no such record set"}, {9, "not authoritative"}, {10, "name not in zone"},
};

std::string type_text(std::uint16_t type) {
    const auto name = dns::type_name(type);
    return name.empty() ? concat("TYPE", type) : std::string{name};
}

struct DataText {
    std::string operator()(const DnsOpaque& data) const {
        return concat(data.bytes.size(), data.bytes.size() == 1 ? " byte" : " bytes");
    }
    std::string operator()(const IpAddress& address) const { return address.text(); }
    std::string operator()(const DnsTarget& target) const { return target.name; }
    std::string operator()(const DnsMx& mx) const { return concat(mx.exchange, " (", mx.preference, ')'); }
    std::string operator()(const DnsSoa& soa) const { return concat(soa.primary, " serial ", soa.serial); }
    std::string operator()(const DnsText& text) const {
        std::string out;
        for (const std::string& string : text.strings)
            append(out, concat(out.empty() ? "\"" : " \"", string, '"'));
        return out;
    }
    std::string operator()(const DnsSrv& srv) const {
        return concat(srv.target, ':', srv.port, " (", srv.priority, ' ', srv.weight, ')');
    }
};

}  // namespace

std::string_view dns::type_name(std::uint16_t type) noexcept {
    return look_up(kTypes, type);
}
std::string_view dns::class_name(std::uint16_t value) noexcept {
    return look_up(kClasses, value);
}
std::string_view dns::opcode_name(std::uint8_t opcode) noexcept {
    return look_up(kOpcodes, opcode);
}
std::string_view dns::rcode_name(std::uint8_t rcode) noexcept {
    return look_up(kCodes, rcode);
}

std::string dns_data_text(const DnsRecord& record) {
    return std::visit(DataText{}, record.data);
}

std::string DnsMessage::text() const {
    const bool response = (flags & dns::kResponse) != 0;
    std::string out = concat("DNS ", response ? "response" : "query", " 0x", Hex{id, 4});
    const auto rcode = static_cast<std::uint8_t>(flags & 15);
    if (response && rcode != 0) {
        const auto name = dns::rcode_name(rcode);
        append(out, concat(", ", name.empty() ? concat("code ", rcode) : std::string{name}));
    }
    for (const DnsQuestion& question : questions)
        append(out, concat(", ", type_text(question.type), ' ', question.name, '?'));
    for (const DnsRecord& record : answers)
        append(out, concat(' ', type_text(record.type), ' ', dns_data_text(record)));
    return escaped(out, Medium::Terminal);
}

}  // namespace synscope::wire
