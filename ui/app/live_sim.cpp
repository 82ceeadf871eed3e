#include "ui/app/live_sim.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>

#include "ui/app/interrupt.hpp"

namespace synscope::app {

namespace {

constexpr std::size_t kLargestFrame = 65'536;
/// Frames taken at one instant: more wait until the simulation has dealt with these.
constexpr int kMostFrames = 64;
/// A sleep takes about that long at least; what is due sooner is waited for awake.
constexpr Duration kShortestSleep = Duration::microseconds(50);
/// Without anything to do: the clock is looked at from time to time.
constexpr Duration kLongestSleep = Duration::seconds(1);

std::int64_t monotonic_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// The signals that end a run come only while we sleep, so that none is missed between a look and a sleep.
class SignalsWhileSleeping {
  public:
    SignalsWhileSleeping() {
        sigset_t held;
        sigemptyset(&held);
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            sigaddset(&held, number);
        sigprocmask(SIG_BLOCK, &held, &before_);
    }
    SignalsWhileSleeping(const SignalsWhileSleeping&) = delete;
    SignalsWhileSleeping& operator=(const SignalsWhileSleeping&) = delete;
    ~SignalsWhileSleeping() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
    [[nodiscard]] static const sigset_t* none() {
        static const sigset_t kNone = [] {
            sigset_t set;
            sigemptyset(&set);
            return set;
        }();
        return &kNone;
    }

  private:
    sigset_t before_{};
};

}  // namespace

LiveSim::LiveSim(sim::Simulation& simulation, const LiveWire& wire)
    : simulation_(simulation), wire_(wire), begin_ns_(monotonic_ns()) {}

Instant LiveSim::now() const {
    return Instant{monotonic_ns() - begin_ns_};
}

void LiveSim::settle(Duration length) {
    simulation_.run_until(Instant{length.ns});
}

/// A frame the kernel does not take is lost, as on any wire whose receiver is busy.
void LiveSim::write_frames() {
    for (const sim::Payload& frame : simulation_.left())
        static_cast<void>(::write(wire_.tap_fd, frame.span().data(), frame.size()));
    simulation_.left().clear();
}

/// False when there was none.
Result<bool, OsError> LiveSim::read_frames() {
    std::array<std::byte, kLargestFrame> frame;
    for (int frames = 0; frames < kMostFrames; ++frames) {
        const ssize_t n = ::read(wire_.tap_fd, frame.data(), frame.size());
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return frames > 0;
        if (n <= 0) return failure(OsError{"read", n < 0 ? errno : ENODEV, "the TAP device"});
        simulation_.inject({frame.data(), static_cast<std::size_t>(n)});
    }
    return true;
}

/// Until there is something to do, not at all when `busy`; true when the other process has ended.
Result<bool, OsError> LiveSim::wait(bool busy) {
    Duration length = kLongestSleep;
    if (const auto next = simulation_.next_time()) length = std::min(length, *next - now());
    if (busy || length < kShortestSleep) length = Duration{};
    const timespec timeout{length.ns / 1'000'000'000, length.ns % 1'000'000'000};
    std::array<pollfd, 2> polled{{{wire_.tap_fd, POLLIN, 0}, {wire_.ended_fd, POLLIN, 0}}};
    if (ppoll(polled.data(), polled.size(), &timeout, SignalsWhileSleeping::none()) < 0) {
        if (errno == EINTR) return false;
        return failure(OsError{"ppoll", errno, ""});
    }
    // Without this a device that is gone would be polled over and over.
    if ((polled[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return failure(OsError{"poll", ENODEV, "the TAP device"});
    return polled[1].revents != 0;
}

Result<LiveEnd, OsError> LiveSim::run() {
    const SignalsWhileSleeping signals;
    for (bool ended = false;;) {
        const bool goes_on = simulation_.run_until(now());
        write_frames();
        if (!goes_on) return LiveEnd::Limit;
        if (ended) return LiveEnd::OtherEnded;
        if (wire_.stops_when_interrupted && interrupted()) return LiveEnd::Interrupted;
        const auto busy = read_frames();
        if (!busy) return failure(busy.error());
        const auto other_ended = wait(*busy);
        if (!other_ended) return failure(other_ended.error());
        ended = *other_ended;
    }
}

}  // namespace synscope::app
