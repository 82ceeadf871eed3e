#include "sim/packetdrill/turns.hpp"

namespace synscope::packetdrill {

void Turns::sleep(Lock& lock, std::optional<Instant> until) {
    sleeper_ = Sleeper::Sleeping;
    sleeper_thread_ = std::this_thread::get_id();
    wake_at_ = until;
    changed_.notify_all();
    changed_.wait(lock, [this] { return sleeper_ == Sleeper::Looking; });
}

void Turns::leave() noexcept {
    if (sleeper_ != Sleeper::Looking || std::this_thread::get_id() != sleeper_thread_) return;
    sleeper_ = Sleeper::Returning;
    wake_at_.reset();
}

bool Turns::clock_read() noexcept {
    if (sleeper_ != Sleeper::Returning || std::this_thread::get_id() != sleeper_thread_) return false;
    sleeper_ = Sleeper::None;
    changed_.notify_all();
    return true;
}

void Turns::settle(Lock& lock) {
    if (sleeper_ != Sleeper::Sleeping) return;
    sleeper_ = Sleeper::Looking;
    changed_.notify_all();
    changed_.wait(lock, [this] { return sleeper_ == Sleeper::None || sleeper_ == Sleeper::Sleeping; });
}

}  // namespace synscope::packetdrill
