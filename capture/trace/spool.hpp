#pragma once
// Where bytes of live packets lie: a file without a name, private, mapped in large pieces that never move.
//
// So packets cost no anonymous memory, and the kernel may write them out when memory is short. Space is
// reserved before it is written: a full disk is an error, not a signal. Thread rule: one writer; spans may be
// read by any thread that learned of them through the store.

#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"

namespace synscope::trace {

class Spool {
  public:
    Spool() = default;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    ~Spool();

    /// A copy of `bytes` that stays where it is as long as the spool lives.
    Result<ByteSpan, OsError> keep(ByteSpan bytes);

  private:
    struct Piece {
        std::byte* data = nullptr;
        std::size_t size = 0;
    };
    Result<void, OsError> open();
    Result<void, OsError> add_piece(std::size_t size);
    Result<void, OsError> reserve(std::size_t until);

    int fd_ = -1;
    std::vector<Piece> pieces_;
    std::size_t used_ = 0;         ///< of the last piece
    std::size_t reserved_ = 0;     ///< of the last piece, backed by disk
    std::size_t file_offset_ = 0;  ///< of the last piece in the file
};

}  // namespace synscope::trace
