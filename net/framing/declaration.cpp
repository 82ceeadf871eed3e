#include "net/framing/declaration.hpp"

#include <charconv>

#include "net/framing/declared.hpp"

namespace synscope::framing {

namespace {

constexpr std::string_view kLength{"length:"};
constexpr std::string_view kDelimiter{"delimiter:"};

std::string_view until(std::string_view& text, char end) {
    const std::size_t at = text.find(end);
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return part;
}
bool read_number(std::string_view text, int base, std::uint32_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return error == std::errc{} && end == text.data() + text.size();
}

bool read_part(std::string_view part, LengthField& out, bool& header_given) {
    const std::string_view key = until(part, '=');
    if (key == "offset") return read_number(part, 10, out.offset) && out.offset < kMostHeader;
    if (key == "size") return read_number(part, 10, out.size);
    if (key == "header") {
        header_given = true;
        return read_number(part, 10, out.header);
    }
    if (key == "signed" || key == "includes_header") {
        (key == "signed" ? out.is_signed : out.includes_header) = true;
        return part.empty();
    }
    out.big_endian = part == "big";
    return key == "endian" && (part == "big" || part == "little");
}

std::optional<Declaration> parse_length(std::string_view text) {
    LengthField out;
    bool header_given = false;
    while (!text.empty())
        if (!read_part(until(text, ','), out, header_given)) return std::nullopt;
    const bool size_exists = (out.size >= 1 && out.size <= 4) || out.size == 8;
    if (!size_exists) return std::nullopt;
    if (!header_given) out.header = out.offset + out.size;
    if (out.header < out.offset + out.size || out.header > kMostHeader) return std::nullopt;
    return out;
}

std::optional<Declaration> parse_delimiter(std::string_view text) {
    Delimiter out;
    std::string_view digits = until(text, ',');
    while (!digits.empty()) {
        std::uint32_t value = 0;
        if (out.size == Delimiter::kLongest || digits.size() < 2 ||
            !read_number(digits.substr(0, 2), 16, value))
            return std::nullopt;
        out.bytes[out.size++] = static_cast<std::byte>(value);
        digits.remove_prefix(2);
    }
    out.drop_cr = text == "drop_cr";
    if (out.size == 0 || (!text.empty() && !out.drop_cr)) return std::nullopt;
    return out;
}

}  // namespace

std::optional<Declaration> parse_declaration(std::string_view text) {
    if (text.starts_with(kLength)) return parse_length(text.substr(kLength.size()));
    if (text.starts_with(kDelimiter)) return parse_delimiter(text.substr(kDelimiter.size()));
    return std::nullopt;
}

std::unique_ptr<Encoder> FramingInfo::encoder(Limits limits) const {
    if (!declared) return make_encoder(limits);
    if (const auto* field = std::get_if<LengthField>(&*declared)) return make_length_encoder(*field, limits);
    return make_delimiter_encoder(std::get<Delimiter>(*declared), limits);
}
std::unique_ptr<Decoder> FramingInfo::decoder(Limits limits) const {
    if (!declared) return make_decoder(limits);
    if (const auto* field = std::get_if<LengthField>(&*declared)) return make_length_decoder(*field, limits);
    return make_delimiter_decoder(std::get<Delimiter>(*declared), limits);
}

}  // namespace synscope::framing
