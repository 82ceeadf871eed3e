#pragma once
// The small languages inside HTTP's header fields that a file server speaks (RFC 9110). Thread rule: pure
// functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/framing/http_head.hpp"

namespace synscope::service {

/// The file that a request's target names, as a path below the root without its first '/', percent-decoded
/// and without query; nothing when it cannot be read. Paths that lead out of the root are the host's to
/// refuse.
[[nodiscard]] std::optional<std::string> path_of_target(std::string_view target);

/// By the name's ending: "text/html; charset=utf-8".
[[nodiscard]] std::string_view content_type(std::string_view path) noexcept;

/// "Sun, 06 Nov 1994 08:49:37 GMT" (section 5.6.7), of seconds since 1970.
[[nodiscard]] std::string http_date(std::int64_t unix_s);
/// Nothing for what is not written like that; the obsolete forms make a condition void, and the file is sent.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept;

/// What tells one content of a file from another.
struct Validators {
    std::string etag;  ///< in quotes
    std::optional<std::int64_t> modified_s;
};
[[nodiscard]] Validators validators(std::uint64_t size, std::optional<std::int64_t> modified_ns);

/// What a request's conditions make of it (section 13.2.2): 200, 304 or 412.
[[nodiscard]] int status_by_conditions(const framing::HttpHead& head, const Validators& file);

/// "Not Found"
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace synscope::service
