#pragma once
// Parts of a file instead of all of it (RFC 9110 section 14). Thread rule: pure functions.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/framing/http_head.hpp"
#include "net/service/http_text.hpp"

namespace synscope::service {

/// A request for more ranges than this gets the whole file, as section 14.2 allows: each costs a head of its
/// own, and a browser or a download in pieces asks for fewer.
inline constexpr std::size_t kMostRanges = 16;

enum class RangeKind : std::uint8_t {
    Whole,  ///< all is sent: no range, none that can be read, of another version, too many, or overlapping
    Parts,  ///< of what was asked for, what the file has
    Unsatisfiable,  ///< all of them lie behind the end
};
struct WantedRanges {
    RangeKind kind = RangeKind::Whole;
    std::vector<ByteRange>
        parts{};  ///< never empty ones, and as many as they are; in the order of the request
};
[[nodiscard]] WantedRanges wanted_ranges(const framing::HttpHead& head, const Validators& file,
                                         std::uint64_t size);

/// "bytes 0-1/10", of a file of `size` bytes.
[[nodiscard]] std::string content_range(ByteRange part, std::uint64_t size);

/// Several parts in one answer (section 14.6): a head before each, an end behind the last.
class Multipart {
  public:
    /// The boundary is made of the version of the file, which nobody who wrote it could know before.
    Multipart(const Validators& file, std::string_view content_type, std::uint64_t size);

    /// "multipart/byteranges; boundary=..."
    [[nodiscard]] std::string content_type() const;
    /// What stands before a part; lines of its own begin before every one but the first.
    [[nodiscard]] std::string head(ByteRange part, bool first) const;
    [[nodiscard]] std::string end() const;
    /// Of all that is sent.
    [[nodiscard]] std::uint64_t length(const std::vector<ByteRange>& parts) const;

  private:
    std::string boundary_;
    std::string content_type_;  ///< of each part
    std::uint64_t size_;        ///< of the file
};

}  // namespace synscope::service
