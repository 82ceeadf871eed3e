#include "capture/filter/lexer.hpp"

#include <optional>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::filter {
namespace {

/// Operators written as words, and the sign that means the same.
constexpr std::pair<std::string_view, std::string_view> kWordOperators[] = {
    {"and", "&&"},          {"or", "||"},     {"xor", "^^"},
    {"not", "!"},           {"eq", "=="},     {"any_eq", "=="},
    {"ne", "!="},           {"all_ne", "!="}, {"all_eq", "==="},
    {"any_ne", "~="},       {"gt", ">"},      {"lt", "<"},
    {"ge", ">="},           {"le", "<="},     {"bitwise_and", "&"},
    {"in", "in"},           {"any", "any"},   {"contains", "contains"},
    {"matches", "matches"}, {"all", "all"},
};

/// Longest first.
constexpr std::string_view kSigns[] = {
    "===", "!==", "&&", "||", "^^", "==", "!=", "~=", ">=", "<=", "..", "!",
    ">",   "<",   "&",  "(",  ")",  "{",  "}",  "[",  "]",  ",",  "~"};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == '/' || c == '-' || c == '+';
}

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Result<std::vector<Token>, FilterError> run() {
        for (;;) {
            while (at_ < text_.size() && is_space(text_[at_]))
                ++at_;
            if (at_ == text_.size()) break;
            if (auto error = next()) return failure(std::move(*error));
        }
        tokens_.push_back({TokenKind::End, text_.size(), 0, ""});
        return std::move(tokens_);
    }

  private:
    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    std::optional<FilterError> next() {
        const char c = text_[at_];
        if (c == '"') return quoted(at_, false);
        if ((c == 'r' || c == 'R') && at_ + 1 < text_.size() && text_[at_ + 1] == '"')
            return quoted(at_, true);
        if (c == '\'') return character();
        for (const auto sign : kSigns)
            if (text_.substr(at_).starts_with(sign)) {
                add(TokenKind::Symbol, at_ + sign.size(),
                    std::string(sign == "!==" || sign == "~" ? "~=" : sign));
                return std::nullopt;
            }
        if (!is_word(c)) return unexpected();
        word();
        return std::nullopt;
    }

    void add(TokenKind kind, std::size_t end, std::string text) {
        tokens_.push_back({kind, at_, end - at_, std::move(text)});
        at_ = end;
    }

    void word() {
        std::size_t end = at_;
        // A range "80..90" is three tokens.
        while (end < text_.size() && is_word(text_[end]) && text_.substr(end, 2) != "..")
            ++end;
        const auto text = text_.substr(at_, end - at_);
        for (const auto& [name, sign] : kWordOperators)
            if (text == name) return add(TokenKind::Symbol, end, std::string(sign));
        add(TokenKind::Word, end, std::string(text));
    }

    /// One escape after a backslash; `at` is behind it and moves on.
    std::optional<FilterError> escape(std::size_t& at, std::string& out) {
        static constexpr std::pair<char, char> kNamed[] = {{'a', '\a'}, {'b', '\b'}, {'f', '\f'}, {'n', '\n'},
                                                           {'r', '\r'}, {'t', '\t'}, {'v', '\v'}};
        const std::size_t from = at - 1;
        if (at >= text_.size()) return FilterError{from, 1, "the text ends in an escape"};
        const char c = text_[at++];
        for (const auto& [name, value] : kNamed)
            if (c == name) return out += value, std::nullopt;
        if (c == 'x') return number(at, 16, 2, from, out);
        if (c >= '0' && c <= '7') return number(--at, 8, 3, from, out);
        if (c == '\\' || c == '"' || c == '\'' || c == '?') return out += c, std::nullopt;
        // Unknown: kept as it is, so that "\d" of a regular expression needs no doubling.
        out += '\\';
        out += c;
        return std::nullopt;
    }

    std::optional<FilterError> number(std::size_t& at, int base, std::size_t most, std::size_t from,
                                      std::string& out) {
        int value = 0;
        std::size_t count = 0;
        for (; count < most && at < text_.size() && digit(text_[at]) < base; ++count)
            value = value * base + digit(text_[at++]);
        if (count == 0) return FilterError{from, 2, "\\x is followed by one or two hexadecimal digits"};
        if (value > 255) return FilterError{from, at - from, "an octal escape ends at \\377"};
        out += static_cast<char>(value);
        return std::nullopt;
    }

    std::optional<FilterError> quoted(std::size_t from, bool raw) {
        std::string out;
        for (std::size_t at = from + (raw ? 2 : 1); at < text_.size();) {
            const char c = text_[at++];
            if (c == '"') return add(TokenKind::Text, at, std::move(out)), std::nullopt;
            if (c != '\\') {
                out += c;
            } else if (raw) {
                // A quote needs the backslash here too; both stay, which a regular expression reads as ".
                out += c;
                if (at < text_.size()) out += text_[at++];
            } else if (auto error = escape(at, out)) {
                return error;
            }
        }
        return FilterError{from, text_.size() - from, "the quotes are not closed"};
    }

    std::optional<FilterError> character() {
        std::string out;
        std::size_t at = at_ + 1;
        while (at < text_.size() && text_[at] != '\'' && out.size() <= 1) {
            const char c = text_[at++];
            if (c != '\\') {
                out += c;
            } else if (auto error = escape(at, out)) {
                return error;
            }
        }
        if (out.size() != 1 || at >= text_.size() || text_[at] != '\'')
            return FilterError{at_, at - at_, "single quotes hold one character; a text takes double quotes"};
        add(TokenKind::Character, at + 1, concat(static_cast<unsigned>(static_cast<unsigned char>(out[0]))));
        return std::nullopt;
    }

    FilterError unexpected() const {
        // One character, also where it is several bytes of UTF-8.
        std::size_t end = at_ + 1;
        while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80)
            ++end;
        const auto what = text_.substr(at_, end - at_);
        if (what == "=") return {at_, 1, "one = is no operator; equal is =="};
        if (what == "|") return {at_, 1, "one | is no operator; or is ||"};
        if (what == "*" || what == "%") return {at_, 1, "filters here do not calculate"};
        if (what == "$" || what == "#" || what == "@")
            return {at_, 1, concat("macros, layer numbers and raw fields (", what, ") are not supported")};
        return {at_, end - at_, concat("\"", what, "\" was not expected here")};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>, FilterError> tokens_of(std::string_view text) {
    return Lexer(text).run();
}

}  // namespace synscope::filter
