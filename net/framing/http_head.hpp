#pragma once
// The head of an HTTP/1.x message (RFC 9112), read as strictly as a receiver may: whatever two readers could
// take in two ways (section 11.2, request smuggling) is refused and not repaired. Ownership: views into the
// text that was read. Thread rule: pure functions.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/base/result.hpp"

namespace synscope::framing {

struct HttpField {
    std::string_view name;
    std::string_view value;  ///< without the white space around it
};

/// How long the body is (RFC 9112 section 6.3), as far as one direction tells: the answer to a HEAD has no
/// body, and says the length that it would have.
enum class HttpBody : std::uint8_t { None, Length, Chunked, UntilEnd };

struct HttpHead {
    bool is_request = false;
    std::string_view method;  ///< of a request, with its target
    std::string_view target;
    int status = 0;  ///< of a response
    int minor = 1;   ///< the version is 1.`minor`
    std::vector<HttpField> fields;
    HttpBody body = HttpBody::None;
    std::uint64_t length = 0;  ///< for HttpBody::Length

    /// The first field of that name, in any case; null when there is none.
    [[nodiscard]] const HttpField* find(std::string_view name) const noexcept;
    /// How many there are.
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    /// Whether a field's comma-separated list has this word, in any case.
    [[nodiscard]] bool lists(std::string_view name, std::string_view word) const noexcept;
};

/// Why a head is refused: the status that answers it, and what is wrong, as a noun.
struct HttpFault {
    int status = 400;
    std::string_view what;
};

inline constexpr std::size_t kMostHttpHead = std::size_t{16} << 10;  ///< bytes
inline constexpr std::size_t kMostHttpFields = 100;

/// `head` with its last empty line.
[[nodiscard]] Result<HttpHead, HttpFault> read_http_head(std::string_view head);

/// Digits alone, at most 2^63 - 1.
[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view digits, int base = 10) noexcept;

}  // namespace synscope::framing
