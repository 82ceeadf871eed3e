#pragma once
// Who runs when: packetdrill's main thread, and the one that makes blocking calls. Virtual time moves on the
// main thread only. A call that blocks sleeps here until the main thread has changed something; then it looks
// again while the main thread waits, so that not a microsecond passes between what wakes a call and its
// return: packetdrill reads the clock right after the return, and that reading gives the turn back. Thread
// rule: every function is called with the lock held.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "net/base/instant.hpp"

namespace synscope::packetdrill {

class Turns {
  public:
    using Lock = std::unique_lock<std::mutex>;

    [[nodiscard]] Lock lock() { return Lock{mutex_}; }
    [[nodiscard]] bool on_main_thread() const noexcept { return std::this_thread::get_id() == main_; }

    // ---- the thread of blocking calls
    /// Returns when there may be something new, or when the time it may sleep to has come.
    void sleep(Lock& lock, std::optional<Instant> until);
    /// The call that slept is about to return.
    void leave() noexcept;
    /// The clock is read. True when that gave the turn back: the time must stand still for this reading.
    bool clock_read() noexcept;

    // ---- the main thread
    /// The call that slept has returned: waits, in real time, until its thread has told packetdrill so and is
    /// idle. Without the lock, and when packetdrill has let go of its own.
    void let_finish();
    /// Lets a sleeping call look whether it can return, and waits until it sleeps again or has returned.
    void settle(Lock& lock);
    /// When the sleeping call wants to be woken at the latest.
    [[nodiscard]] std::optional<Instant> wake_at() const noexcept { return wake_at_; }

  private:
    enum class Sleeper { None, Sleeping, Looking, Returning };

    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread::id main_ = std::this_thread::get_id();
    std::thread::id sleeper_thread_;
    Sleeper sleeper_ = Sleeper::None;
    std::optional<Instant> wake_at_;
    std::optional<int> finishing_;  ///< the kernel's number of the thread that is about to be idle
};

}  // namespace synscope::packetdrill
