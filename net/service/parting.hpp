#pragma once
// The last words to a peer that may still be sending. To close while more is on its way would make the kernel
// answer it with a reset, and the reset could overtake what was said last (RFC 9112 section 9.6). So our side
// is closed first, and what comes until the peer closes its own is dropped. Thread rule: values.

#include "net/service/effects.hpp"

namespace synscope::service {

class Parting {
  public:
    static constexpr std::uint64_t kMostDropped = std::uint64_t{1} << 20;

    void begin(Effects& effects) {
        begun_ = true;
        effects.add(HalfClose{});
    }
    [[nodiscard]] bool begun() const noexcept { return begun_; }
    /// Something more has come.
    void drop(std::size_t bytes, Effects& effects) {
        dropped_ += bytes;
        if (begun_ && dropped_ > kMostDropped) effects.add(Close{});
    }

  private:
    bool begun_ = false;
    std::uint64_t dropped_ = 0;
};

}  // namespace synscope::service
