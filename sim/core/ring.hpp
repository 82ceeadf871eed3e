#pragma once
// A queue in one block of memory that is used again and again: the place of std::deque, which takes and gives
// back memory as it moves. Pushes and pops at both ends, indexes from the front. Grows by doubling, never
// shrinks. What was moved from may only be destroyed or assigned to. Thread rule: values.

#include <cassert>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace synscope::sim {

template <class T>
class Ring {
  public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The i-th from the front.
    [[nodiscard]] T& operator[](std::size_t i) noexcept {
        assert(i < size_);
        return slots_[(first_ + i) & mask_];
    }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept {
        assert(i < size_);
        return slots_[(first_ + i) & mask_];
    }
    [[nodiscard]] T& front() noexcept { return (*this)[0]; }
    [[nodiscard]] const T& front() const noexcept { return (*this)[0]; }
    [[nodiscard]] T& back() noexcept { return (*this)[size_ - 1]; }
    [[nodiscard]] const T& back() const noexcept { return (*this)[size_ - 1]; }

    /// `value` must not lie in this queue.
    template <class U = T>
    T& push_back(U&& value) {
        if (size_ == capacity()) grow();
        ++size_;
        return back() = std::forward<U>(value);
    }
    void pop_front() noexcept {
        release(front());
        first_ = (first_ + 1) & mask_;
        --size_;
    }
    void pop_back() noexcept {
        release(back());
        --size_;
    }
    /// Front out; what it holds is moved from.
    [[nodiscard]] T take_front() noexcept {
        T value = std::move(front());
        first_ = (first_ + 1) & mask_;
        --size_;
        return value;
    }
    /// What lies at `at` and behind it moves one place back: cheap near the back.
    void insert(std::size_t at, T value) {
        push_back(T{});
        for (std::size_t i = size_ - 1; i > at; --i)
            (*this)[i] = std::move((*this)[i - 1]);
        (*this)[at] = std::move(value);
    }
    void erase(std::size_t at) noexcept {
        for (std::size_t i = at; i + 1 < size_; ++i)
            (*this)[i] = std::move((*this)[i + 1]);
        pop_back();
    }
    void clear() noexcept {
        while (!empty())
            pop_front();
    }

  private:
    /// A slot that holds nothing keeps nothing alive.
    static void release(T& slot) noexcept {
        if constexpr (!std::is_trivially_destructible_v<T>) slot = T{};
    }
    void grow() {
        std::vector<T> wider(slots_.empty() ? 8 : slots_.size() * 2);
        for (std::size_t i = 0; i < size_; ++i)
            wider[i] = std::move((*this)[i]);
        slots_ = std::move(wider);
        mask_ = slots_.size() - 1;
        first_ = 0;
    }

    [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

    std::vector<T> slots_;  ///< a power of two of them
    std::size_t mask_ =
        static_cast<std::size_t>(-1);  ///< their number less one, at hand: not worked out with every access
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace synscope::sim
