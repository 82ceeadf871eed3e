#include "net/engine/stop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace synscope::engine {

namespace {

void make_readable(int fd) {
    const std::uint64_t one = 1;
    // An eventfd that is full is readable already.
    [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

}  // namespace

Result<std::unique_ptr<StopSignal>, OsError> StopSignal::create() {
    std::unique_ptr<StopSignal> stop{new StopSignal};
    stop->request_fd_ = UniqueFd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    stop->force_fd_ = UniqueFd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!stop->request_fd_ || !stop->force_fd_) return failure(OsError{"eventfd", errno, "stop"});
    return stop;
}

void StopSignal::request(Calls& calls) {
    const std::lock_guard lock{mutex_};
    if (requested_.exchange(true, std::memory_order_acq_rel)) return;
    make_readable(request_fd_.get());
    for (const Waiting& w : waiting_)
        calls.interrupt(w.fd, w.id, SHUT_RD);
}

void StopSignal::force(Calls& calls) {
    request(calls);
    const std::lock_guard lock{mutex_};
    if (forced_.exchange(true, std::memory_order_acq_rel)) return;
    make_readable(force_fd_.get());
    for (const Waiting& w : waiting_)
        if (!w.listener) calls.interrupt(w.fd, w.id, SHUT_RDWR);
}

StopSignal::Interruptible::Interruptible(StopSignal& stop, Calls& calls, const Socket& socket)
    : stop_(stop), fd_(socket.fd.get()) {
    const bool listener = socket.remote.address.family == 0;
    const std::lock_guard lock{stop_.mutex_};
    stop_.waiting_.push_back({fd_, socket.id, listener});
    if (stop_.forced() && !listener)
        calls.interrupt(fd_, socket.id, SHUT_RDWR);
    else if (stop_.requested())
        calls.interrupt(fd_, socket.id, SHUT_RD);
}

StopSignal::Interruptible::~Interruptible() {
    const std::lock_guard lock{stop_.mutex_};
    std::erase_if(stop_.waiting_, [this](const Waiting& w) { return w.fd == fd_; });
}

}  // namespace synscope::engine
