#include "net/service/http_text.hpp"

#include <algorithm>
#include <array>

#include "net/base/text.hpp"

namespace synscope::service {

namespace {

using framing::HttpField;
using framing::HttpHead;
using framing::whole_number;

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out.push_back(text[at]);
            continue;
        }
        const std::string_view digits = text.substr(at + 1, 2);
        const auto value = digits.size() == 2 ? whole_number(digits, 16) : std::nullopt;
        // A NUL would end the name for the system and not for us.
        if (!value || *value == 0) return std::nullopt;
        out.push_back(static_cast<char>(*value));
        at += 2;
    }
    return out;
}

constexpr std::array<std::string_view, 7> kDays{"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kDaySeconds = 86400;

struct Day {
    std::int64_t year = 0;
    std::int64_t month = 0;  ///< 1 to 12
    std::int64_t day = 0;    ///< 1 to 31
};
/// Proleptic Gregorian calendar by eras of 400 years, each year beginning in March.
Day day_of(std::int64_t days_since_1970) {
    const std::int64_t days = days_since_1970 + 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t of_era = days - era * 146097;
    const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const std::int64_t shifted = (5 * of_year + 2) / 153;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {year + era * 400 + (month <= 2 ? 1 : 0), month, of_year - (153 * shifted + 2) / 5 + 1};
}
std::int64_t days_before(const Day& date) {
    const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = year / 400;
    const std::int64_t of_era = year - era * 400;
    const std::int64_t shifted = date.month > 2 ? date.month - 3 : date.month + 9;
    const std::int64_t of_year = (153 * shifted + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/// Whether a list of entity tags (RFC 9110 section 13.1) has this one. Weak ones count only where told so.
bool names_tag(std::string_view list, std::string_view etag, bool weak_too) {
    if (list == "*") return true;
    while (!list.empty()) {
        std::string_view one = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), one.size() + 1));
        const auto begin = one.find_first_not_of(" \t");
        if (begin == std::string_view::npos) continue;
        one = one.substr(begin, one.find_last_not_of(" \t") - begin + 1);
        if (weak_too && one.starts_with("W/")) one.remove_prefix(2);
        if (one == etag) return true;
    }
    return false;
}

/// Whether a date field says that the file has not changed since.
bool unchanged_since(const HttpField& field, const Validators& file) {
    const auto since = parse_http_date(field.value);
    return since && file.modified_s && *file.modified_s <= *since;
}

}  // namespace

std::optional<std::string> path_of_target(std::string_view target) {
    // RFC 9112 section 3.2.2: a server takes the absolute form too.
    if (same_word(target.substr(0, 7), "http://")) {
        const auto slash = target.find('/', 7);
        target = slash == std::string_view::npos ? std::string_view{"/"} : target.substr(slash);
    }
    if (!target.starts_with('/')) return std::nullopt;
    auto path = percent_decoded(target.substr(1, target.find_first_of("?#") - 1));
    if (path && path->find('\0') != std::string::npos) return std::nullopt;
    return path;
}

std::string_view content_type(std::string_view path) noexcept {
    struct Type {
        std::string_view ending;
        std::string_view type;
    };
    static constexpr std::array kTypes{
        Type{"html", "text/html; charset=utf-8"},
        Type{"htm", "text/html; charset=utf-8"},
        Type{"css", "text/css; charset=utf-8"},
        Type{"js", "text/javascript; charset=utf-8"},
        Type{"txt", "text/plain; charset=utf-8"},
        Type{"md", "text/markdown; charset=utf-8"},
        Type{"csv", "text/csv; charset=utf-8"},
        Type{"xml", "application/xml"},
        Type{"json", "application/json"},
        Type{"pdf", "application/pdf"},
        Type{"svg", "image/svg+xml"},
        Type{"png", "image/png"},
        Type{"jpg", "image/jpeg"},
        Type{"jpeg", "image/jpeg"},
        Type{"gif", "image/gif"},
        Type{"webp", "image/webp"},
        Type{"ico", "image/vnd.microsoft.icon"},
        Type{"wasm", "application/wasm"},
        Type{"pcap", "application/vnd.tcpdump.pcap"},
        Type{"mp4", "video/mp4"},
        Type{"mp3", "audio/mpeg"},
        Type{"woff2", "font/woff2"},
    };
    const auto slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    const auto dot = name.rfind('.');
    if (dot != std::string_view::npos)
        for (const Type& one : kTypes)
            if (same_word(name.substr(dot + 1), one.ending)) return one.type;
    return "application/octet-stream";
}

std::string http_date(std::int64_t unix_s) {
    const std::int64_t days = unix_s / kDaySeconds - (unix_s % kDaySeconds < 0 ? 1 : 0);
    const std::int64_t second = unix_s - days * kDaySeconds;
    const Day date = day_of(days);
    const auto two = [](std::int64_t value) { return Padded{value, 2, '0'}; };
    return concat(kDays[static_cast<std::size_t>((days % 7 + 7) % 7)], ", ", two(date.day), ' ',
                  kMonths[static_cast<std::size_t>(date.month - 1)], ' ', Padded{date.year, 4, '0'}, ' ',
                  two(second / 3600), ':', two(second / 60 % 60), ':', two(second % 60), " GMT");
}

std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept {
    // "Sun, 06 Nov 1994 08:49:37 GMT": every part at its place.
    constexpr std::string_view kShape{"xxx, 00 xxx 0000 00:00:00 GMT"};
    if (text.size() != kShape.size()) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kShape[i] == '0' ? !digit : kShape[i] != 'x' && text[i] != kShape[i]) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t size) {
        return static_cast<std::int64_t>(*whole_number(text.substr(at, size)));
    };
    const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
    const Day date{number(12, 4), month - kMonths.begin() + 1, number(5, 2)};
    if (month == kMonths.end() || date.day < 1 || date.day > 31) return std::nullopt;
    return days_before(date) * kDaySeconds + number(17, 2) * 3600 + number(20, 2) * 60 + number(23, 2);
}

Validators validators(std::uint64_t size, std::optional<std::int64_t> modified_ns) {
    Validators out;
    out.etag = concat('"', Hex{size, 1});
    if (modified_ns) {
        append(out.etag, concat('-', Hex{static_cast<std::uint64_t>(*modified_ns), 1}));
        out.modified_s = *modified_ns / 1'000'000'000;
    }
    out.etag.push_back('"');
    return out;
}

int status_by_conditions(const HttpHead& head, const Validators& file) {
    if (const HttpField* match = head.find("if-match")) {
        if (!names_tag(match->value, file.etag, false)) return 412;
    } else if (const HttpField* since = head.find("if-unmodified-since")) {
        if (parse_http_date(since->value) && !unchanged_since(*since, file)) return 412;
    }
    if (const HttpField* match = head.find("if-none-match")) {
        if (names_tag(match->value, file.etag, true)) return 304;
    } else if (const HttpField* since = head.find("if-modified-since")) {
        if (unchanged_since(*since, file)) return 304;
    }
    return 200;
}

std::string_view reason_phrase(int status) noexcept {
    struct Reason {
        int status;
        std::string_view phrase;
    };
    static constexpr std::array kReasons{
        Reason{200, "OK"},
        Reason{206, "Partial Content"},
        Reason{301, "Moved Permanently"},
        Reason{304, "Not Modified"},
        Reason{400, "Bad Request"},
        Reason{403, "Forbidden"},
        Reason{404, "Not Found"},
        Reason{405, "Method Not Allowed"},
        Reason{412, "Precondition Failed"},
        Reason{413, "Content Too Large"},
        Reason{414, "URI Too Long"},
        Reason{416, "Range Not Satisfiable"},
        Reason{417, "Expectation Failed"},
        Reason{431, "Request Header Fields Too Large"},
        Reason{500, "Internal Server Error"},
        Reason{501, "Not Implemented"},
        Reason{503, "Service Unavailable"},
        Reason{505, "HTTP Version Not Supported"},
    };
    for (const Reason& one : kReasons)
        if (one.status == status) return one.phrase;
    return "Unknown";
}

}  // namespace synscope::service
