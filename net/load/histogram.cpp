#include "net/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace synscope::load {

namespace {

// 1024 slots between a power of two and the next: a slot is at most 1/1024 of its values wide. Values below
// 2048 have a slot each.
constexpr int kSlotBits = 10;
constexpr std::uint64_t kExact = std::uint64_t{2} << kSlotBits;
constexpr std::int64_t kMost = std::int64_t{86'400} * 1'000'000'000;

constexpr std::size_t slot_of(std::uint64_t value) noexcept {
    if (value < kExact) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - (kSlotBits + 1);
    return (static_cast<std::size_t>(shift) << kSlotBits) + (value >> shift);
}

constexpr std::int64_t greatest_in(std::size_t slot) noexcept {
    if (slot < kExact) return static_cast<std::int64_t>(slot);
    const std::size_t shift = (slot >> kSlotBits) - 1;
    const std::uint64_t top = slot - (shift << kSlotBits);
    return static_cast<std::int64_t>(((top + 1) << shift) - 1);
}

}  // namespace

Histogram::Histogram() : counts_(slot_of(static_cast<std::uint64_t>(kMost)) + 1) {}

void Histogram::add(std::int64_t value_ns) noexcept {
    const std::int64_t value = std::clamp<std::int64_t>(value_ns, 0, kMost);
    ++counts_[slot_of(static_cast<std::uint64_t>(value))];
    least_ = count_ == 0 ? value : std::min(least_, value);
    most_ = std::max(most_, value);
    sum_ += static_cast<double>(value);
    ++count_;
}

void Histogram::merge(const Histogram& other) {
    if (other.count_ == 0) return;
    for (std::size_t i = 0; i < counts_.size(); ++i)
        counts_[i] += other.counts_[i];
    least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
    most_ = std::max(most_, other.most_);
    sum_ += other.sum_;
    count_ += other.count_;
}

void Histogram::clear() noexcept {
    std::fill(counts_.begin(), counts_.end(), 0);
    count_ = 0;
    least_ = most_ = 0;
    sum_ = 0;
}

double Histogram::mean_ns() const noexcept {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::int64_t Histogram::percentile_ns(double percent) const noexcept {
    if (count_ == 0) return 0;
    // 99.9 % of 1000 values are 999 of them, whatever the last binary digit of 99.9 says.
    const double share = std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(count_);
    const auto wanted = static_cast<std::uint64_t>(std::max(1.0, std::ceil(share - 1e-6)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= wanted) return std::clamp(greatest_in(i), least_, most_);
    }
    return most_;
}

std::vector<Histogram::Slot> Histogram::slots() const {
    std::vector<Slot> out;
    for (std::size_t i = 0; i < counts_.size(); ++i)
        if (counts_[i] > 0) out.push_back({std::min(greatest_in(i), most_), counts_[i]});
    return out;
}

}  // namespace synscope::load
