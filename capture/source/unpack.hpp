#pragma once
// Compressed captures: gzip (RFC 1952, by zlib) and zstd (RFC 8878, by libzstd), unpacked as they are read.
//
// Only a window is held, so a capture may unpack to any size: memory is bounded by the decoder's own window
// (32 KiB for gzip, at most 128 MiB for zstd) and by the largest record. Several members or frames behind
// each other are one stream. Damage gives what comes before it, then an error with its byte offset in the
// compressed file. Thread rule: one thread per feed.

#include <memory>
#include <string>

#include "capture/source/byte_feed.hpp"

namespace synscope::source {

/// `feed` itself unless it begins with the magic of a compression we know. `name` is for messages.
[[nodiscard]] Result<std::unique_ptr<ByteFeed>, UserError> unpacked(std::unique_ptr<ByteFeed> feed,
                                                                    std::string name);

}  // namespace synscope::source
