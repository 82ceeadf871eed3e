#pragma once
// A queue in one block that grows and never shrinks: push at the back, pop at the front, index from the
// front. No allocation once it has its size. Thread rule: one thread per simulation.

#include <cstddef>
#include <utility>
#include <vector>

namespace synscope::sim::tcp {

template <class T>
class Ring {
  public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return slots_[(head_ + i) & mask()]; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return slots_[(head_ + i) & mask()]; }
    [[nodiscard]] T& front() noexcept { return (*this)[0]; }
    [[nodiscard]] const T& front() const noexcept { return (*this)[0]; }
    [[nodiscard]] T& back() noexcept { return (*this)[size_ - 1]; }
    [[nodiscard]] const T& back() const noexcept { return (*this)[size_ - 1]; }

    T& push_back(T value) {
        if (size_ == slots_.size()) grow();
        ++size_;
        back() = std::move(value);
        return back();
    }
    void pop_front() noexcept {
        front() = T{};
        head_ = (head_ + 1) & mask();
        --size_;
    }
    void pop_back() noexcept {
        back() = T{};
        --size_;
    }
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
    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }
    void grow() {
        std::vector<T> larger(slots_.empty() ? 8 : slots_.size() * 2);
        for (std::size_t i = 0; i < size_; ++i)
            larger[i] = std::move((*this)[i]);
        slots_ = std::move(larger);
        head_ = 0;
    }

    std::vector<T> slots_;  ///< a power of two
    std::size_t head_ = 0;
    std::size_t size_ = 0;
};

}  // namespace synscope::sim::tcp
