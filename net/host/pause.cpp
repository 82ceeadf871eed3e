#include "net/host/pause.hpp"

#include <poll.h>

#include <cerrno>
#include <ctime>

namespace synscope::host {

void pause_for(Duration duration, int wake_fd) {
    const std::int64_t until = engine::monotonic_ns() + duration.ns;
    for (;;) {
        const std::int64_t left = until - engine::monotonic_ns();
        if (left <= 0) return;
        const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
        pollfd wake{wake_fd, POLLIN, 0};
        // A negative descriptor is ignored by poll(2), which leaves the timeout.
        if (const int ready = ::ppoll(&wake, 1, &timeout, nullptr);
            ready > 0 || (ready < 0 && errno != EINTR))
            return;
    }
}

void be_busy(engine::Observer* observer, std::string_view reason, Duration duration, SocketId socket,
             int wake_fd) {
    if (duration.ns <= 0) return;
    if (observer == nullptr) return pause_for(duration, wake_fd);
    const TextId text = observer->intern(reason);
    const EventId began =
        observer->emit(engine::monotonic_ns(), std::nullopt, BusyBegan{text, duration, socket, true});
    pause_for(duration, wake_fd);
    observer->emit(engine::monotonic_ns(), began, BusyEnded{text});
}

}  // namespace synscope::host
