// synscope doctor: what works here, and what to do about the rest.
#include <algorithm>
#include <string>
#include <vector>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/lab/probes.hpp"
#include "ui/app/command.hpp"
#include "ui/app/output.hpp"

namespace synscope::app {

namespace {

constexpr std::size_t kStatusColumn = 10;

std::string probe_lines(const lab::Probe& probe, std::size_t name_width) {
    std::string line{lab::probe_status_name(probe.status)};
    line.resize(std::max(line.size() + 1, kStatusColumn), ' ');
    line += probe.name;
    line.resize(kStatusColumn + name_width + 2, ' ');
    append(line, concat(escaped(probe.finding, Medium::Terminal), '\n'));
    if (!probe.remedy.empty())
        append(line, concat(std::string(kStatusColumn, ' '),
                            "to do: ", escaped(probe.remedy, Medium::Terminal), '\n'));
    return line;
}

/// Failing means: a conversation cannot be recorded here at all. Everything else has something to stand in
/// for it.
int doctor() {
    const std::vector<lab::Probe> probes = lab::run_probes();
    std::size_t name_width = 0;
    for (const lab::Probe& probe : probes)
        name_width = std::max(name_width, probe.name.size());
    bool can_record = true;
    std::string text;
    for (const lab::Probe& probe : probes) {
        text += probe_lines(probe, name_width);
        const bool needed = probe.name == "capture rights" || probe.name == "capture program";
        can_record = can_record && !(needed && probe.status == lab::ProbeStatus::Missing);
    }
    const int printed = print_text(text);
    return can_record ? printed : kFailed;
}

}  // namespace

void add_doctor(Command& parent) {
    parent.add_command("doctor", "What works on this machine, and what to do about the rest").runs(doctor);
}

}  // namespace synscope::app
