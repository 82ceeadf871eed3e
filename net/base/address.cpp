#include "net/base/address.hpp"

#include <algorithm>
#include <cstring>

#include "net/base/text.hpp"

namespace synscope {

IpAddress IpAddress::from_bytes(ByteSpan bytes) noexcept {
    IpAddress a;
    if (bytes.size() != 4 && bytes.size() != 16) return a;
    a.family = bytes.size() == 4 ? 4 : 6;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        a.octets[i] = load_u8(bytes, i);
    return a;
}

namespace {

/// A decimal or hexadecimal number of at most `max`, taking the whole text.
std::optional<std::uint32_t> parse_number(std::string_view text, int base, std::uint32_t max) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || value > max)
        return std::nullopt;
    return value;
}

std::optional<IpAddress> parse_v4(std::string_view text) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const std::size_t dot = i < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos || dot > 3) return std::nullopt;
        const auto part = parse_number(text.substr(0, dot), 10, 255);
        if (!part) return std::nullopt;
        value = (value << 8) | *part;
        text.remove_prefix(i < 3 ? dot + 1 : dot);
    }
    return IpAddress::v4(value);
}

/// Parses the groups of one half (before or after "::") into `groups`; false when malformed.
/// Only the half that ends the address may end in an IPv4 part.
bool parse_groups(std::string_view text, bool last, std::array<std::uint16_t, 8>& groups,
                  std::size_t& count) {
    if (text.empty()) return true;
    while (true) {
        const std::size_t colon = text.find(':');
        const std::string_view part = text.substr(0, colon);
        if (part.find('.') != std::string_view::npos) {  // a trailing IPv4 part
            const auto v4 = parse_v4(part);
            if (!v4 || !last || colon != std::string_view::npos || count > 6) return false;
            for (std::size_t i = 0; i < 4; i += 2)
                groups[count++] = static_cast<std::uint16_t>((v4->octets[i] << 8) | v4->octets[i + 1]);
            return true;
        }
        const auto group = part.size() <= 4 ? parse_number(part, 16, 0xffff) : std::nullopt;
        if (!group || count >= 8) return false;
        groups[count++] = static_cast<std::uint16_t>(*group);
        if (colon == std::string_view::npos) return true;
        text.remove_prefix(colon + 1);
    }
}

std::optional<IpAddress> parse_v6(std::string_view text) {
    std::array<std::uint16_t, 8> head{};
    std::array<std::uint16_t, 8> tail{};
    std::size_t head_count = 0;
    std::size_t tail_count = 0;
    const std::size_t gap = text.find("::");
    if (!parse_groups(text.substr(0, gap), gap == std::string_view::npos, head, head_count))
        return std::nullopt;
    if (gap == std::string_view::npos) {
        if (head_count != 8) return std::nullopt;
    } else if (!parse_groups(text.substr(gap + 2), true, tail, tail_count) || head_count + tail_count > 7) {
        return std::nullopt;
    }
    std::copy_n(tail.begin(), tail_count, head.end() - static_cast<std::ptrdiff_t>(tail_count));
    IpAddress a;
    a.family = 6;
    for (std::size_t i = 0; i < 8; ++i) {
        a.octets[2 * i] = static_cast<std::uint8_t>(head[i] >> 8);
        a.octets[2 * i + 1] = static_cast<std::uint8_t>(head[i] & 0xff);
    }
    return a;
}

/// RFC 5952: the longest run of two or more zero groups becomes "::"; the first of equals.
std::string v6_text(const std::array<std::uint8_t, 16>& octets) {
    std::array<std::uint16_t, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i)
        groups[i] = static_cast<std::uint16_t>((octets[2 * i] << 8) | octets[2 * i + 1]);
    std::size_t best = 8;
    std::size_t best_length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0)
            ++length;
        if (length > best_length) best = i, best_length = length;
    }
    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == best) {
            out += "::";
            i += best_length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':') out += ':';
        append(out, Hex{groups[i]});
    }
    return out;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    return text.find(':') != std::string_view::npos ? parse_v6(text) : parse_v4(text);
}

std::string IpAddress::text() const {
    if (family == 4) return concat(octets[0], '.', octets[1], '.', octets[2], '.', octets[3]);
    if (family == 6) return v6_text(octets);
    return "none";
}

bool address_less(const IpAddress& a, const IpAddress& b) noexcept {
    if (a.family != b.family) return a.family < b.family;
    return std::lexicographical_compare(a.octets.begin(), a.octets.end(), b.octets.begin(), b.octets.end());
}

std::string Endpoint::text() const {
    if (address.family == 6) return concat('[', address.text(), "]:", port);
    return concat(address.text(), ':', port);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = IpAddress::parse(host);
    const auto port = parse_number(text.substr(colon + 1), 10, 0xffff);
    if (!address || !port || bracketed != (address->family == 6)) return std::nullopt;
    return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

}  // namespace synscope
