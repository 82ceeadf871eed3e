// HTTP/1.x (RFC 9112): start line and headers of what one segment holds. Bodies are data; a message that goes
// on in the next segment is followed by `follow`, not here.

#include <algorithm>

#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

/// More header lines than this are shown as one field.
constexpr std::size_t kMostHeaders = 200;
constexpr std::string_view kMethods[] = {"GET",       "POST",  "HEAD",    "PUT",      "DELETE",
                                         "OPTIONS",   "PATCH", "CONNECT", "TRACE",    "PROPFIND",
                                         "PROPPATCH", "MKCOL", "NOTIFY",  "M-SEARCH", "SUBSCRIBE"};

std::string_view as_text(ByteSpan bytes) noexcept {
    // Bytes may be looked at as characters.
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Line {
    std::string_view text;  ///< without its end
    std::size_t at = 0;
    std::size_t next = 0;  ///< behind its end
    bool ended = false;
};
Line line_at(std::string_view all, std::size_t at) noexcept {
    const std::size_t end = all.find('\n', at);
    if (end == std::string_view::npos) return {all.substr(at), at, all.size(), false};
    std::string_view text = all.substr(at, end - at);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return {text, at, end + 1, true};
}

struct HeaderName {
    std::string_view header;
    std::string_view field;
};
constexpr HeaderName kHeaders[] = {
    {"Host", "http.host"},
    {"User-Agent", "http.user_agent"},
    {"Content-Type", "http.content_type"},
    {"Content-Length", "http.content_length_header"},
    {"Content-Encoding", "http.content_encoding"},
    {"Transfer-Encoding", "http.transfer_encoding"},
    {"Connection", "http.connection"},
    {"Cookie", "http.cookie"},
    {"Set-Cookie", "http.set_cookie"},
    {"Referer", "http.referer"},
    {"Location", "http.location"},
    {"Server", "http.server"},
    {"Date", "http.date"},
    {"Last-Modified", "http.last_modified"},
    {"Accept", "http.accept"},
    {"Accept-Encoding", "http.accept_encoding"},
    {"Accept-Language", "http.accept_language"},
    {"Authorization", "http.authorization"},
    {"Cache-Control", "http.cache_control"},
    {"Upgrade", "http.upgrade"},
    {"X-Forwarded-For", "http.x_forwarded_for"},
};

/// Where the three words of a start line lie: the last takes the rest.
struct Words {
    std::string_view first, second, rest;
    std::size_t second_at = 0;
    std::size_t rest_at = 0;
};
Words split(const Line& line) noexcept {
    Words words;
    const std::size_t space = std::min(line.text.find(' '), line.text.size());
    words.first = line.text.substr(0, space);
    words.second_at = std::min(space + 1, line.text.size());
    const std::size_t second_space = std::min(line.text.find(' ', words.second_at), line.text.size());
    words.second = line.text.substr(words.second_at, second_space - words.second_at);
    words.rest_at = std::min(second_space + 1, line.text.size());
    words.rest = line.text.substr(words.rest_at);
    return words;
}

void add_start_line(const Line& line, FieldWriter& fields) {
    const Words words = split(line);
    const auto add = [&](std::string_view name, std::string_view label, std::size_t at,
                         std::string_view text) {
        fields.text(name, label, line.at + at, text.size(), std::string{text}).deeper();
    };
    const bool response = words.first.starts_with("HTTP/");
    fields.text(response ? "http.response.line" : "http.request.line",
                response ? "Status line" : "Request line", line.at, line.text.size(), std::string{line.text});
    if (!response) {
        fields.number("http.request", "Request", line.at, line.text.size(), 1, "yes").deeper();
        add("http.request.method", "Method", 0, words.first);
        add("http.request.uri", "URI", words.second_at, words.second);
        add("http.request.version", "Version", words.rest_at, words.rest);
        return;
    }
    fields.number("http.response", "Response", line.at, line.text.size(), 1, "yes").deeper();
    add("http.response.version", "Version", 0, words.first);
    std::uint32_t code = 0;
    for (const char c : words.second.substr(0, 3))
        code = code * 10 + static_cast<std::uint32_t>(c >= '0' && c <= '9' ? c - '0' : 0);
    fields.number("http.response.code", "Status", line.at + words.second_at, words.second.size(), code)
        .deeper();
    add("http.response.phrase", "Phrase", words.rest_at, words.rest);
}

void add_header(const Line& line, FieldWriter& fields) {
    const std::size_t colon = line.text.find(':');
    if (colon == std::string_view::npos) {
        fields.text("http.unknown_header", "Header", line.at, line.text.size(), std::string{line.text});
        fields.note("no colon");
        return;
    }
    std::size_t begin = colon + 1;
    while (begin < line.text.size() && (line.text[begin] == ' ' || line.text[begin] == '\t'))
        ++begin;
    const std::string_view name = line.text.substr(0, colon);
    const std::string_view value = line.text.substr(begin);
    for (const HeaderName& known : kHeaders)
        if (same_word(known.header, name)) {
            fields.text(known.field, known.header, line.at + begin, value.size(), std::string{value});
            return;
        }
    fields.text("http.header", "Header", line.at, line.text.size(), std::string{line.text});
}

}  // namespace

bool looks_like_http(ByteSpan bytes) noexcept {
    const std::string_view text = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 16)));
    if (text.starts_with("HTTP/1.")) return true;
    return std::any_of(std::begin(kMethods), std::end(kMethods), [&](std::string_view method) {
        return text.size() > method.size() && text.starts_with(method) && text[method.size()] == ' ';
    });
}

Next dissect_http(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    const std::string_view all = as_text(piece.bytes);
    Line line = line_at(all, 0);
    if (!state.names_only) {
        layer.title = concat("HTTP, ", line.text.substr(0, 80));
        add_start_line(line, fields);
    }
    std::size_t headers = 0;
    bool complete = false;
    while (line.ended && line.next < all.size()) {
        line = line_at(all, line.next);
        complete = line.ended && line.text.empty();
        if (complete) break;
        if (++headers > kMostHeaders) {
            fields.hex_bytes("http.more", "More headers", line.at, all.size() - line.at);
            line.next = all.size();
            break;
        }
        if (!state.names_only) add_header(line, fields);
    }
    if (!complete) fields.computed("http.incomplete", "Headers", "go on in the next segment");
    const Piece body = piece.behind(line.next);
    layer.bytes.end = body.at;
    if (body.bytes.empty()) return {};
    return {NextBy::Data, 0, body};
}

}  // namespace synscope::dissect
