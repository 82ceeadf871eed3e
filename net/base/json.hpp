#pragma once
// JSON as RFC 8259 has it, for the pure folders: a strict reader and a writer.
//
// The reader takes one value and white space around it, and nothing else: no comments, no trailing commas, no
// second value, no malformed UTF-8, no lone surrogate (section 8.2), no name twice in an object (section 4
// leaves open what that means, so two readers of one message could disagree). Numbers stay as they are
// written: whole ones are read exactly, and no floating point is involved. Ownership: values own their
// contents. Thread rule: pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/base/result.hpp"

namespace synscope::json {

struct Null {
    friend bool operator==(Null, Null) = default;
};
/// A number as it is written: "5", "-0.5e3".
struct Number {
    std::string text;
    friend bool operator==(const Number&, const Number&) = default;
};
struct Member;
struct Value;
using Array = std::vector<Value>;
/// In the order in which they are written.
using Object = std::vector<Member>;

struct Value {
    std::variant<Null, bool, Number, std::string, Array, Object> content;

    /// Null when this is no object, or has no member of that name.
    [[nodiscard]] const Value* find(std::string_view name) const noexcept;
    /// Null when this is no string.
    [[nodiscard]] const std::string* string() const noexcept { return std::get_if<std::string>(&content); }
    /// Nothing when this is no whole number (one written without fraction and exponent), or beyond 64 bits.
    [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
};
struct Member {
    std::string name;
    Value value;
};

/// Where reading stopped and why; the words go behind "at byte N: ".
struct Error {
    std::size_t offset = 0;
    std::string_view what;
};

/// Arrays and objects inside one another, at most; the reader's stack grows with it.
inline constexpr std::size_t kMostDepth = 32;
[[nodiscard]] Result<Value, Error> parse(std::string_view text);

[[nodiscard]] Member member(std::string_view name, std::string_view value);
[[nodiscard]] Member member(std::string_view name, std::uint64_t value);
/// A value on one line. Bytes of strings that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string text(const Value& value);

}  // namespace synscope::json
