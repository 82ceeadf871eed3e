#include "sim/core/codel.hpp"

#include <cmath>

namespace synscope::sim {

CoDel::Decision CoDel::leaves(Instant now, const Leaving& packet) noexcept {
    const bool may = may_drop(now, packet);
    if (behind_ == Behind::FirstDrop) {
        behind_ = Behind::Nothing;
        return Decision::Deliver;
    }
    if (dropping_) return while_dropping(now, packet, may);
    if (!may) return Decision::Deliver;
    enter_dropping(now);
    if (options_.ecn && packet.ecn_capable) return Decision::Mark;
    behind_ = Behind::FirstDrop;
    return Decision::Drop;
}

CoDel::Decision CoDel::while_dropping(Instant now, const Leaving& packet, bool may) noexcept {
    if (behind_ == Behind::LaterDrop && may) drop_next_ = control_law(drop_next_);
    behind_ = Behind::Nothing;
    if (!may) dropping_ = false;
    if (!dropping_ || now < drop_next_) return Decision::Deliver;
    ++count_;
    if (options_.ecn && packet.ecn_capable) {
        drop_next_ = control_law(drop_next_);
        return Decision::Mark;
    }
    behind_ = Behind::LaterDrop;
    return Decision::Drop;
}

void CoDel::empty() noexcept {
    above_ = false;
    dropping_ = false;
    behind_ = Behind::Nothing;
}

bool CoDel::may_drop(Instant now, const Leaving& packet) noexcept {
    if (packet.sojourn < options_.target || packet.bytes_behind <= options_.largest_packet) {
        above_ = false;
        return false;
    }
    if (above_) return now >= first_above_;
    above_ = true;
    first_above_ = now + options_.interval;
    return false;
}

void CoDel::enter_dropping(Instant now) noexcept {
    dropping_ = true;
    // Not long out of the dropping state: what controlled the queue then is a good start now (section 5.5; 16
    // intervals as in Linux).
    const std::uint32_t drops = count_ - last_count_;
    count_ = drops > 1 && now - drop_next_ < options_.interval * 16 ? drops : 1;
    drop_next_ = control_law(now);
    last_count_ = count_;
}

Instant CoDel::control_law(Instant from) const noexcept {
    // IEEE 754 rounds square roots and quotients exactly: the same on every platform.
    const double step = static_cast<double>(options_.interval.ns) / std::sqrt(static_cast<double>(count_));
    return from + Duration{static_cast<std::int64_t>(step)};
}

}  // namespace synscope::sim
