// synscope-capture: packets of one interface as a pcapng stream. The one program of Synscope that may hold a
// capability; see docs/ARCHITECTURE.md. It neither dissects nor interprets what it captures.

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "capture/source/live.hpp"
#include "capture/source/program/options.hpp"
#include "capture/source/program/output.hpp"
#include "capture/source/program/sandbox.hpp"
#include "capture/source/program/stream.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr std::string_view kProgram = "synscope-capture";
constexpr std::size_t kBatch = 4096;
constexpr Duration kCountersEvery = Duration::seconds(1);
constexpr int kPipeBytes = 1 << 20;

/// Straight to the descriptor: inside the sandbox stdio would ask more of the kernel than is allowed.
void write_line(std::string line) {
    line += '\n';
    (void)!::write(STDERR_FILENO, line.data(), line.size());
}

void say(const UserError& error) {
    write_line(error_line(kProgram, error));
}

UserError told(const OsError& error) {
    std::string what = concat(error.operation, " failed");
    if (error.error != 0) append(what, concat(": ", std::string_view(std::strerror(error.error))));
    return {std::move(what), error.detail, ""};
}

/// The capture loop, from "armed" to the statistics.
class Run {
  public:
    Run(const ProgramOptions& options, LiveCapture live, InterfaceDrops drops, Attention attention)
        : live_(std::move(live)),
          drops_(std::move(drops)),
          attention_(std::move(attention)),
          stream_(options.live, live_.link_type(), options.no_payload),
          limit_(options.count.value_or(std::numeric_limits<std::uint64_t>::max())),
          announced_(options.announce ? std::optional(options.live.interface) : std::nullopt) {}

    [[nodiscard]] Result<void, UserError> run();

  private:
    [[nodiscard]] Result<std::size_t, UserError> take();
    [[nodiscard]] Result<void, UserError> drain();
    [[nodiscard]] Result<void, UserError> flush();
    [[nodiscard]] Result<void, UserError> wait(Duration timeout);
    [[nodiscard]] CaptureCounters counters() const;
    void report_new_drops();
    void announce_armed() const;
    void announce_end(const CaptureCounters& total) const;

    LiveCapture live_;
    InterfaceDrops drops_;
    Attention attention_;
    CaptureStream stream_;
    std::uint64_t limit_;
    std::optional<std::string> announced_;  ///< the interface, for a person who watches
    Instant last_packet_{std::numeric_limits<std::int64_t>::min()};
    Instant next_counters_;
    CaptureCounters reported_;
};

CaptureCounters Run::counters() const {
    CaptureCounters now = live_.stats();
    now.dropped_by_interface = drops_.count().value_or(0);
    return now;
}

Result<void, UserError> Run::wait(Duration timeout) {
    auto waited = attention_.wait(live_.descriptor(), timeout);
    if (!waited) return failure(told(waited.error()));
    return {};
}

Result<void, UserError> Run::flush() {
    auto written = attention_.write_all(stream_.bytes());
    stream_.clear();
    if (!written) return failure(told(written.error()));
    return {};
}

Result<std::size_t, UserError> Run::take() {
    const auto left = static_cast<std::size_t>(std::min<std::uint64_t>(limit_ - stream_.packets(), kBatch));
    if (left == 0) return std::size_t{0};
    auto taken = live_.take(left, [this](const RawPacket& packet) {
        last_packet_ = std::max(last_packet_, packet.at);
        stream_.packet(packet);
    });
    if (auto flushed = flush(); !flushed) return failure(flushed.error());
    return taken;
}

/// What the kernel had captured when the stop was asked for still sits in its ring, the last block perhaps
/// not even handed over. Done when every accepted packet has been seen, or one from after the stop, or none
/// has come for longer than a block may wait. A slow reader may take its time: every turn delivers, or waits
/// a bounded while.
Result<void, UserError> Run::drain() {
    const Instant stopped_at = wall_now();
    const CaptureCounters at_stop = live_.stats();
    const std::uint64_t accepted = at_stop.received - at_stop.dropped_by_kernel;
    Instant last_news = monotonic_now();
    while (stream_.packets() < std::min(accepted, limit_) && last_packet_ <= stopped_at) {
        auto taken = take();
        if (!taken) return failure(taken.error());
        const Instant now = monotonic_now();
        if (*taken > 0) last_news = now;
        // A block is closed by the second tick of its timer at the latest.
        if (now - last_news > live_.latency() * 3) break;
        if (attention_.stop() == StopReason::ReaderGone) break;
        if (*taken == 0) {
            if (auto waited = wait(live_.latency()); !waited) return waited;
        }
    }
    return {};
}

/// A loss is told while it happens, not only at the end.
void Run::report_new_drops() {
    const Instant now = monotonic_now();
    if (now < next_counters_) return;
    next_counters_ = now + kCountersEvery;
    const CaptureCounters latest = counters();
    if (latest.dropped_by_kernel != reported_.dropped_by_kernel ||
        latest.dropped_by_interface != reported_.dropped_by_interface) {
        stream_.counters(wall_now(), latest);
        reported_ = latest;
    }
}

void Run::announce_armed() const {
    if (!announced_) return;
    write_line(concat("capturing on ", escaped(*announced_, Medium::Terminal), "; Ctrl-C stops"));
}

void Run::announce_end(const CaptureCounters& total) const {
    if (!announced_) return;
    std::string line =
        concat(stream_.packets(), stream_.packets() == 1 ? " packet" : " packets", " recorded");
    const std::uint64_t lost = total.dropped_by_kernel + total.dropped_by_interface;
    append(line, lost == 0 ? std::string(", none lost")
                           : concat(", ", total.dropped_by_kernel, " lost by the kernel, ",
                                    total.dropped_by_interface, " by the interface"));
    write_line(line);
}

Result<void, UserError> Run::run() {
    next_counters_ = monotonic_now() + kCountersEvery;
    stream_.begin(wall_now(), static_cast<std::uint32_t>(::getpid()));
    Result<void, UserError> step = flush();
    if (step) announce_armed();
    while (step && attention_.stop() == StopReason::None) {
        step = wait(kCountersEvery);
        if (!step || attention_.stop() != StopReason::None) break;
        auto taken = take();
        if (!taken) {
            step = failure(taken.error());
            break;
        }
        if (stream_.packets() >= limit_) attention_.request_stop();
        report_new_drops();
        step = flush();
    }
    if (step) step = drain();
    // Also after a failure (the interface went away): what was recorded deserves its statistics.
    const CaptureCounters total = counters();
    stream_.end(wall_now(), total);
    auto last = flush();
    announce_end(total);
    return step ? last : step;
}

/// The descriptors named on the command line must be there, and a terminal is no place for a binary stream.
Result<void, UserError> check_descriptors(const ProgramOptions& options) {
    for (const int fd : {options.output_fd, options.control_fd.value_or(options.output_fd)}) {
        if (::fcntl(fd, F_GETFD) < 0)
            return failure(
                UserError{"this descriptor is not open", concat(fd), "see synscope-capture --help"});
    }
    if (::isatty(options.output_fd) != 0)
        return failure(UserError{"the stream would go to a terminal",
                                 concat("descriptor ", options.output_fd), "redirect it: > capture.pcapng"});
    return {};
}

int block_signals() {
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&set, number);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

Result<void, UserError> capture(const ProgramOptions& options) {
    if (auto kept = keep_only_net_raw(); !kept) return failure(told(kept.error()));
    const int signals = block_signals();
    if (signals < 0) return failure(told({"signalfd", errno, ""}));
    auto live = LiveCapture::open(options.live);
    if (!live) return failure(live.error());
    if (auto dropped = drop_all_capabilities(); !dropped) return failure(told(dropped.error()));
    if (options.task == ProgramTask::Check) return {};

    InterfaceDrops drops = InterfaceDrops::watch(options.live.interface);
    (void)::fcntl(options.output_fd, F_SETPIPE_SZ, kPipeBytes);  // more room for bursts, where it is a pipe
    const auto until = options.duration ? std::optional(monotonic_now() + *options.duration) : std::nullopt;
    Attention attention({options.output_fd, signals, options.control_fd}, until);
    const LoopDescriptors used{live->packet_socket(), options.output_fd, drops.descriptor()};
    if (auto confined = confine(used); !confined) return failure(told(confined.error()));
    Run run(options, std::move(*live), std::move(drops), std::move(attention));
    auto ended = run.run();
    // Closing the capture takes system calls that are no longer allowed; the kernel closes it as we leave.
    if (!ended) say(ended.error());
    std::_Exit(ended ? kDone : kFailed);
}

int main_program(int count, const char* const* arguments) {
    const auto options = parse_program_options(count, arguments);
    if (!options) {
        say(options.error());
        return kWrongUsage;
    }
    if (options->task == ProgramTask::Help)
        return std::fputs(program_help().data(), stdout) < 0 ? kFailed : kDone;
    if (options->task == ProgramTask::Version)
        return std::puts("synscope-capture " SYNSCOPE_VERSION) < 0 ? kFailed : kDone;
    if (options->task == ProgramTask::Capture) {
        if (auto usable = check_descriptors(*options); !usable) {
            say(usable.error());
            return kWrongUsage;
        }
    }
    const auto captured = capture(*options);
    if (!captured) say(captured.error());
    return captured ? kDone : kFailed;
}

}  // namespace
}  // namespace synscope::source

int main(int argc, char** argv) {
    return synscope::source::main_program(argc - 1, argv + 1);
}
