#include "net/load/load.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

#include "net/base/text.hpp"
#include "net/engine/descriptors.hpp"
#include "net/load/worker.hpp"

namespace synscope::load {

namespace {

constexpr std::array<std::string_view, 3> kModes{"pingpong", "churn", "bulk"};
constexpr std::array<std::string_view, kTroubleCount> kTroubles{"not_connected", "no_port", "closed",
                                                                "reset"};

Duration of(const timeval& t) {
    return Duration::seconds(t.tv_sec) + Duration::microseconds(t.tv_usec);
}

rusage own_usage() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage;
}

/// Sleeps until the time has come; false when somebody ended the run before.
bool sleep_until(std::int64_t at_ns, const Shared& shared) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    for (;;) {
        const std::int64_t now = engine::monotonic_ns();
        if (now >= at_ns) return true;
        const auto show = shared.options.on_second;
        if (show != nullptr)
            show(Duration{now - shared.begin_ns}, Duration{shared.until_ns - shared.begin_ns});
        const std::int64_t left_ns = show == nullptr ? at_ns - now : std::min(at_ns - now, kSecond);
        pollfd fds[2]{{shared.options.stop_fd, POLLIN, 0}, {shared.over.get(), POLLIN, 0}};
        const timespec timeout{left_ns / kSecond, left_ns % kSecond};
        const int ready = ::ppoll(fds, 2, &timeout, nullptr);
        if (ready > 0) return false;
    }
}

/// Every connection is a descriptor: as many as we may have.
Result<void, UserError> make_room(std::uint32_t connections, std::uint32_t threads) {
    const std::uint64_t needed = std::uint64_t{connections} + threads + 64;
    if (const auto most = engine::at_most_descriptors(needed))
        return failure(UserError{concat(connections, " connections need ", needed,
                                        " descriptors, and this process may have ", *most),
                                 {},
                                 "raise the limit (ulimit -Hn), or take fewer connections"});
    return {};
}

UserError nobody_there(const LoadOptions& options, int error) {
    return {concat("cannot connect to ", options.target_text(), ": ", std::string_view{std::strerror(error)}),
            {},
            "start a server there first, for example with 'synscope serve'"};
}

void add(LoadReport& sum, const LoadReport& part) {
    sum.answers += part.answers;
    sum.connects += part.connects;
    sum.bytes_sent += part.bytes_sent;
    sum.bytes_received += part.bytes_received;
    for (std::size_t i = 0; i < kTroubleCount; ++i)
        sum.troubles[i] += part.troubles[i];
    if (part.last_error != 0) sum.last_error = part.last_error;
    sum.latency.merge(part.latency);
    sum.unanswered += part.unanswered;
    sum.oldest_wait = std::max(sum.oldest_wait, part.oldest_wait);
}

/// Waits for the end of the run and takes the time and the processor time of the measured part.
void watch(Shared& shared, LoadReport& report) {
    bool whole = sleep_until(shared.measure_from_ns, shared);
    const rusage before = own_usage();
    whole = whole && sleep_until(shared.until_ns, shared);
    const rusage after = own_usage();
    // The workers count from one planned moment to the other, whenever we wake.
    const std::int64_t to = whole ? shared.until_ns : engine::monotonic_ns();
    report.interrupted = !whole;
    report.measured = Duration{std::max<std::int64_t>(0, to - shared.measure_from_ns)};
    report.cpu_user = of(after.ru_utime) - of(before.ru_utime);
    report.cpu_system = of(after.ru_stime) - of(before.ru_stime);
    if (whole) return;
    engine::make_readable(shared.over);
}

}  // namespace

std::string_view mode_name(Mode mode) noexcept {
    return kModes[static_cast<std::size_t>(mode)];
}

std::optional<Mode> mode_from_name(std::string_view name) noexcept {
    const auto at = std::find(kModes.begin(), kModes.end(), name);
    if (at == kModes.end()) return std::nullopt;
    return static_cast<Mode>(at - kModes.begin());
}

std::string_view trouble_name(Trouble trouble) noexcept {
    return kTroubles[static_cast<std::size_t>(trouble)];
}

Result<LoadReport, UserError> run_load(const LoadOptions& options) {
    const std::uint32_t threads = std::clamp<std::uint32_t>(options.threads, 1, options.connections);
    if (auto room = make_room(options.connections, threads); !room) return failure(room.error());
    Shared shared{options};
    shared.over = engine::UniqueFd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!shared.over) return failure(UserError{"no descriptor is left", {}, {}});
    shared.begin_ns = engine::monotonic_ns();
    shared.measure_from_ns = shared.begin_ns + options.warm_up.ns;
    shared.until_ns = shared.measure_from_ns + options.duration.ns;
    std::vector<std::unique_ptr<Worker>> workers;
    for (std::uint32_t i = 0; i < threads; ++i)
        workers.push_back(std::make_unique<Worker>(shared, i, threads));
    std::vector<std::thread> running;
    for (const auto& worker : workers)
        running.emplace_back([&worker = *worker] { worker.run(); });
    LoadReport report;
    watch(shared, report);
    for (std::thread& thread : running)
        thread.join();

    for (const auto& worker : workers)
        add(report, worker->report());
    if (const int error = shared.hopeless.load(); error != 0 && report.connects == 0)
        return failure(nobody_there(options, error));
    if (report.connects == 0 && !report.interrupted) return failure(nobody_there(options, ETIMEDOUT));
    return report;
}

}  // namespace synscope::load
