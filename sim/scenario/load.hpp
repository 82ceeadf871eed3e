#pragma once
// Scenario files: YAML in, Scenario out, every mistake with line and column. docs/SCENARIOS.md lists every
// key. A file names other files only below its own folder, and never a command. Names of engines, services
// and framings are plain words here; whoever runs the scenario knows which ones exist. Thread rule: pure
// functions but for load_file, which reads one file.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::scenario {

/// "server.busy=0": one key set from the command line, by its path in the file ("clients.0.steps.2.wait" for
/// lists).
struct Override {
    std::string path;
    std::string value;  ///< YAML
};
/// Splits "path=value"; fails with a sentence when there is no '='.
[[nodiscard]] Result<Override, UserError> parse_override(std::string_view text);

/// Limits against hostile files: larger ones, deeper ones, and ones with anchors or aliases are refused.
inline constexpr std::size_t kMaxFileBytes = 1u << 20;
inline constexpr int kMaxDepth = 12;

/// `name` is used in messages only ("demo.yaml"). Overrides are applied before anything is checked, in their
/// order. UserError::where is "demo.yaml:12:5" (line and column from 1), or "--set server.bsy=0" when the
/// value came from an override. The text must be UTF-8.
[[nodiscard]] Result<Scenario, UserError> load_text(std::string_view yaml, std::string_view name,
                                                    const std::vector<Override>& overrides);
[[nodiscard]] Result<Scenario, UserError> load_file(const std::string& path,
                                                    const std::vector<Override>& overrides);

/// A file that declares one framing, a map as behind a scenario's `framing:`; as the text that stands for it
/// (net/framing/declaration.hpp).
[[nodiscard]] Result<std::string, UserError> load_framing(const std::string& path);

/// The error on one line: "demo.yaml:12:5: unknown key 'bsy' in server (did you mean 'busy'?)". Not yet
/// escaped.
[[nodiscard]] std::string error_line(const UserError& error);

/// What of it only the simulator can do, as a phrase ("routers"); nothing when real kernels can run it.
[[nodiscard]] std::optional<std::string> needs_simulator(const Scenario& scenario);

/// The scenario as YAML that load_text reads back equal: how one process hands it to another, and into
/// sessions.
[[nodiscard]] std::string to_yaml(const Scenario& scenario);

}  // namespace synscope::scenario
