#pragma once
// Bytes that travel: a slice of a block that is written once and then shared, never changed.
//
// A byte that a program sends is copied into a block once; segments, retransmissions, frames in flight and
// receive queues are slices of it. The count of users is not atomic: a simulation is one thread, and a
// Payload never leaves it. Ownership: the last slice frees its block. Thread rule: one thread per simulation.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/base/bytes.hpp"

namespace synscope::sim {

class Payload {
  public:
    Payload() = default;
    [[nodiscard]] static Payload copy_of(ByteSpan bytes) {
        Payload made = uninitialised(bytes.size());
        if (!bytes.empty()) std::copy(bytes.begin(), bytes.end(), made.block_->bytes.get());
        return made;
    }
    /// `fill` gets the whole block once, to write it.
    template <class Fill>
    [[nodiscard]] static Payload made_by(std::size_t size, Fill&& fill) {
        Payload made = uninitialised(size);
        fill(MutableByteSpan{size == 0 ? nullptr : made.block_->bytes.get(), size});
        return made;
    }

    Payload(const Payload& other) noexcept : block_(other.block_), begin_(other.begin_), size_(other.size_) {
        if (block_ != nullptr) ++block_->users;
    }
    Payload(Payload&& other) noexcept
        : block_(std::exchange(other.block_, nullptr)),
          begin_(std::exchange(other.begin_, 0)),
          size_(std::exchange(other.size_, 0)) {}
    Payload& operator=(Payload other) noexcept {
        std::swap(block_, other.block_);
        std::swap(begin_, other.begin_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Payload() {
        if (block_ != nullptr && --block_->users == 0) delete block_;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Holds as long as this slice, or another one of the same block.
    [[nodiscard]] ByteSpan span() const noexcept {
        return block_ == nullptr ? ByteSpan{} : ByteSpan{block_->bytes.get() + begin_, size_};
    }
    /// Shares the block. What lies beyond the end is left out.
    [[nodiscard]] Payload slice(std::size_t offset, std::size_t size) const noexcept {
        Payload part{*this};
        part.begin_ += static_cast<std::uint32_t>(std::min<std::size_t>(offset, size_));
        part.size_ = static_cast<std::uint32_t>(std::min(size, size_ - std::min<std::size_t>(offset, size_)));
        return part;
    }
    [[nodiscard]] Payload from(std::size_t offset) const noexcept { return slice(offset, size_); }
    friend bool operator==(const Payload& a, const Payload& b) noexcept {
        return std::equal(a.span().begin(), a.span().end(), b.span().begin(), b.span().end());
    }

  private:
    struct Block {
        std::uint32_t users = 1;
        std::unique_ptr<std::byte[]> bytes;
    };
    [[nodiscard]] static Payload uninitialised(std::size_t size) {
        Payload made;
        if (size == 0) return made;
        made.block_ = new Block{1, std::unique_ptr<std::byte[]>{new std::byte[size]}};
        made.size_ = static_cast<std::uint32_t>(size);
        return made;
    }

    Block* block_ = nullptr;
    std::uint32_t begin_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace synscope::sim
