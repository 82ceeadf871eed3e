#include "net/host/deadlines.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

namespace synscope::host {

namespace {

/// Started with every signal blocked: an engine's signals are for the engine's thread.
std::thread start_without_signals(auto&& work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread out;
    try {
        out = std::thread{std::forward<decltype(work)>(work)};
    } catch (const std::system_error&) {
        // It is not joinable, and so said.
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return out;
}

}  // namespace

Deadlines::~Deadlines() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool Deadlines::set(const engine::Socket& socket, Duration time, std::string reason) {
    const std::lock_guard lock{mutex_};
    if (!thread_.joinable()) thread_ = start_without_signals([this] { run(); });
    if (!thread_.joinable()) return false;
    deadlines_[socket.id] = {socket.fd.get(), engine::monotonic_ns() + time.ns, std::move(reason)};
    changed_.notify_all();
    return true;
}

void Deadlines::clear(SocketId socket) {
    const std::lock_guard lock{mutex_};
    deadlines_.erase(socket);
}

std::map<SocketId, Deadlines::Deadline>::iterator Deadlines::next() {
    return std::min_element(deadlines_.begin(), deadlines_.end(),
                            [](const auto& a, const auto& b) { return a.second.at_ns < b.second.at_ns; });
}

/// Under the lock, so that the socket cannot be closed meanwhile, and its descriptor become another's.
void Deadlines::expire(std::map<SocketId, Deadline>::iterator late) {
    calls_.interrupt(late->second.fd, late->first, SHUT_RD);
    if (engine::Observer* observer = calls_.observer(); observer != nullptr)
        observer->emit(engine::monotonic_ns(), std::nullopt,
                       Note{Severity::Warning, observer->intern(late->second.reason)});
    deadlines_.erase(late);
}

void Deadlines::run() {
    std::unique_lock lock{mutex_};
    while (!ending_) {
        const auto earliest = next();
        if (earliest == deadlines_.end()) {
            changed_.wait(lock);
            continue;
        }
        const std::int64_t left_ns = earliest->second.at_ns - engine::monotonic_ns();
        if (left_ns <= 0)
            expire(earliest);
        else
            changed_.wait_for(lock, std::chrono::nanoseconds{left_ns});
    }
}

}  // namespace synscope::host
