#include "capture/filter/literal.hpp"

#include <charconv>
#include <limits>
#include <optional>

#include "net/base/address.hpp"
#include "net/base/text.hpp"

namespace synscope::filter {
namespace {

using Converted = Result<Value, std::string>;

Converted no(std::string_view text, std::string_view what) {
    return failure(concat("\"", text, "\" is not ", what));
}

/// Decimal, 0x hexadecimal, 0 octal, 0b binary.
std::optional<std::uint64_t> digits(std::string_view text, bool& too_big) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X"))
        base = 16;
    else if (text.starts_with("0b") || text.starts_with("0B"))
        base = 2;
    else if (text.size() > 1 && text[0] == '0')
        base = 8;
    text.remove_prefix(base == 16 || base == 2 ? 2 : 0);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || end != text.data() + text.size()) return std::nullopt;
    too_big = error == std::errc::result_out_of_range;
    if (error != std::errc{} && !too_big) return std::nullopt;
    return value;
}

Converted number(std::string_view text, Kind kind, unsigned bits) {
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    bool too_big = false;
    const auto magnitude = digits(rest, too_big);
    if (!magnitude) return no(text, "a number");
    const bool with_sign = kind == Kind::Signed;
    const std::uint64_t largest =
        bits >= 64 ? std::numeric_limits<std::uint64_t>::max() : (std::uint64_t{1} << bits) - 1;
    const std::uint64_t positive = with_sign ? largest / 2 : largest;
    if (negative && !with_sign && *magnitude != 0)
        return failure(concat("\"", text, "\" is below 0, which this field never is"));
    const std::uint64_t most = negative ? positive + 1 : positive;
    if (too_big || (with_sign || !negative ? *magnitude > most : false))
        return failure(
            concat("\"", text, "\" is too large for this field; it ends at ", negative ? "-" : "", most));
    return Value::of_number(kind, negative ? ~*magnitude + 1 : *magnitude);
}

Converted boolean(std::string_view text) {
    if (text == "true" || text == "True" || text == "TRUE") return Value::of_number(Kind::Boolean, 1);
    if (text == "false" || text == "False" || text == "FALSE") return Value::of_number(Kind::Boolean, 0);
    bool too_big = false;
    const auto value = digits(text, too_big);
    if (!value || too_big) return no(text, "a boolean: 1, 0, true or false");
    return Value::of_number(Kind::Boolean, *value);
}

/// "1", "-0.25", "1621.000000001": exactly, without floating point.
Converted seconds(std::string_view text) {
    constexpr std::string_view kWhat = "a time in seconds, such as 0.25";
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const auto point = rest.find('.');
    const auto whole = rest.substr(0, point);
    std::string fraction(point == std::string_view::npos ? "0" : rest.substr(point + 1));
    if (fraction.empty() || fraction.size() > 9) return no(text, kWhat);
    fraction.append(9 - fraction.size(), '0');
    const auto parse = [](std::string_view part) -> std::optional<std::int64_t> {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        const bool good = error == std::errc{} && end == part.data() + part.size() && part[0] != '-';
        return good ? std::optional(value) : std::nullopt;
    };
    const auto s = whole.empty() ? std::nullopt : parse(whole);
    const auto ns = parse(fraction);
    if (!s || !ns || *s > 9'000'000'000) return no(text, kWhat);
    const std::int64_t value = *s * 1'000'000'000 + *ns;
    return Value::of_signed(Kind::Time, negative ? -value : value);
}

Converted address(std::string_view text, Kind kind) {
    const bool v4 = kind == Kind::Ipv4;
    const std::string_view what = v4 ? "an IPv4 address" : "an IPv6 address";
    const unsigned most = v4 ? 32 : 128;
    unsigned prefix = most;
    std::string_view part = text;
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        part = text.substr(0, slash);
        const auto count = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), prefix);
        if (error != std::errc{} || end != count.data() + count.size() || prefix > most)
            return failure(concat("\"/", count, "\" is not a prefix length from 0 to ", most));
    }
    const auto parsed = IpAddress::parse(part);
    if (!parsed || parsed->family != (v4 ? 4 : 6)) return no(text, what);
    Value value = Value::of_bytes(kind, std::string(v4 ? 4 : 16, '\0'));
    for (std::size_t i = 0; i < value.bytes.size(); ++i)
        value.bytes[i] = static_cast<char>(parsed->octets[i]);
    value.prefix = static_cast<std::uint8_t>(prefix);
    return value;
}

std::optional<std::string> byte_sequence(std::string_view text) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    if (text.starts_with("0x") && text.size() == 4) text.remove_prefix(2);
    std::string out;
    const bool one_digit = text.size() == 1;
    for (std::size_t i = 0; i < text.size();) {
        const bool separator = text[i] == ':' || text[i] == '-' || text[i] == '.';
        if (separator && (out.empty() || ++i == text.size())) return std::nullopt;
        const int high = digit(text[i]);
        const int low = one_digit ? high : i + 1 < text.size() ? digit(text[i + 1]) : -1;
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(one_digit ? high : high * 16 + low);
        i += 2;
    }
    return out.empty() ? std::nullopt : std::optional(out);
}

Converted bytes(std::string_view text, Kind kind) {
    const auto sequence = byte_sequence(text);
    if (!sequence) return no(text, "a sequence of bytes, such as 0d:0a or \"text\"");
    if (kind == Kind::Mac && sequence->size() != 6)
        return failure(
            concat("\"", text, "\" is not a MAC address: it has ", sequence->size(), " bytes instead of 6"));
    return Value::of_bytes(kind, *sequence);
}

}  // namespace

Converted literal(std::string_view text, Spelling spelling, Kind kind, unsigned bits) {
    if (kind == Kind::Text) return Value::of_bytes(kind, std::string(text));
    const bool byte_kind = is_bytes(kind);
    if (byte_kind && spelling == Spelling::Quoted && kind != Kind::Mac)
        return Value::of_bytes(Kind::Bytes, std::string(text));
    if (spelling == Spelling::Quoted)
        return failure(concat("a quoted text where ", name(kind), " is wanted"));
    switch (kind) {
        case Kind::Boolean:
            return boolean(text);
        case Kind::Unsigned:
        case Kind::Signed:
            return number(text, kind, bits);
        case Kind::Time:
            return seconds(text);
        case Kind::Ipv4:
        case Kind::Ipv6:
            return address(text, kind);
        case Kind::Mac:
            return bytes(text, kind);
        case Kind::Protocol:
        case Kind::Bytes:
            return bytes(text, Kind::Bytes);
        case Kind::Label:
        case Kind::Text:
            break;
    }
    return failure(std::string("a label has no value to compare"));
}

}  // namespace synscope::filter
