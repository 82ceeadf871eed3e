#include "net/engine/stop.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace synscope::engine {

Result<std::unique_ptr<StopSignal>, OsError> StopSignal::create() {
    std::unique_ptr<StopSignal> stop{new StopSignal};
    stop->request_fd_ = UniqueFd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    stop->force_fd_ = UniqueFd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!stop->request_fd_ || !stop->force_fd_) return failure(OsError{"eventfd", errno, "stop"});
    return stop;
}

Result<std::unique_ptr<StopSignal>, OsError> StopSignal::create_following(int stop_fd, Duration grace) {
    std::unique_ptr<StopSignal> stop{new StopSignal};
    stop->request_fd_ = UniqueFd{stop_fd >= 0 ? ::fcntl(stop_fd, F_DUPFD_CLOEXEC, 0)
                                              : ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    stop->force_fd_ = UniqueFd{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
    if (!stop->request_fd_ || !stop->force_fd_) return failure(OsError{"timerfd_create", errno, "stop"});
    stop->grace_ = grace;
    return stop;
}

void StopSignal::look(Calls& calls) {
    std::array<pollfd, 2> fds{{{fd(), POLLIN, 0}, {force_fd(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), 0) <= 0) return;
    if (fds[0].revents != 0) request(calls);
    if (fds[1].revents != 0) force(calls);
}

/// Readable after `grace`; at once when there is none (a timer of 0 would never go off).
void StopSignal::start_timer(Duration grace) const {
    const std::int64_t ns = std::max<std::int64_t>(grace.ns, 1);
    const itimerspec once{{}, {ns / 1'000'000'000, ns % 1'000'000'000}};
    ::timerfd_settime(force_fd_.get(), 0, &once, nullptr);
}

void StopSignal::request(Calls& calls) {
    const std::lock_guard lock{mutex_};
    if (requested_.exchange(true, std::memory_order_acq_rel)) return;
    if (grace_)
        start_timer(*grace_);
    else
        make_readable(request_fd_);
    for (const Waiting& w : waiting_)
        calls.interrupt(w.fd, w.id, SHUT_RD);
}

void StopSignal::force(Calls& calls) {
    request(calls);
    const std::lock_guard lock{mutex_};
    if (forced_.exchange(true, std::memory_order_acq_rel)) return;
    if (!grace_) make_readable(force_fd_);
    for (const Waiting& w : waiting_)
        if (!w.listener) calls.interrupt(w.fd, w.id, SHUT_RDWR);
}

// What a signal handler may touch: lock-free atomics, and shutdown().
namespace {

struct Slot {
    std::atomic<int> fd{-1};
    std::atomic<bool> listener{false};
};
std::array<Slot, 2> slots;  ///< a listener, and the connection of the moment
std::atomic<StopSignal*> hearing{nullptr};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<StopSignal*>::is_always_lock_free);

}  // namespace

void StopSignal::heard(int signal) {
    const int error = errno;
    StopSignal& stop = *hearing.load();
    const bool force = signal == kStopForced;
    stop.requested_.store(true);
    if (force) stop.forced_.store(true);
    for (const Slot& slot : slots)
        if (const int fd = slot.fd.load(); fd >= 0)
            ::shutdown(fd, force && !slot.listener.load() ? SHUT_RDWR : SHUT_RD);
    errno = error;
}

void StopSignal::hear_by_signals() {
    hearing.store(this);
    by_signals_ = true;
    struct sigaction action {};
    action.sa_handler = heard;  // without SA_RESTART, though what sleeps is woken by the shutdown anyhow
    ::sigaction(kStopRequested, &action, nullptr);
    ::sigaction(kStopForced, &action, nullptr);
}

StopSignal::Interruptible::Interruptible(StopSignal& stop, Calls& calls, const Socket& socket)
    : stop_(stop), fd_(socket.fd.get()) {
    const bool listener = socket.listening;
    if (stop.by_signals_) {
        for (slot_ = 0; slots.at(static_cast<std::size_t>(slot_)).fd.load() >= 0;)
            ++slot_;
        Slot& slot = slots.at(static_cast<std::size_t>(slot_));
        slot.listener.store(listener);
        slot.fd.store(fd_);
        // A signal from here on finds the slot; one before it is seen here.
        if (stop.requested()) ::shutdown(fd_, stop.forced() && !listener ? SHUT_RDWR : SHUT_RD);
        return;
    }
    const std::lock_guard lock{stop_.mutex_};
    stop_.waiting_.push_back({fd_, socket.id, listener});
    if (stop_.forced() && !listener)
        calls.interrupt(fd_, socket.id, SHUT_RDWR);
    else if (stop_.requested())
        calls.interrupt(fd_, socket.id, SHUT_RD);
}

StopSignal::Interruptible::~Interruptible() {
    if (slot_ >= 0) {
        slots.at(static_cast<std::size_t>(slot_)).fd.store(-1);
        return;
    }
    const std::lock_guard lock{stop_.mutex_};
    std::erase_if(stop_.waiting_, [this](const Waiting& w) { return w.fd == fd_; });
}

}  // namespace synscope::engine
