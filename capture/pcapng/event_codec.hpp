#pragma once
// An event as the body of a pcapng block of our local-use type: version byte, kind, then its fields as
// varints, texts inline.
//
// The description of each kind's fields is written once (event_fields.hpp) and serves both directions. Fields
// are only ever appended and kinds only ever added: a reader takes what it knows and reports the rest as
// newer. Thread rule: pure.

#include <cstdint>
#include <string_view>
#include <vector>

#include "net/base/event.hpp"
#include "net/base/result.hpp"

namespace synscope::pcapng {

inline constexpr std::uint32_t kEventBlockType = 0x80005353;
inline constexpr std::uint8_t kEventVersion = 1;
/// A text longer than this is not believed.
inline constexpr std::size_t kMaxTextBytes = 1u << 20;

/// Where the encoder finds the texts that an event names.
class TextResolver {
  public:
    virtual ~TextResolver() = default;
    [[nodiscard]] virtual std::string_view text(TextId id) const = 0;
};
/// Where the decoder puts the texts that it finds.
class TextInterner {
  public:
    virtual ~TextInterner() = default;
    [[nodiscard]] virtual TextId intern(std::string_view text) = 0;
};

/// Appends the block's body (without block header and padding) to `out`.
void encode_event(const Event& event, const TextResolver& texts, std::vector<std::byte>& out);

enum class EventFault : std::uint8_t {
    Newer,      ///< a version or a kind that this program does not know
    Truncated,  ///< the body ends inside a field
    Malformed,  ///< a field holds what it cannot hold
};
/// Bytes behind the last known field are what a later version appended; they are ignored.
[[nodiscard]] Result<Event, EventFault> decode_event(ByteSpan body, TextInterner& texts);

}  // namespace synscope::pcapng
