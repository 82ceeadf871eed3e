#pragma once
// A queue in one block of memory that is used again and again: the place of std::deque, which takes and gives
// back memory as it moves. Grows by doubling, never shrinks. Thread rule: values.

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace synscope::sim {

template <class T>
class Ring {
  public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] T& front() noexcept {
        assert(size_ != 0);
        return slots_[first_];
    }
    [[nodiscard]] const T& front() const noexcept {
        assert(size_ != 0);
        return slots_[first_];
    }
    /// The i-th from the front.
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept {
        assert(i < size_);
        return slots_[(first_ + i) & (slots_.size() - 1)];
    }
    void push_back(T value) {
        if (size_ == slots_.size()) grow();
        slots_[(first_ + size_++) & (slots_.size() - 1)] = std::move(value);
    }
    void pop_front() noexcept {
        assert(size_ != 0);
        first_ = (first_ + 1) & (slots_.size() - 1);
        --size_;
    }
    /// Front out; what it holds is moved from.
    [[nodiscard]] T take_front() noexcept {
        T value = std::move(front());
        pop_front();
        return value;
    }
    void clear() noexcept { size_ = 0; }

  private:
    void grow() {
        std::vector<T> wider(slots_.empty() ? 8 : slots_.size() * 2);
        for (std::size_t i = 0; i < size_; ++i)
            wider[i] = std::move(slots_[(first_ + i) & (slots_.size() - 1)]);
        slots_ = std::move(wider);
        first_ = 0;
    }

    std::vector<T> slots_;  ///< a power of two of them
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace synscope::sim
