#pragma once
// Reading pcapng (draft-ietf-opsawg-pcapng), in any cut: from a pipe as it comes, or from a mapped file
// without a copy.
//
//     BlockReader reader;                                   // a stream
//     reader.feed(bytes); while (auto item = reader.next()) { if (!*item) break; std::visit(..., **item); }
//     BlockReader mapped{file};                             // a file: nothing is copied, finish() is implied
//
// Both byte orders, several sections, every timestamp resolution. A block type that is not known is handed
// on, not dropped. A length that cannot be is an error that names its byte offset; after an error only the
// same error follows. Ownership: spans of an item hold until the next call; those into a mapped file as long
// as the file. Thread rule: one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "capture/pcapng/block_parser.hpp"
#include "net/base/bytes.hpp"
#include "net/base/result.hpp"

namespace synscope::pcapng {

class BlockReader {
  public:
    /// A stream: feed() it.
    BlockReader() = default;
    /// All of it is here already.
    explicit BlockReader(ByteSpan mapped) noexcept : view_(mapped), mapped_(true), ended_(true) {}

    void feed(ByteSpan bytes);
    /// The stream ends here: what is left over is an error of the following next().
    void finish() noexcept { ended_ = true; }
    /// The next block; nothing when more bytes are needed, or at the end.
    [[nodiscard]] Result<std::optional<Item>, BlockError> next();
    /// Bytes that were read as whole blocks.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

  private:
    BlockParser parser_;
    std::vector<std::byte> buffer_;  ///< of a stream: what is not consumed yet
    std::size_t consumed_ = 0;       ///< of buffer_ or view_
    ByteSpan view_;
    bool mapped_ = false;
    bool ended_ = false;
    std::uint64_t offset_ = 0;
    std::optional<BlockError> error_;
};

}  // namespace synscope::pcapng
