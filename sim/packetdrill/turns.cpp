#include "sim/packetdrill/turns.hpp"

#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>

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
    finishing_ = ::gettid();
    changed_.notify_all();
    return true;
}

namespace {

/// As packetdrill itself looks: "S" in /proc is a thread that waits.
bool runs(int thread) {
    std::ifstream file{"/proc/self/task/" + std::to_string(thread) + "/stat"};
    std::string text;
    std::getline(file, text);
    const std::size_t name_end = text.rfind(')');
    return name_end != std::string::npos && text.compare(name_end, 3, ") R") == 0;
}

}  // namespace

void Turns::let_finish() {
    std::optional<int> thread;
    {
        const Lock held = lock();
        thread = std::exchange(finishing_, std::nullopt);
    }
    if (!thread || *thread == ::gettid()) return;
    while (runs(*thread))
        std::this_thread::yield();
}

void Turns::settle(Lock& lock) {
    if (sleeper_ != Sleeper::Sleeping) return;
    sleeper_ = Sleeper::Looking;
    changed_.notify_all();
    changed_.wait(lock, [this] { return sleeper_ == Sleeper::None || sleeper_ == Sleeper::Sleeping; });
}

}  // namespace synscope::packetdrill
