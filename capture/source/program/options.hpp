#pragma once
// The command line of synscope-capture. Thread rule: pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "capture/source/live.hpp"
#include "net/base/instant.hpp"
#include "net/base/result.hpp"

namespace synscope::source {

enum class ProgramTask : std::uint8_t {
    Capture,
    Check,    ///< --check: open the interface, say nothing, leave
    Help,     ///< --help
    Version,  ///< --version
};

struct ProgramOptions {
    ProgramTask task = ProgramTask::Capture;
    LiveOptions live;
    bool no_payload = false;
    bool announce = false;
    std::optional<std::uint64_t> count;
    std::optional<Duration> duration;
    int output_fd = 1;
    std::optional<int> control_fd;
};

/// `arguments` without the program's name. What fails is wrong usage.
[[nodiscard]] Result<ProgramOptions, UserError> parse_program_options(int count,
                                                                      const char* const* arguments);
[[nodiscard]] std::string_view program_help() noexcept;

}  // namespace synscope::source
