#include "capture/filter/value.hpp"

#include <algorithm>
#include <utility>

namespace synscope::filter {

std::string_view name(Kind kind) noexcept {
    switch (kind) {
        case Kind::Label:
            return "a label without a value";
        case Kind::Protocol:
            return "a protocol";
        case Kind::Boolean:
            return "a boolean";
        case Kind::Unsigned:
            return "an unsigned number";
        case Kind::Signed:
            return "a signed number";
        case Kind::Time:
            return "a time in seconds";
        case Kind::Ipv4:
            return "an IPv4 address";
        case Kind::Ipv6:
            return "an IPv6 address";
        case Kind::Mac:
            return "a MAC address";
        case Kind::Bytes:
            return "a sequence of bytes";
        case Kind::Text:
            return "a text";
    }
    return "";
}

bool comparable(Kind a, Kind b) noexcept {
    if (a == Kind::Label || b == Kind::Label) return false;
    return a == b || (is_number(a) && is_number(b)) || (is_bytes(a) && is_bytes(b));
}

Value Value::of_number(Kind kind, std::uint64_t number) {
    Value value;
    value.kind = kind;
    value.number = number;
    return value;
}

Value Value::of_signed(Kind kind, std::int64_t number) {
    return of_number(kind, static_cast<std::uint64_t>(number));
}

Value Value::of_bytes(Kind kind, std::string bytes) {
    Value value;
    value.kind = kind;
    value.own_size = bytes.size();
    value.bytes = std::move(bytes);
    return value;
}

Value Value::of_span(Kind kind, ByteSpan bytes) {
    std::string copy(bytes.size(), '\0');
    std::transform(bytes.begin(), bytes.end(), copy.begin(),
                   [](std::byte b) { return static_cast<char>(b); });
    return of_bytes(kind, std::move(copy));
}

namespace {

int sign(bool less, bool greater) noexcept {
    return less ? -1 : greater ? 1 : 0;
}

int compare_bytes(std::string_view a, std::string_view b) noexcept {
    // char_traits<char> compares as unsigned bytes.
    const int order = a.compare(b);
    return sign(order<0, order> 0);
}

/// Bytes that are whole within `bits`, then the rest of one byte.
int compare_prefix(std::string_view a, std::string_view b, std::size_t bits) noexcept {
    bits = std::min({bits, a.size() * 8, b.size() * 8});
    const int whole = compare_bytes(a.substr(0, bits / 8), b.substr(0, bits / 8));
    if (whole != 0 || bits % 8 == 0) return whole;
    const auto part = [bits](std::string_view text) {
        return static_cast<unsigned char>(text[bits / 8]) >> (8 - bits % 8);
    };
    return sign(part(a) < part(b), part(a) > part(b));
}

int compare_numbers(const Value& a, const Value& b) noexcept {
    const auto negative = [](const Value& v) {
        return v.kind != Kind::Unsigned && static_cast<std::int64_t>(v.number) < 0;
    };
    if (negative(a) != negative(b)) return negative(a) ? -1 : 1;
    return sign(a.number<b.number, a.number> b.number);
}

}  // namespace

int compare(const Value& a, const Value& b) noexcept {
    if (a.kind == Kind::Boolean) {
        const bool x = a.number != 0;
        const bool y = b.number != 0;
        return sign(!x && y, x && !y);
    }
    if (is_number(a.kind) || a.kind == Kind::Time) return compare_numbers(a, b);
    if (is_address(a.kind)) return compare_prefix(a.bytes, b.bytes, std::min(a.prefix, b.prefix));
    return compare_bytes(a.bytes, b.bytes);
}

Value masked(const Value& value, const Value& mask) {
    Value out = value;
    out.number &= mask.number;
    out.bytes.resize(std::min(value.bytes.size(), mask.bytes.size()));
    for (std::size_t i = 0; i < out.bytes.size(); ++i)
        out.bytes[i] = static_cast<char>(value.bytes[i] & mask.bytes[i]);
    return out;
}

bool any_bit(const Value& value) noexcept {
    return value.number != 0 || value.bytes.find_first_not_of('\0') != std::string::npos;
}

}  // namespace synscope::filter
