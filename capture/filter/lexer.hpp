#pragma once
// A display filter's text as tokens. Thread rule: pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture/filter/filter_error.hpp"
#include "net/base/result.hpp"

namespace synscope::filter {

enum class TokenKind : std::uint8_t {
    Word,       ///< a name, a number, an address: whatever is not quoted
    Text,       ///< "..." or r"...", escapes resolved
    Character,  ///< 'a': its number
    Symbol,     ///< an operator or a bracket, in `text`; word operators ("and", "eq") as their sign
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    std::size_t column = 0;
    std::size_t length = 0;
    std::string text;
};

/// The last token is End. Fails on a character that begins nothing, and on quotes that do not end.
[[nodiscard]] Result<std::vector<Token>, FilterError> tokens_of(std::string_view text);

}  // namespace synscope::filter
