// What a running process has used, from /proc (proc(5)).
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "net/base/text.hpp"
#include "net/lab/child.hpp"

namespace synscope::lab {

namespace {

/// Fields 14 and 15 of /proc/PID/stat, counted behind the program's name, which may hold anything.
void read_times(const std::string& folder, ProcessUsage& usage) {
    std::ifstream file{folder + "/stat"};
    std::string line;
    std::getline(file, line);
    std::istringstream fields{line.substr(line.rfind(')') + 1)};
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    std::int64_t user = 0;
    std::int64_t system = 0;
    fields >> user >> system;
    const std::int64_t tick_ns = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
    usage.user = Duration{user * tick_ns};
    usage.system = Duration{system * tick_ns};
}

void add_switches(const std::string& status, ProcessUsage& usage) {
    std::ifstream file{status};
    std::string key;
    while (file >> key) {
        std::uint64_t value = 0;
        if (key == "voluntary_ctxt_switches:" && file >> value) usage.wake_ups += value;
        if (key == "nonvoluntary_ctxt_switches:" && file >> value) usage.preempted += value;
        if (key == "VmHWM:" && file >> value) usage.peak_bytes = value * 1024;
    }
}

}  // namespace

ProcessUsage usage_now(pid_t pid) {
    ProcessUsage usage;
    const std::string folder = concat("/proc/", pid);
    std::error_code error;
    if (!std::filesystem::exists(folder, error)) return usage;
    read_times(folder, usage);
    for (const auto& thread : std::filesystem::directory_iterator{folder + "/task", error})
        add_switches(thread.path() / "status", usage);
    return usage;
}

}  // namespace synscope::lab
