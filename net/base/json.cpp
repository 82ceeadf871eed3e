#include "net/base/json.hpp"

#include <algorithm>
#include <charconv>

#include "net/base/text.hpp"
#include "net/base/utf8.hpp"

namespace synscope::json {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            put(0xe0 | code >> 12);
        } else {
            put(0xf0 | code >> 18);
            put(0x80 | (code >> 12 & 0x3f));
        }
        put(0x80 | (code >> 6 & 0x3f));
    }
    put(0x80 | (code & 0x3f));
}

/// Recursive descent over RFC 8259 section 2. Each function leaves `at_` behind what it read, or says what is
/// wrong.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<Value, Error> whole() {
        Value value;
        skip_space();
        if (read_value(value, 0)) {
            skip_space();
            if (at_ < text_.size()) fail("something follows the value");
        }
        if (!error_.empty()) return failure(Error{at_, error_});
        return value;
    }

  private:
    bool fail(std::string_view what) {
        if (error_.empty()) error_ = what;
        return false;
    }
    [[nodiscard]] bool ahead(char c) const { return at_ < text_.size() && text_[at_] == c; }
    bool take(char c) {
        if (!ahead(c)) return false;
        ++at_;
        return true;
    }
    void skip_space() {
        while (ahead(' ') || ahead('\t') || ahead('\n') || ahead('\r'))
            ++at_;
    }

    bool read_value(Value& out, std::size_t depth) {
        if (at_ == text_.size()) return fail("a value is missing");
        const char c = text_[at_];
        if (c == '{') return read_object(out.content.emplace<Object>(), depth);
        if (c == '[') return read_array(out.content.emplace<Array>(), depth);
        if (c == '"') return read_string(out.content.emplace<std::string>());
        if (c == '-' || is_digit(c)) return read_number(out.content.emplace<Number>());
        return read_word("null", out, Null{}) || read_word("true", out, true) ||
               read_word("false", out, false) || fail("this begins no value");
    }
    template <class T>
    bool read_word(std::string_view word, Value& out, T value) {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        out.content = value;
        return true;
    }

    bool read_object(Object& out, std::size_t depth) {
        if (depth == kMostDepth) return fail("too many levels");
        ++at_;
        skip_space();
        if (take('}')) return true;
        for (;;) {
            if (!ahead('"')) return fail("a name in quotes is missing");
            Member& next = out.emplace_back();
            if (!read_string(next.name)) return false;
            const auto same = [&](const Member& other) { return other.name == next.name; };
            if (std::any_of(out.begin(), out.end() - 1, same)) return fail("a name stands here twice");
            skip_space();
            if (!take(':')) return fail("a colon is missing");
            skip_space();
            if (!read_value(next.value, depth + 1)) return false;
            skip_space();
            if (take('}')) return true;
            if (!take(',')) return fail("a comma or } is missing");
            skip_space();
        }
    }

    bool read_array(Array& out, std::size_t depth) {
        if (depth == kMostDepth) return fail("too many levels");
        ++at_;
        skip_space();
        if (take(']')) return true;
        for (;;) {
            if (!read_value(out.emplace_back(), depth + 1)) return false;
            skip_space();
            if (take(']')) return true;
            if (!take(',')) return fail("a comma or ] is missing");
            skip_space();
        }
    }

    bool read_string(std::string& out) {
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
            if (take('"')) return true;
            if (c == '\\') {
                if (!read_escape(out)) return false;
                continue;
            }
            const std::size_t length = utf8_sequence(text_, at_);
            if (length == 0) return fail("malformed UTF-8");
            out.append(text_.substr(at_, length));
            at_ += length;
        }
        return fail("a string without an end");
    }

    bool read_escape(std::string& out) {
        constexpr std::string_view kNames{"\"\\/bfnrt"};
        constexpr std::string_view kMeanings{"\"\\/\b\f\n\r\t"};
        ++at_;
        if (take('u')) return read_code_point(out);
        const std::size_t which = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
        if (which == std::string_view::npos) return fail("an unknown escape");
        out.push_back(kMeanings[which]);
        ++at_;
        return true;
    }

    bool read_code_point(std::string& out) {
        const auto first = read_hex4();
        if (!first) return fail("four hexadecimal digits are missing");
        std::uint32_t code = *first;
        if (code >= 0xd800 && code <= 0xdfff) {
            // RFC 8259 section 7: beyond the basic plane as a pair of surrogates.
            const bool pair = code < 0xdc00 && take('\\') && take('u');
            const auto second = pair ? read_hex4() : std::nullopt;
            if (!second || *second < 0xdc00 || *second > 0xdfff) return fail("half a surrogate pair");
            code = 0x10000 + ((code - 0xd800) << 10) + (*second - 0xdc00);
        }
        append_utf8(out, code);
        return true;
    }
    std::optional<std::uint32_t> read_hex4() {
        const std::string_view digits = text_.substr(at_, 4);
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error != std::errc{} || digits.size() < 4 || end != digits.data() + 4) return std::nullopt;
        at_ += 4;
        return value;
    }

    bool read_digits() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_digit(text_[at_]))
            ++at_;
        return at_ > begin || fail("a digit is missing");
    }
    bool read_number(Number& out) {
        const std::size_t begin = at_;
        take('-');
        // Section 6: no leading zeros.
        if (!take('0') && !read_digits()) return false;
        if (take('.') && !read_digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (!read_digits()) return false;
        }
        out.text = text_.substr(begin, at_ - begin);
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string_view error_;
};

void append_string(std::string& out, std::string_view text) {
    out.push_back('"');
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        const std::size_t length = utf8_sequence(text, at);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out.append("\\n");
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out.append(concat("\\u", Hex{static_cast<unsigned char>(c), 4}));
        } else if (length == 0) {
            out.append("\xef\xbf\xbd");
        } else {
            out.append(text.substr(at, length));
        }
        at += std::max<std::size_t>(length, 1);
    }
    out.push_back('"');
}

void append_value(std::string& out, const Value& value);

struct Writer {
    std::string& out;
    void operator()(Null) const { out.append("null"); }
    void operator()(bool value) const { out.append(value ? "true" : "false"); }
    void operator()(const Number& value) const { out.append(value.text); }
    void operator()(const std::string& value) const { append_string(out, value); }
    void operator()(const Array& value) const {
        out.push_back('[');
        for (const Value& element : value) {
            if (&element != value.data()) out.append(", ");
            append_value(out, element);
        }
        out.push_back(']');
    }
    void operator()(const Object& value) const {
        out.push_back('{');
        for (const Member& m : value) {
            if (&m != value.data()) out.append(", ");
            append_string(out, m.name);
            out.append(": ");
            append_value(out, m.value);
        }
        out.push_back('}');
    }
};

void append_value(std::string& out, const Value& value) {
    std::visit(Writer{out}, value.content);
}

}  // namespace

const Value* Value::find(std::string_view name) const noexcept {
    const auto* object = std::get_if<Object>(&content);
    if (object == nullptr) return nullptr;
    for (const Member& m : *object)
        if (m.name == name) return &m.value;
    return nullptr;
}

std::optional<std::int64_t> Value::integer() const noexcept {
    const auto* number = std::get_if<Number>(&content);
    if (number == nullptr) return std::nullopt;
    std::int64_t value = 0;
    const char* end = number->text.data() + number->text.size();
    const auto [stopped, error] = std::from_chars(number->text.data(), end, value);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

Result<Value, Error> parse(std::string_view text) {
    return Reader{text}.whole();
}

Member member(std::string_view name, std::string_view value) {
    return {std::string{name}, Value{std::string{value}}};
}
Member member(std::string_view name, std::uint64_t value) {
    return {std::string{name}, Value{Number{concat(value)}}};
}

std::string text(const Value& value) {
    std::string out;
    append_value(out, value);
    return out;
}

}  // namespace synscope::json
