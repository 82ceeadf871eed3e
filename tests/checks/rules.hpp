#pragma once
// The rules of the tree that a compiler does not know. Each is a function from files to findings, so that
// each can be shown a bad example.

#include <string>
#include <string_view>
#include <vector>

#include "tests/checks/source_tree.hpp"

namespace synscope::checks {

struct Finding {
    std::string path;
    std::size_t line = 0;
    std::string what;
};
using Findings = std::vector<Finding>;

/// Which folder may include which, and nothing else: design and docs/ARCHITECTURE.md.
[[nodiscard]] Findings arrows(const SourceFile& file);
/// Headers that belong to a few folders: pcap.h, imgui.h, sys/socket.h, yaml-cpp.
[[nodiscard]] Findings private_headers(const SourceFile& file);
/// Clocks are read in a few folders; everywhere else time is a parameter.
[[nodiscard]] Findings clocks(const SourceFile& file);
/// What a pure folder does without: system calls, threads, mutable statics, and what libc++ 14 lacks.
/// std::source_location is refused everywhere.
[[nodiscard]] Findings pure_features(const SourceFile& file);

/// A .cpp or .hpp that no CMakeLists.txt names is neither built nor compiled alone. `build_files` are the
/// CMakeLists.txt of the tree.
[[nodiscard]] Findings unlisted(const std::vector<SourceFile>& files,
                                const std::vector<SourceFile>& build_files);

inline constexpr std::size_t kFileLines = 500;
inline constexpr std::size_t kFunctionLines = 60;
[[nodiscard]] Findings long_files(const SourceFile& file);
/// By counting braces: good enough for a list of candidates, so it warns and does not fail.
[[nodiscard]] Findings long_functions(const SourceFile& file);

/// Absolute paths of the machine somebody works on.
[[nodiscard]] Findings machine_paths(const SourceFile& file);

/// "scripts/run" and the like in prose, with the line: those that do not exist in `existing`.
[[nodiscard]] Findings missing_scripts(const SourceFile& document, const std::vector<std::string>& existing);
/// The word after "synscope" in every code block and code span of a Markdown text.
[[nodiscard]] std::vector<std::string> commands_in(std::string_view markdown);

}  // namespace synscope::checks
