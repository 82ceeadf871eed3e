#include "ui/app/live_trace.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "capture/source/file.hpp"
#include "capture/trace/safe_file.hpp"
#include "net/base/text.hpp"
#include "ui/render/session_notice.hpp"

namespace synscope::app {

LiveTrace::LiveTrace() : finished_(true) {}

LiveTrace::LiveTrace(int fd) {
    if (pipe2(stop_, O_CLOEXEC) != 0)
        stop_[0] = stop_[1] = -1;  // then the destructor waits for the stream's end
    reader_ = std::thread{[this, fd] { read_stream(fd); }};
}

LiveTrace::LiveTrace(std::vector<std::string> paths) {
    const bool standard_input = std::find(paths.begin(), paths.end(), "-") != paths.end();
    if (standard_input) relay_standard_input();
    reader_ =
        std::thread{[this, paths = std::move(paths), standard_input] { read_files(paths, standard_input); }};
}

/// A thread that waits in read() for standard input could not be woken when the window closes. So standard
/// input becomes a pipe of ours, which a relay fills and can end at any time.
void LiveTrace::relay_standard_input() {
    int ends[2];
    const int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (input < 0 || pipe2(ends, O_CLOEXEC) != 0 || pipe2(stop_, O_CLOEXEC) != 0)
        return;  // then it reads the real one
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    relay_ = std::thread{[this, input, output = ends[1]] { relay(input, output, false); }};
}

bool LiveTrace::stopping(int wait_ms) const {
    pollfd stop{stop_[0], POLLIN, 0};
    return poll(&stop, 1, wait_ms) > 0;
}

/// A file is looked at again and again: nobody is told of a file that grows, on every file system.
void LiveTrace::relay(int input, int output, bool grows) {
    constexpr int kLookAgain_ms = 100;
    std::array<char, 65536> buffer;
    off_t at = 0;
    for (;;) {
        if (grows) {
            if (stopping(0)) break;
        } else {
            std::array<pollfd, 2> polled{{{input, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
            if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
            if (polled[1].revents != 0) break;
            if (polled[0].revents == 0) continue;
        }
        const ssize_t n = read(input, buffer.data(), buffer.size());
        if (n == 0 && grows) {
            struct stat about {};
            if (fstat(input, &about) != 0 || about.st_size < at || stopping(kLookAgain_ms)) break;
            continue;
        }
        if (n <= 0) break;
        at += n;
        if (!trace::write_all(output, std::string_view{buffer.data(), static_cast<std::size_t>(n)})) break;
    }
    close(input);
    close(output);
}

LiveTrace::LiveTrace(const Growing& file) {
    int ends[2];
    const int input = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (input < 0 || pipe2(ends, O_CLOEXEC) != 0 || pipe2(stop_, O_CLOEXEC) != 0) {
        end(UserError{concat("cannot open the capture: ", std::strerror(errno)), file.path, ""}, {});
        return;
    }
    relay_ = std::thread{[this, input, output = ends[1]] { relay(input, output, true); }};
    reader_ = std::thread{[this, input_end = ends[0], name = file.path] {
        auto report = source::load_feed(source::feed_from_descriptor(input_end, name), name, store_);
        end(report ? report->damage : std::optional<UserError>{report.error()},
            report ? report->session : trace::SessionSummary{});
    }};
}

LiveTrace::~LiveTrace() {
    if (stop_[1] >= 0) close(stop_[1]);
    if (relay_.joinable()) relay_.join();
    if (reader_.joinable()) reader_.join();
    if (stop_[0] >= 0) close(stop_[0]);
}

std::optional<UserError> LiveTrace::error() const {
    const std::lock_guard lock{error_guard_};
    return error_;
}

std::string LiveTrace::notice() const {
    const std::lock_guard lock{error_guard_};
    return notice_;
}

void LiveTrace::wait() {
    if (reader_.joinable()) reader_.join();
}

void LiveTrace::wait_for_first() const {
    while (!finished() && store_.packet_count() == 0)
        poll(nullptr, 0, 1);
}

void LiveTrace::end(std::optional<UserError> error, const trace::SessionSummary& session) {
    {
        const std::lock_guard lock{error_guard_};
        error_ = std::move(error);
        for (const std::string& sentence : render::session_notices(session))
            notice_ += notice_.empty() ? sentence : ' ' + sentence;
    }
    finished_.store(true, std::memory_order_release);
}

void LiveTrace::read_files(const std::vector<std::string>& paths, bool standard_input) {
    auto report = source::load_captures(paths, store_);
    // Nobody reads standard input any more: a relay that is still writing learns it.
    if (standard_input) {
        if (const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC); nothing >= 0) {
            dup2(nothing, STDIN_FILENO);
            close(nothing);
        }
    }
    end(report ? report->damage : std::optional<UserError>{report.error()},
        report ? report->session : trace::SessionSummary{});
}

void LiveTrace::read_stream(int fd) {
    trace::SessionDecoder decoder{store_};
    std::array<std::byte, 65536> buffer;
    Result<void, UserError> step;
    while (step) {
        std::array<pollfd, 2> polled{{{fd, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
        if (poll(polled.data(), stop_[0] >= 0 ? 2 : 1, -1) < 0 && errno != EINTR) break;
        if (polled[1].revents != 0) break;
        if (polled[0].revents == 0) continue;
        const ssize_t n = read(fd, buffer.data(), buffer.size());
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) step = failure(UserError{std::strerror(errno), "the stream of packets", ""});
        if (n == 0) step = decoder.finish();
        if (n <= 0) break;
        step = decoder.feed({buffer.data(), static_cast<std::size_t>(n)});
    }
    close(fd);
    end(step ? std::nullopt : std::optional<UserError>{step.error()}, decoder.summary());
}

}  // namespace synscope::app
