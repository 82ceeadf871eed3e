#pragma once
// The bytes of a capture file, front to back: mapped or read when it is a regular file, read piece by piece
// when it is a pipe, unpacked piece by piece when it is compressed. Thread rule: one thread. Spans of a
// mapped feed live as long as the feed, others until the next call.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"

namespace synscope::source {

/// How a regular file is come by. Whoever goes back to a packet maps. One pass that looks at headers reads:
/// the kernel copies at the speed of memory into a window that stays in the cache, while every page of a map
/// is faulted in, and its headers are waited for one after the other (docs/ANALYSIS.md has the figures).
enum class Access : std::uint8_t { Map, Read };

class ByteFeed {
  public:
    virtual ~ByteFeed() = default;
    /// All bytes at hand from the current position, at least `count` of them: fewer only at the end. Blocks
    /// no longer than it takes to have that many. An error comes only when the bytes before it do not do.
    [[nodiscard]] virtual Result<ByteSpan, UserError> peek(std::size_t count) = 0;
    /// Moves on by `count` bytes that were peeked at.
    virtual void skip(std::size_t count) = 0;
    /// Position, counted from the start of the file, unpacked.
    [[nodiscard]] virtual std::uint64_t offset() const noexcept = 0;
    /// Whether spans stay valid as long as the feed.
    [[nodiscard]] virtual bool mapped() const noexcept = 0;
    /// A regular file as it lies there: another feed gives the same bytes again, at little cost.
    [[nodiscard]] virtual bool repeatable() const noexcept { return mapped(); }
    /// Bytes from here on were cut off by another program while we read, and read as zeros. Ask after
    /// reading.
    [[nodiscard]] virtual std::uint64_t intact() const noexcept {
        return std::numeric_limits<std::uint64_t>::max();
    }
    /// Whether offsets count bytes that do not stand in the file like this.
    [[nodiscard]] virtual bool unpacked() const noexcept { return false; }
};

/// `path` "-" is standard input, which is left open. gzip and zstd are unpacked, told by their magic.
[[nodiscard]] Result<std::unique_ptr<ByteFeed>, UserError> open_feed(const std::string& path);
/// The same with another name for messages.
[[nodiscard]] Result<std::unique_ptr<ByteFeed>, UserError> open_feed(const std::string& path,
                                                                     const std::string& name, Access access);
/// Bytes in memory that outlive the feed: as if they were a mapped file.
[[nodiscard]] std::unique_ptr<ByteFeed> feed_from(ByteSpan bytes);
/// Reads `fd` and closes it at the end, unless it is standard input. `name` is for messages.
[[nodiscard]] std::unique_ptr<ByteFeed> feed_from_descriptor(int fd, std::string name);

}  // namespace synscope::source
