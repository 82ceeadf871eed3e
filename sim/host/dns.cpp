#include "sim/host/dns.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace synscope::sim {
namespace {

namespace dns = wire::dns;
using wire::DnsMessage;
using wire::DnsRecord;

constexpr std::size_t kLargestOverUdp = 512;  // RFC 1035 section 4.2.1
constexpr std::uint16_t kInternet = 1;
constexpr int kMostAliases = 8;  // a longer chain is a loop

constexpr std::uint8_t kNoError = 0;
constexpr std::uint8_t kFormatError = 1;
constexpr std::uint8_t kNoSuchName = 3;
constexpr std::uint8_t kNotImplemented = 4;

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Without case, and with or without the dot at the end.
bool same_name(std::string_view a, std::string_view b) noexcept {
    if (a.ends_with('.')) a.remove_suffix(1);
    if (b.ends_with('.')) b.remove_suffix(1);
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::uint16_t response_flags(std::uint16_t query, std::uint8_t rcode) noexcept {
    return static_cast<std::uint16_t>(dns::kResponse | dns::kAuthoritative |
                                      (query & (0x7800 | dns::kRecursionDesired)) | rcode);
}

}  // namespace

void DnsZone::add_address(std::string_view name, const IpAddress& address, std::uint32_t ttl_seconds) {
    const std::uint16_t type = address.family == 4 ? dns::kA : dns::kAaaa;
    records.push_back({std::string{name}, type, kInternet, ttl_seconds, address});
}

void DnsZone::add_alias(std::string_view name, std::string_view target, std::uint32_t ttl_seconds) {
    records.push_back(
        {std::string{name}, dns::kCname, kInternet, ttl_seconds, wire::DnsTarget{std::string{target}}});
}

/// RFC 1034 section 4.3.2, steps 3a and 3c, for one zone without delegations.
std::uint8_t DnsServer::find(const wire::DnsQuestion& question, std::vector<DnsRecord>& answers) const {
    std::string name = question.name;
    for (int step = 0; step < kMostAliases; ++step) {
        bool exists = false;
        std::optional<std::string> alias;
        for (const DnsRecord& record : zone_.records) {
            if (!same_name(record.name, name) || record.klass != question.klass) continue;
            exists = true;
            if (record.type != question.type && record.type != dns::kCname) continue;
            answers.push_back(record);
            answers.back().name = step == 0 ? question.name : name;
            if (record.type == dns::kCname && question.type != dns::kCname)
                if (const auto* target = std::get_if<wire::DnsTarget>(&record.data)) alias = target->name;
        }
        if (!alias) return exists || step > 0 ? kNoError : kNoSuchName;
        name = *alias;
    }
    return kNoError;
}

std::optional<std::vector<std::byte>> DnsServer::answer(ByteSpan query) const {
    const auto view = wire::DnsView::parse(query);
    if (!view || view->response()) return std::nullopt;
    DnsMessage response;
    response.id = view->id();
    const auto message = DnsMessage::parse(query);
    std::uint8_t rcode = kFormatError;
    if (message && message->questions.size() == 1) {
        response.questions = message->questions;
        rcode = view->opcode() != 0 ? kNotImplemented : find(message->questions.front(), response.answers);
    }
    response.flags = response_flags(view->flags(), rcode);
    auto bytes = response.emit();
    while (bytes && bytes->size() > kLargestOverUdp && !response.answers.empty()) {
        response.flags |= dns::kTruncated;
        response.answers.pop_back();
        bytes = response.emit();
    }
    if (!bytes) return std::nullopt;
    return *bytes;
}

DnsResolver::LookupId DnsResolver::ask(Instant now, std::string_view name) {
    Lookup lookup;
    lookup.id = LookupId{next_id_++};
    lookup.name = std::string{name};
    if (options_.servers.empty()) {
        finish(lookup, Outcome::NoServer);
        return lookup.id;
    }
    std::vector<std::byte> encoded;
    if (!wire::append_dns_name(encoded, name)) {
        finish(lookup, Outcome::BadName);
        return lookup.id;
    }
    lookup.message_id = static_cast<std::uint16_t>(random_.below(0x10000));
    send(now, lookup);
    lookups_.push_back(std::move(lookup));
    return lookups_.back().id;
}

void DnsResolver::send(Instant now, Lookup& lookup) {
    DnsMessage query;
    query.id = lookup.message_id;
    query.flags = dns::kRecursionDesired;
    query.questions.push_back({lookup.name, dns::kA, kInternet});
    lookup.server = options_.servers[lookup.sent % options_.servers.size()];
    lookup.deadline = now + options_.timeout;
    ++lookup.sent;
    if (const auto bytes = query.emit()) output_.push_back({{lookup.server, dns::kPort}, *bytes});
}

void DnsResolver::finish(const Lookup& lookup, Outcome outcome, std::vector<IpAddress> addresses) {
    answers_.push_back({lookup.id, lookup.name, outcome, std::move(addresses), lookup.sent});
}

bool DnsResolver::arrives(Instant, const Endpoint& from, ByteSpan bytes) {
    const auto message = DnsMessage::parse(bytes);
    if (!message || (message->flags & dns::kResponse) == 0 || message->questions.size() != 1) return false;
    const wire::DnsQuestion& question = message->questions.front();
    const auto asked = std::find_if(lookups_.begin(), lookups_.end(), [&](const Lookup& lookup) {
        return lookup.message_id == message->id && from == Endpoint{lookup.server, dns::kPort} &&
               question.type == dns::kA && same_name(question.name, lookup.name);
    });
    if (asked == lookups_.end()) return false;
    std::vector<IpAddress> addresses;
    for (const DnsRecord& record : message->answers)
        if (const auto* address = std::get_if<IpAddress>(&record.data);
            address != nullptr && address->family == 4)
            addresses.push_back(*address);
    const auto rcode = static_cast<std::uint8_t>(message->flags & 15);
    const Outcome outcome = rcode == kNoSuchName ? Outcome::NoSuchName
                            : rcode != kNoError  ? Outcome::Refused
                            : addresses.empty()  ? Outcome::NoAddress
                                                 : Outcome::Found;
    finish(*asked, outcome, std::move(addresses));
    lookups_.erase(asked);
    return true;
}

std::optional<Instant> DnsResolver::next_deadline() const noexcept {
    std::optional<Instant> next;
    for (const Lookup& lookup : lookups_)
        if (!next || lookup.deadline < *next) next = lookup.deadline;
    return next;
}

void DnsResolver::advance(Instant now) {
    for (std::size_t i = 0; i < lookups_.size();) {
        Lookup& lookup = lookups_[i];
        if (lookup.deadline > now) {
            ++i;
        } else if (options_.servers.empty() || lookup.sent >= options_.attempts * options_.servers.size()) {
            finish(lookup, Outcome::TimedOut);
            lookups_.erase(lookups_.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            send(now, lookup);
            ++i;
        }
    }
}

std::string_view dns_outcome_text(DnsResolver::Outcome outcome) noexcept {
    constexpr std::array<std::string_view, 7> kTexts{"found",     "no such name", "no address", "refused",
                                                     "timed out", "bad name",     "no server"};
    const auto index = static_cast<std::size_t>(outcome);
    return index < kTexts.size() ? kTexts[index] : std::string_view{"?"};
}

}  // namespace synscope::sim
