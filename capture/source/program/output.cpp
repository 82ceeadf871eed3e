#include "capture/source/program/output.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace synscope::source {
namespace {

constexpr Duration kForever = Duration::seconds(3600);
constexpr Duration kReaderPatience = Duration::seconds(2);

Instant read_clock(clockid_t clock) noexcept {
    timespec t{};
    ::clock_gettime(clock, &t);
    return Instant{std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec};
}

/// poll(2)'s timeout, rounded up so that a deadline has passed when it wakes us.
int milliseconds(Duration d) {
    return static_cast<int>(std::clamp<std::int64_t>((d.ns + 999'999) / 1'000'000, 0, INT_MAX));
}

}  // namespace

Instant monotonic_now() noexcept {
    return read_clock(CLOCK_MONOTONIC);
}
Instant wall_now() noexcept {
    return read_clock(CLOCK_REALTIME);
}

Attention::Attention(Descriptors descriptors, std::optional<Instant> until)
    : descriptors_(descriptors), until_(until) {
    struct stat about {};
    regular_file_ = ::fstat(descriptors_.output, &about) == 0 && S_ISREG(about.st_mode);
}

void Attention::request_stop() noexcept {
    if (stop_ == StopReason::None) stop_ = StopReason::Requested;
}

Duration Attention::bounded(Duration timeout) {
    if (!until_ || stop_ != StopReason::None) return timeout;
    return std::clamp(*until_ - monotonic_now(), Duration{}, timeout);
}

void Attention::hear(short signals, short control, short output) noexcept {
    if (signals != 0 || control != 0 || (until_ && monotonic_now() >= *until_)) request_stop();
    if ((output & (POLLERR | POLLHUP | POLLNVAL)) != 0) stop_ = StopReason::ReaderGone;
}

Result<void, OsError> Attention::wait(int packets, Duration timeout) {
    // What was heard once is not listened to again: a pending signal would end every later wait at once.
    const bool listen = stop_ == StopReason::None;
    std::array<pollfd, 4> polled{{{packets, POLLIN, 0},
                                  {listen ? descriptors_.signals : -1, POLLIN, 0},
                                  {listen ? descriptors_.control.value_or(-1) : -1, POLLIN, 0},
                                  {regular_file_ ? -1 : descriptors_.output, 0, 0}}};
    if (::poll(polled.data(), polled.size(), milliseconds(bounded(timeout))) < 0) {
        if (errno == EINTR) return {};
        return failure(OsError{"poll", errno, ""});
    }
    hear(polled[1].revents, polled[2].revents, polled[3].revents);
    return {};
}

Result<void, OsError> Attention::write_all(ByteSpan bytes) {
    while (!bytes.empty() && stop_ != StopReason::ReaderGone) {
        // A pipe that polls writable takes PIPE_BUF bytes without blocking. Making it non-blocking instead
        // would change it for everybody who shares it.
        std::size_t piece = bytes.size();
        if (!regular_file_) {
            piece = std::min<std::size_t>(piece, PIPE_BUF);
            const bool listen = stop_ == StopReason::None;
            std::array<pollfd, 3> polled{{{descriptors_.output, POLLOUT, 0},
                                          {listen ? descriptors_.signals : -1, POLLIN, 0},
                                          {listen ? descriptors_.control.value_or(-1) : -1, POLLIN, 0}}};
            const Duration patience = listen ? bounded(kForever) : kReaderPatience;
            const int ready = ::poll(polled.data(), polled.size(), milliseconds(patience));
            if (ready < 0 && errno != EINTR) return failure(OsError{"poll", errno, ""});
            if (ready == 0 && !listen) return failure(OsError{"write", ETIMEDOUT, "nobody takes the stream"});
            if (ready >= 0) hear(polled[1].revents, polled[2].revents, polled[0].revents);
            if (ready <= 0 || (polled[0].revents & POLLOUT) == 0) continue;
        }
        const ssize_t written = ::write(descriptors_.output, bytes.data(), piece);
        if (written >= 0)
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        else if (errno == EPIPE || errno == ECONNRESET)
            stop_ = StopReason::ReaderGone;
        else if (errno != EINTR && errno != EAGAIN)
            return failure(OsError{"write", errno, "the stream"});
    }
    return {};
}

}  // namespace synscope::source
