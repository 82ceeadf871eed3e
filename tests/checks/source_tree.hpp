#pragma once
// The project's own files as the checks see them: text, and the same text with comments and literals blanked,
// line by line, so that a rule never trips over prose.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace synscope::checks {

struct Include {
    std::string name;  ///< without quotes or brackets
    bool angled = false;
    std::size_t line = 0;  ///< from 1
};

struct SourceFile {
    std::string path;  ///< from the project's root, with '/'
    std::string text;
    std::string code;  ///< as long as `text`; comments and the insides of literals are spaces
    std::vector<Include> includes;
};

/// Blanks comments and the insides of string, raw string and character literals; newlines stay.
[[nodiscard]] std::string blanked(std::string_view text);
[[nodiscard]] SourceFile source_file(std::string path, std::string text);
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);
/// "net/wire" for "net/wire/tcp.hpp"; empty when the path is not in a folder of the program.
[[nodiscard]] std::string folder_of(std::string_view path);

/// Every C++ file of the program (tests apart), sorted by path.
[[nodiscard]] std::vector<SourceFile> program_sources(const std::filesystem::path& root);
/// Every C++ file of the tests.
[[nodiscard]] std::vector<SourceFile> test_sources(const std::filesystem::path& root);
/// Every text file of the project, whatever its kind; `code` and `includes` are empty.
[[nodiscard]] std::vector<SourceFile> text_files(const std::filesystem::path& root);

}  // namespace synscope::checks
