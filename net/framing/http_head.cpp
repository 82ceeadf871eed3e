#include "net/framing/http_head.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "net/base/text.hpp"

namespace synscope::framing {

namespace {

constexpr std::string_view kLineEnd{"\r\n"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// tchar of RFC 9110 section 5.6.2.
bool is_token_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}
bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}
/// Whether a control character stands in it that is no tab: a bare CR or a NUL ends a value for some readers.
bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
    });
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

using Refused = std::optional<HttpFault>;

/// "HTTP/1.1" (RFC 9112 section 2.3).
Refused read_version(std::string_view version, HttpHead& head) {
    const bool shaped = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                        version[6] == '.' && is_digit(version[7]);
    if (!shaped) return HttpFault{400, "a start line without an HTTP version"};
    if (version[5] != '1') return HttpFault{505, "an HTTP version other than 1"};
    head.minor = version[7] - '0';
    return std::nullopt;
}

Refused read_start_line(std::string_view line, HttpHead& head) {
    if (has_control(line)) return HttpFault{400, "a control character in the start line"};
    head.is_request = !line.starts_with("HTTP/");
    if (!head.is_request) {
        if (const Refused wrong = read_version(until(line, " "), head)) return wrong;
        const auto status = whole_number(line.substr(0, 3));
        const bool ends = line.size() == 3 || (line.size() > 3 && line[3] == ' ');
        if (!status || *status < 100 || !ends) return HttpFault{400, "a status that is not three digits"};
        head.status = static_cast<int>(*status);
        return std::nullopt;
    }
    head.method = until(line, " ");
    head.target = until(line, " ");
    if (!is_token(head.method)) return HttpFault{400, "a method that is no token"};
    if (head.target.empty()) return HttpFault{400, "a request without a target"};
    return read_version(line, head);
}

Refused read_fields(std::string_view text, HttpHead& head) {
    while (!text.empty()) {
        std::string_view value = until(text, kLineEnd);
        if (value.empty()) break;
        if (head.fields.size() == kMostHttpFields) return HttpFault{431, "too many header fields"};
        // RFC 9112 section 5.2: a folded line.
        if (value.front() == ' ' || value.front() == '\t') return HttpFault{400, "a folded header line"};
        if (value.find(':') == std::string_view::npos) return HttpFault{400, "a header line without a colon"};
        const std::string_view name = until(value, ":");
        // Section 5.1: white space before the colon has hidden fields from one reader and not from another.
        if (!is_token(name)) return HttpFault{400, "a header name that is no token"};
        if (has_control(value)) return HttpFault{400, "a control character in a header value"};
        head.fields.push_back({name, trimmed(value)});
    }
    return std::nullopt;
}

/// RFC 9112 section 6: at most one of Transfer-Encoding and Content-Length, and that one unmistakable.
Refused find_body(HttpHead& head) {
    const std::size_t lengths = head.count("content-length");
    const HttpField* coding = head.find("transfer-encoding");
    const bool never = !head.is_request && (head.status < 200 || head.status == 204 || head.status == 304);
    if (coding != nullptr) {
        if (lengths > 0) return HttpFault{400, "both Transfer-Encoding and Content-Length"};
        if (head.minor == 0) return HttpFault{400, "Transfer-Encoding in HTTP/1.0"};
        const bool chunked = head.count("transfer-encoding") == 1 && same_word(coding->value, "chunked");
        if (head.is_request && !chunked) return HttpFault{501, "a Transfer-Encoding other than chunked"};
        head.body = never ? HttpBody::None : chunked ? HttpBody::Chunked : HttpBody::UntilEnd;
        return std::nullopt;
    }
    if (lengths > 1) return HttpFault{400, "more than one Content-Length"};
    if (lengths == 1) {
        const auto length = whole_number(head.find("content-length")->value);
        if (!length) return HttpFault{400, "a Content-Length that is no number"};
        head.length = *length;
        head.body = never || *length == 0 ? HttpBody::None : HttpBody::Length;
    } else if (!head.is_request && !never) {
        head.body = HttpBody::UntilEnd;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> whole_number(std::string_view digits, int base) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return value;
}

const HttpField* HttpHead::find(std::string_view name) const noexcept {
    for (const HttpField& field : fields)
        if (same_word(field.name, name)) return &field;
    return nullptr;
}

std::size_t HttpHead::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(std::count_if(
        fields.begin(), fields.end(), [&](const HttpField& field) { return same_word(field.name, name); }));
}

bool HttpHead::lists(std::string_view name, std::string_view word) const noexcept {
    for (const HttpField& field : fields) {
        if (!same_word(field.name, name)) continue;
        for (std::string_view rest = field.value; !rest.empty();)
            if (same_word(trimmed(until(rest, ",")), word)) return true;
    }
    return false;
}

Result<HttpHead, HttpFault> read_http_head(std::string_view text) {
    HttpHead head;
    if (const Refused wrong = read_start_line(until(text, kLineEnd), head)) return failure(*wrong);
    if (const Refused wrong = read_fields(text, head)) return failure(*wrong);
    if (const Refused wrong = find_body(head)) return failure(*wrong);
    return head;
}

}  // namespace synscope::framing
