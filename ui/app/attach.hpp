#pragma once
// `synscope sim --attach tap`: a simulation whose wire ends in a TAP device of a network namespace of its
// own, so that real programs there talk to simulated hosts. Thread rule: main thread, before there are
// others.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/run/simulation.hpp"

namespace synscope::app {

struct AttachOptions {
    std::string what;                  ///< empty: not at all; "tap", "tap:HOST"
    std::vector<std::string> command;  ///< runs there, and the run ends with it; empty: until Ctrl-C
    bool output_is_taken =
        false;  ///< standard output carries the session: the command's goes to standard error

    [[nodiscard]] bool wanted() const noexcept { return !what.empty(); }
};

/// Whether --attach can be given this value.
[[nodiscard]] bool can_attach_to(std::string_view what);
/// The host whose place the kernel takes: the one that is named, else that of the first client.
[[nodiscard]] std::string attached_host(const AttachOptions& options, const scenario::Scenario& scenario);
/// Runs `simulation`, made with that host outside, to its end; an exit code, having said why it is not kDone.
[[nodiscard]] int run_attached(sim::Simulation& simulation, const AttachOptions& options);

}  // namespace synscope::app
