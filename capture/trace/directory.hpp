#pragma once
// A growing array whose elements never move: one writer adds, readers look at what the writer has announced
// elsewhere.
//
// Two levels of pointers to fixed chunks, so nothing is ever copied or locked. Pointers are published with
// release and read with acquire; which elements may be read is the caller's announcement (Store::size()).
// Thread rule: one writer, many readers.

#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <memory>

namespace synscope::trace {

template <class Chunk>
class Directory {
  public:
    static constexpr std::size_t kFanOut = 1024;
    static constexpr std::size_t kCapacity = kFanOut * kFanOut;  ///< chunks

    Directory() = default;
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() {
        for (auto& entry : top_) {
            std::unique_ptr<Level> level{entry.load(std::memory_order_relaxed)};
            if (!level) continue;
            for (auto& chunk : *level)
                delete chunk.load(std::memory_order_relaxed);
        }
    }

    /// Readers: a chunk that was made before.
    [[nodiscard]] const Chunk& operator[](std::size_t index) const noexcept {
        const Level* level = top_[index / kFanOut].load(std::memory_order_acquire);
        return *(*level)[index % kFanOut].load(std::memory_order_acquire);
    }
    /// Writer: the chunk, made when it is missing.
    Chunk& ensure(std::size_t index) {
        assert(index < kCapacity);
        Level* level = top_[index / kFanOut].load(std::memory_order_relaxed);
        if (level == nullptr) {
            level = new Level{};
            top_[index / kFanOut].store(level, std::memory_order_release);
            bytes_.fetch_add(sizeof(Level), std::memory_order_relaxed);
        }
        Chunk* chunk = (*level)[index % kFanOut].load(std::memory_order_relaxed);
        if (chunk == nullptr) {
            chunk = new Chunk;
            (*level)[index % kFanOut].store(chunk, std::memory_order_release);
            bytes_.fetch_add(sizeof(Chunk), std::memory_order_relaxed);
        }
        return *chunk;
    }
    /// Memory held by chunks and pointers.
    [[nodiscard]] std::size_t bytes() const noexcept {
        return sizeof *this + bytes_.load(std::memory_order_relaxed);
    }

  private:
    using Level = std::array<std::atomic<Chunk*>, kFanOut>;
    std::array<std::atomic<Level*>, kFanOut> top_{};
    std::atomic<std::size_t> bytes_{0};
};

}  // namespace synscope::trace
