#include "tests/checks/rules.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

namespace synscope::checks {
namespace {

using Folders = std::set<std::string, std::less<>>;

/// Every folder and what it may include besides itself. ui/app wires everything.
const std::map<std::string, Folders, std::less<>>& allowed_arrows() {
    static const std::map<std::string, Folders, std::less<>> kArrows{
        {"net/base", {}},
        {"net/wire", {"net/base"}},
        {"net/framing", {"net/base", "net/wire"}},
        {"net/service", {"net/base", "net/wire", "net/framing"}},
        {"capture/pcapng", {"net/base", "net/wire"}},
        {"capture/dissect", {"net/base", "net/wire"}},
        {"capture/track", {"net/base", "net/wire"}},
        {"capture/filter", {"net/base", "net/wire", "capture/dissect", "capture/track"}},
        {"capture/trace", {"net/base", "net/wire", "capture/pcapng"}},
        {"capture/source", {"net/base", "net/wire", "capture/pcapng", "capture/trace"}},
        {"capture/analyze", {"net/base", "net/wire", "capture/trace", "capture/source", "capture/track"}},
        {"sim/core", {"net/base"}},
        {"sim/tcp", {"net/base", "net/wire", "sim/core"}},
        {"sim/host",
         {"net/base", "net/wire", "net/framing", "net/service", "sim/core", "sim/tcp", "sim/scenario"}},
        {"sim/packetdrill", {"net/base", "net/wire", "sim/core", "sim/tcp"}},
        {"sim/scenario", {"net/base", "net/wire"}},
        {"sim/run",
         {"net/base", "net/wire", "net/framing", "net/service", "sim/core", "sim/tcp", "sim/host",
          "sim/scenario"}},
        {"net/engine", {"net/base", "net/wire", "net/framing", "net/service", "sim/scenario"}},
        {"net/host",
         {"net/base", "net/wire", "net/framing", "net/service", "net/engine", "sim/scenario",
          "capture/pcapng"}},
        {"net/lab",
         {"net/base", "net/wire", "net/framing", "net/service", "net/engine", "net/host", "sim/scenario",
          "capture/pcapng", "capture/source", "capture/trace"}},
        {"net/load", {"net/base", "net/wire", "net/framing", "net/service", "net/engine", "sim/scenario"}},
        {"ui/model", {"net/base", "net/wire", "capture/dissect", "capture/track"}},
        {"ui/render",
         {"net/base", "net/wire", "capture/dissect", "capture/track", "capture/trace", "ui/model"}},
        {"ui/view", {"net/base", "net/wire", "ui/model"}},
        {"ui/app", {"net/base",      "net/wire",       "net/framing",   "net/service",    "net/engine",
                    "net/host",      "net/lab",        "net/load",      "capture/pcapng", "capture/dissect",
                    "capture/track", "capture/filter", "capture/trace", "capture/source", "capture/analyze",
                    "sim/scenario",  "sim/run",        "ui/model",      "ui/render",      "ui/view"}},
    };
    return kArrows;
}

const Folders& pure_folders() {
    static const Folders kPure{"net/base",       "net/wire",        "net/framing",   "net/service",
                               "capture/pcapng", "capture/dissect", "capture/track", "capture/filter",
                               "sim/core",       "sim/tcp",         "sim/host",      "sim/run",
                               "ui/model"};
    return kPure;
}

/// A header, or a word of the code, and the folders that may use it.
struct Reserved {
    std::string_view text;
    Folders folders;
};

const std::vector<Reserved>& reserved_headers() {
    static const std::vector<Reserved> kHeaders{
        {"pcap.h", {"capture/source"}},
        {"pcap/", {"capture/source"}},
        {"imgui", {"ui/view", "ui/app"}},
        {"sys/socket.h", {"net/engine", "net/host", "net/lab", "net/load", "sim/packetdrill"}},
        {"yaml-cpp/", {"sim/scenario"}},
        {"pcre2.h", {"capture/filter"}},
        {"source_location", {}},
    };
    return kHeaders;
}

const std::vector<Reserved>& reserved_clocks() {
    // The capture program stamps what it writes and stops after --duration; the rest of its folder does not.
    static const Folders kReaders{
        "capture/source/program", "net/engine", "net/host", "net/lab", "net/load", "ui/app"};
    static const std::vector<Reserved> kClocks{
        {"system_clock", kReaders},  {"steady_clock", kReaders}, {"high_resolution_clock", kReaders},
        {"clock_gettime", kReaders}, {"gettimeofday", kReaders}, {"time(nullptr", kReaders},
        {"time(NULL", kReaders},     {"time(0", kReaders},       {"time(&", kReaders},
    };
    return kClocks;
}

constexpr std::array kImpureHeaders{
    std::string_view{"thread"},    std::string_view{"mutex"},      std::string_view{"condition_variable"},
    std::string_view{"future"},    std::string_view{"stop_token"}, std::string_view{"iostream"},
    std::string_view{"fstream"},   std::string_view{"filesystem"}, std::string_view{"format"},
    std::string_view{"ranges"},    std::string_view{"semaphore"},  std::string_view{"memory_resource"},
    std::string_view{"unistd.h"},  std::string_view{"fcntl.h"},    std::string_view{"pthread.h"},
    std::string_view{"poll.h"},    std::string_view{"netdb.h"},    std::string_view{"sys/"},
    std::string_view{"netinet/"},  std::string_view{"arpa/"},      std::string_view{"linux/"},
    std::string_view{"net/if.h"},  std::string_view{"fmt/"},       std::string_view{"nlohmann/"},
    std::string_view{"yaml-cpp/"}, std::string_view{"iostream"},   std::string_view{"print"},
};

constexpr std::array kImpureWords{
    std::string_view{"std::format"},  std::string_view{"std::ranges"},     std::string_view{"std::views"},
    std::string_view{"std::pmr"},     std::string_view{"std::thread"},     std::string_view{"std::mutex"},
    std::string_view{"std::cout"},    std::string_view{"std::cerr"},       std::string_view{"printf"},
    std::string_view{"getenv"},       std::string_view{"random_device"},   std::string_view{"shared_ptr"},
    std::string_view{"thread_local"}, std::string_view{"std::stop_token"},
};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Whether `line` holds `word` as a whole word, not as another thing's member: clock.time(0) is nobody's
/// business, ::time(0) and std::time(0) are.
bool has_word(std::string_view line, std::string_view word) {
    for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
        const auto before = line.substr(0, at);
        const auto after = at + word.size() < line.size() ? line[at + word.size()] : ' ';
        const bool ends = !is_word(word.back()) || !is_word(after);
        const bool begins = before.empty() || !is_word(before.back());
        const bool member = before.ends_with('.') || before.ends_with("->");
        if (begins && ends && !member) {
            return true;
        }
    }
    return false;
}

/// A name that ends in '/' or is no whole header name ("imgui") stands for everything that begins with it.
bool names_header(std::string_view include, std::string_view reserved) {
    const bool prefix = reserved.ends_with('/') || reserved == "imgui";
    return prefix ? include.starts_with(reserved) : include == reserved;
}

std::string_view trimmed(std::string_view line) {
    const auto first = line.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{} : line.substr(first);
}

/// "static int calls = 0;": state that outlives the call. Constants and functions are not.
bool is_mutable_static(std::string_view line) {
    line = trimmed(line);
    const bool is_static = line.starts_with("static ") || line.starts_with("inline static ");
    return is_static && line.find("const") == std::string_view::npos &&
           line.find('(') == std::string_view::npos && line.find_first_of(";={") != std::string_view::npos;
}

/// Whether the file lies in one of these folders, at any depth.
bool lies_in(std::string_view path, const Folders& folders) {
    return std::any_of(folders.begin(), folders.end(),
                       [&](const std::string& folder) { return path.starts_with(folder + "/"); });
}

std::string listed(const Folders& folders) {
    std::string out;
    for (const auto& folder : folders) {
        out += out.empty() ? folder : ", " + folder;
    }
    return out.empty() ? "nowhere" : "only in " + out;
}

}  // namespace

Findings arrows(const SourceFile& file) {
    Findings findings;
    const auto from = folder_of(file.path);
    const auto known = allowed_arrows().find(from);
    if (known == allowed_arrows().end()) {
        return {{file.path, 1, "folder " + from + " is not in the table of arrows (tests/checks/rules.cpp)"}};
    }
    for (const auto& include : file.includes) {
        const auto to = folder_of(include.name);
        if (!include.angled && !to.empty() && to != from && !known->second.contains(to)) {
            findings.push_back({file.path, include.line, from + " may not include " + to});
        }
    }
    return findings;
}

Findings private_headers(const SourceFile& file) {
    Findings findings;
    for (const auto& include : file.includes) {
        for (const auto& [header, folders] : reserved_headers()) {
            if (names_header(include.name, header) && !lies_in(file.path, folders)) {
                findings.push_back({file.path, include.line, include.name + " is used " + listed(folders)});
            }
        }
    }
    return findings;
}

Findings clocks(const SourceFile& file) {
    Findings findings;
    const auto lines = lines_of(file.code);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (const auto& [word, folders] : reserved_clocks()) {
            if (!lies_in(file.path, folders) && has_word(lines[i], word)) {
                findings.push_back({file.path, i + 1,
                                    std::string{word} + ": clocks are read " + listed(folders) +
                                        "; elsewhere time is a parameter"});
            }
        }
    }
    return findings;
}

Findings pure_features(const SourceFile& file) {
    Findings findings;
    const auto lines = lines_of(file.code);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (has_word(lines[i], "source_location")) {
            findings.push_back({file.path, i + 1, "std::source_location is missing in clang 14"});
        }
    }
    if (!pure_folders().contains(folder_of(file.path))) {
        return findings;
    }
    for (const auto& include : file.includes) {
        const auto impure = [&](std::string_view header) { return names_header(include.name, header); };
        if (include.angled && std::any_of(kImpureHeaders.begin(), kImpureHeaders.end(), impure)) {
            findings.push_back({file.path, include.line, "<" + include.name + "> in a pure folder"});
        }
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (const auto word : kImpureWords) {
            if (has_word(lines[i], word)) {
                findings.push_back({file.path, i + 1, std::string{word} + " in a pure folder"});
            }
        }
        if (is_mutable_static(lines[i])) {
            findings.push_back({file.path, i + 1, "a mutable static in a pure folder"});
        }
    }
    return findings;
}

Findings unlisted(const std::vector<SourceFile>& files, const std::vector<SourceFile>& build_files) {
    // A build file names the files below its own folder, by their paths from there.
    std::set<std::string> named;
    for (const auto& build : build_files) {
        const auto folder = build.path.substr(0, build.path.rfind('/') + 1);
        std::string word;
        for (const char c : build.text + " ") {
            if (is_word(c) || c == '.' || c == '/' || c == '-') {
                word += c;
            } else if (!word.empty()) {
                named.insert(folder + word);
                word.clear();
            }
        }
    }
    Findings findings;
    for (const auto& file : files) {
        if (!named.contains(file.path)) {
            findings.push_back({file.path, 1, "no CMakeLists.txt names it"});
        }
    }
    return findings;
}

Findings long_files(const SourceFile& file) {
    const auto count = lines_of(file.text).size();
    if (count <= kFileLines) {
        return {};
    }
    return {{file.path, count, "has " + std::to_string(count) + " lines; find the seam"}};
}

Findings machine_paths(const SourceFile& file) {
    // Spelt in halves, so that this file does not find itself.
    static const std::array<std::string, 3> kPlaces{std::string{"/ho"} + "me/", std::string{"/ro"} + "ot/",
                                                    std::string{"/wo"} + "rk/"};
    // A test of quoting may make up somebody's home.
    const bool made_up = file.path.starts_with("tests/unit/");
    Findings findings;
    const auto lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (const auto& place : kPlaces) {
            if (made_up && place == kPlaces[0]) {
                continue;
            }
            for (auto at = lines[i].find(place); at != std::string_view::npos;
                 at = lines[i].find(place, at + 1)) {
                const char before = at == 0 ? ' ' : lines[i][at - 1];
                // "tests/work/x" and "$prefix/root/x" are no places on a machine.
                if (!is_word(before) && before != '.' && before != '}' && before != ')') {
                    findings.push_back({file.path, i + 1, "a path of somebody's machine: " + place});
                }
            }
        }
    }
    return findings;
}

Findings missing_scripts(const SourceFile& document, const std::vector<std::string>& existing) {
    constexpr std::string_view kFolder = "scripts/";
    Findings findings;
    const auto lines = lines_of(document.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (auto at = lines[i].find(kFolder); at != std::string_view::npos;
             at = lines[i].find(kFolder, at + 1)) {
            auto end = at + kFolder.size();
            const auto in_name = [&](std::size_t at_char) {
                return at_char < lines[i].size() && (is_word(lines[i][at_char]) || lines[i][at_char] == '-');
            };
            while (in_name(end) || (end < lines[i].size() && lines[i][end] == '.' && in_name(end + 1))) {
                ++end;
            }
            const std::string name{lines[i].substr(at, end - at)};
            if (name != kFolder && std::find(existing.begin(), existing.end(), name) == existing.end()) {
                findings.push_back({document.path, i + 1, name + " does not exist"});
            }
        }
    }
    return findings;
}

std::vector<std::string> commands_in(std::string_view markdown) {
    std::set<std::string> commands;
    bool block = false;
    for (const auto line : lines_of(markdown)) {
        if (line.starts_with("```")) {
            block = !block;
            continue;
        }
        constexpr std::string_view kProgram = "synscope ";
        for (auto at = line.find(kProgram); at != std::string_view::npos; at = line.find(kProgram, at + 1)) {
            const auto ticks = std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at), '`');
            const bool starts = at == 0 || line[at - 1] == '`' || line[at - 1] == ' ';
            auto end = at + kProgram.size();
            while (end < line.size() && ((line[end] >= 'a' && line[end] <= 'z') || line[end] == '-')) {
                ++end;
            }
            const std::string word{line.substr(at + kProgram.size(), end - at - kProgram.size())};
            const bool is_command = !word.empty() && word.front() != '-';
            if ((block || ticks % 2 == 1) && starts && is_command) {
                commands.insert(word);
            }
        }
    }
    return {commands.begin(), commands.end()};
}

}  // namespace synscope::checks
