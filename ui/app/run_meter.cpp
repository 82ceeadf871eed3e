#include "ui/app/run_meter.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "net/base/text.hpp"

namespace synscope::app {

namespace {

constexpr std::uint64_t kLookEvery = 1u << 16;
constexpr std::chrono::milliseconds kBeforeFirstLine{1000};
constexpr std::chrono::milliseconds kBetweenLines{200};

/// Memory that belongs to no file, in bytes (proc(5), RssAnon); 0 when the system does not say.
std::uint64_t anonymous_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10) * 1024;
    return 0;
}

}  // namespace

RunMeter::RunMeter(bool watch_memory)
    : started_(Clock::now()),
      shown_(started_ + kBeforeFirstLine - kBetweenLines),
      watching_memory_(watch_memory),
      terminal_(isatty(STDERR_FILENO) == 1) {
    if (!watching_memory_ && !terminal_) next_look_ = UINT64_MAX;
}

RunMeter::~RunMeter() {
    quiet();
}

void RunMeter::watch_memory() {
    peak_bytes_ = std::max(peak_bytes_, anonymous_bytes());
}

void RunMeter::look(std::uint64_t packets) {
    next_look_ = packets + kLookEvery;
    if (watching_memory_) watch_memory();
    if (!terminal_ || Clock::now() - shown_ < kBetweenLines) return;
    shown_ = Clock::now();
    line_ = true;
    std::fputs(concat('\r', packets, " packets").c_str(), stderr);
}

void RunMeter::quiet() {
    if (line_) std::fputs("\r\x1b[K", stderr);
    line_ = false;
}

void RunMeter::stats(std::uint64_t packets, std::uint64_t bytes) {
    quiet();
    watch_memory();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - started_).count();
    const double seconds = static_cast<double>(std::max<std::int64_t>(ns, 1)) / 1e9;
    const auto per_second = [&](std::uint64_t n) {
        return static_cast<std::uint64_t>(static_cast<double>(n) / seconds);
    };
    std::fputs(concat("packets ", packets, "\nbytes ", bytes, "\nwall_s ", seconds_text(Duration{ns}, 6),
                      "\npackets_per_s ", per_second(packets), "\nbytes_per_s ", per_second(bytes),
                      "\npeak_anonymous_bytes ", peak_bytes_, '\n')
                   .c_str(),
               stderr);
}

}  // namespace synscope::app
