#include "net/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace synscope {

void append(std::string& out, std::string_view text) {
    out.append(text);
}
void append(std::string& out, char c) {
    out.push_back(c);
}

void append(std::string& out, Hex hex) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, hex.value, 16).ptr;
    const auto length = static_cast<int>(end - digits);
    if (length < hex.digits) out.append(static_cast<std::size_t>(hex.digits - length), '0');
    out.append(digits, static_cast<std::size_t>(length));
}

void append(std::string& out, Padded number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number.value).ptr;
    const auto length = static_cast<int>(end - digits);
    if (length < number.width) out.append(static_cast<std::size_t>(number.width - length), number.fill);
    out.append(digits, static_cast<std::size_t>(length));
}

bool same_word(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view until(std::string_view& text, std::string_view end) noexcept {
    const std::size_t at = text.find(end);
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
    return part;
}

std::string seconds_text(Duration d, int decimals) {
    const bool negative = d.ns < 0;
    // Negating the most negative value would overflow; as unsigned it is well defined.
    const std::uint64_t ns =
        negative ? 0 - static_cast<std::uint64_t>(d.ns) : static_cast<std::uint64_t>(d.ns);
    std::string out = negative ? "-" : "";
    append(out, ns / 1'000'000'000);
    if (decimals <= 0) return out;
    std::string fraction;
    append(fraction, Padded{static_cast<std::int64_t>(ns % 1'000'000'000), 9, '0'});
    out += '.';
    out.append(fraction, 0, static_cast<std::size_t>(decimals < 9 ? decimals : 9));
    return out;
}

std::string duration_text(Duration d) {
    struct Unit {
        std::uint64_t ns;
        std::string_view name;
    };
    static constexpr std::array<Unit, 4> kUnits{
        {{1'000'000'000, " s"}, {1'000'000, " ms"}, {1'000, " us"}, {1, " ns"}}};
    const bool negative = d.ns < 0;
    const std::uint64_t ns =
        negative ? 0 - static_cast<std::uint64_t>(d.ns) : static_cast<std::uint64_t>(d.ns);
    std::size_t u = 0;
    while (u + 1 < kUnits.size() && ns < kUnits[u].ns)
        ++u;
    const std::uint64_t whole = ns / kUnits[u].ns;
    std::string out = negative ? "-" : "";
    append(out, whole);
    if (kUnits[u].ns > 1 && whole < 100) {
        const std::uint64_t scale = whole < 10 ? 100 : 10;
        out += '.';
        append(out, Padded{static_cast<std::int64_t>((ns % kUnits[u].ns) * scale / kUnits[u].ns),
                           whole < 10 ? 2 : 1, '0'});
    }
    out += kUnits[u].name;
    return out;
}

}  // namespace synscope
