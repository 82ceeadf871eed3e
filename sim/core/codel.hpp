#pragma once
// CoDel, controlled delay: when a packet that leaves a queue is to be dropped because packets have been
// waiting too long (RFC 8289 section 5). The queue itself is somebody else's: each packet that leaves it is
// told to the controller, which answers. Thread rule: values.

#include <cstdint>

#include "net/base/instant.hpp"

namespace synscope::sim {

struct CoDelOptions {
    Duration target = Duration::milliseconds(5);      ///< RFC 8289 section 4.3
    Duration interval = Duration::milliseconds(100);  ///< section 4.2
    std::uint32_t largest_packet = 1514;  ///< bytes; a queue of no more than one is never too long
    bool ecn = false;  ///< mark packets of an ECN-capable transport (RFC 3168) instead of dropping them
    friend bool operator==(const CoDelOptions&, const CoDelOptions&) = default;
};

class CoDel {
  public:
    explicit CoDel(CoDelOptions options = {}) noexcept : options_(options) {}

    enum class Decision : std::uint8_t { Deliver, Drop, Mark };
    struct Leaving {
        Duration sojourn{};              ///< how long it waited
        std::uint64_t bytes_behind = 0;  ///< that stay in the queue
        bool ecn_capable = false;
    };
    /// A packet leaves the queue. After Drop the next one is told at the same instant, until one is not
    /// dropped or empty() says that there is none.
    [[nodiscard]] Decision leaves(Instant now, const Leaving& packet) noexcept;
    void empty() noexcept;

    [[nodiscard]] bool dropping() const noexcept { return dropping_; }
    /// Drops since it entered the dropping state.
    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

  private:
    /// What the packet that leaves next stands behind.
    enum class Behind : std::uint8_t { Nothing, FirstDrop, LaterDrop };
    [[nodiscard]] bool may_drop(Instant now, const Leaving& packet) noexcept;
    [[nodiscard]] Instant control_law(Instant from) const noexcept;
    [[nodiscard]] Decision while_dropping(Instant now, const Leaving& packet, bool may) noexcept;
    void enter_dropping(Instant now) noexcept;

    CoDelOptions options_;
    Instant first_above_{};
    bool above_ = false;  ///< first_above_ means something
    Instant drop_next_{};
    std::uint32_t count_ = 0;
    std::uint32_t last_count_ = 0;
    bool dropping_ = false;
    Behind behind_ = Behind::Nothing;
};

}  // namespace synscope::sim
