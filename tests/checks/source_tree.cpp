#include "tests/checks/source_tree.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace synscope::checks {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kProgramFolders{"net", "capture", "sim", "ui"};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

void blank(std::string& out, std::size_t from, std::size_t to) {
    for (auto i = from; i < std::min(to, out.size()); ++i) {
        if (out[i] != '\n') {
            out[i] = ' ';
        }
    }
}

/// The end of the literal whose opening quote is at `at`, just past its closing quote.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (auto i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == quote || text[i] == '\n') {
            return i + 1;
        }
    }
    return text.size();
}

/// The same for R"delimiter( ... )delimiter", `at` being the quote.
std::size_t end_of_raw(std::string_view text, std::size_t at) {
    const auto open = text.find('(', at);
    if (open == std::string_view::npos) {
        return text.size();
    }
    const auto close = std::string{")"} + std::string{text.substr(at + 1, open - at - 1)} + "\"";
    const auto end = text.find(close, open);
    return end == std::string_view::npos ? text.size() : end + close.size();
}

std::string read(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

bool is_cxx(const fs::path& path) {
    return path.extension() == ".cpp" || path.extension() == ".hpp";
}

template <class Visit>
void walk(const fs::path& root, const fs::path& below, Visit visit) {
    const auto start = root / below;
    if (!fs::is_directory(start)) {
        return;
    }
    for (auto it = fs::recursive_directory_iterator{start}; it != fs::recursive_directory_iterator{}; ++it) {
        const auto name = it->path().filename().string();
        if (it->is_directory() && (name == "build" || name == ".git" || name == ".cache")) {
            it.disable_recursion_pending();
        } else if (it->is_regular_file() && name != ".git") {  // a worktree's names its repository
            visit(it->path(), it->path().lexically_relative(root).generic_string());
        }
    }
}

std::vector<SourceFile> cxx_below(const fs::path& root, const fs::path& below) {
    std::vector<SourceFile> files;
    walk(root, below, [&](const fs::path& full, std::string path) {
        if (is_cxx(full)) {
            files.push_back(source_file(std::move(path), read(full)));
        }
    });
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

std::vector<Include> includes_of(std::string_view text, std::string_view code) {
    std::vector<Include> includes;
    const auto code_lines = lines_of(code);
    const auto text_lines = lines_of(text);
    for (std::size_t i = 0; i < code_lines.size(); ++i) {
        const auto hash = code_lines[i].find_first_not_of(" \t");
        if (hash == std::string_view::npos || code_lines[i][hash] != '#' ||
            code_lines[i].find("include", hash) == std::string_view::npos) {
            continue;
        }
        const auto open = text_lines[i].find_first_of("\"<", hash);
        if (open == std::string_view::npos) {
            continue;
        }
        const bool angled = text_lines[i][open] == '<';
        const auto close = text_lines[i].find(angled ? '>' : '"', open + 1);
        if (close != std::string_view::npos) {
            includes.push_back(
                {std::string{text_lines[i].substr(open + 1, close - open - 1)}, angled, i + 1});
        }
    }
    return includes;
}

}  // namespace

std::string blanked(std::string_view text) {
    std::string out{text};
    std::size_t i = 0;
    while (i < text.size()) {
        const char c = text[i];
        const auto next = i + 1 < text.size() ? text[i + 1] : '\0';
        const bool after_word = i > 0 && is_word(text[i - 1]);
        auto end = i + 1;
        if (c == '/' && next == '/') {
            end = std::min(text.find('\n', i), text.size());
            blank(out, i, end);
        } else if (c == '/' && next == '*') {
            const auto close = text.find("*/", i + 2);
            end = close == std::string_view::npos ? text.size() : close + 2;
            blank(out, i, end);
        } else if (c == '"') {
            const bool raw = i > 0 && text[i - 1] == 'R' && (i < 2 || !is_word(text[i - 2]));
            end = raw ? end_of_raw(text, i) : end_of_quoted(text, i);
            blank(out, i + 1, end - 1);
        } else if (c == '\'' && !after_word) {  // after a word it is a digit separator: 1'000
            end = end_of_quoted(text, i);
            blank(out, i + 1, end - 1);
        }
        i = end;
    }
    return out;
}

SourceFile source_file(std::string path, std::string text) {
    SourceFile file{std::move(path), std::move(text), {}, {}};
    file.code = blanked(file.text);
    file.includes = includes_of(file.text, file.code);
    return file;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string folder_of(std::string_view path) {
    const auto first = path.find('/');
    const auto second = first == std::string_view::npos ? first : path.find('/', first + 1);
    if (second == std::string_view::npos || std::find(kProgramFolders.begin(), kProgramFolders.end(),
                                                      path.substr(0, first)) == kProgramFolders.end()) {
        return {};
    }
    return std::string{path.substr(0, second)};
}

std::vector<SourceFile> program_sources(const fs::path& root) {
    std::vector<SourceFile> files;
    for (const auto folder : kProgramFolders) {
        auto more = cxx_below(root, folder);
        std::move(more.begin(), more.end(), std::back_inserter(files));
    }
    return files;
}

std::vector<SourceFile> test_sources(const fs::path& root) {
    return cxx_below(root, "tests");
}

std::vector<SourceFile> text_files(const fs::path& root) {
    std::vector<SourceFile> files;
    walk(root, "", [&](const fs::path& full, std::string path) {
        auto text = read(full);
        if (text.find('\0') == std::string::npos) {
            files.push_back({std::move(path), std::move(text), {}, {}});
        }
    });
    return files;
}

}  // namespace synscope::checks
