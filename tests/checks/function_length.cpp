// long_functions(): functions found by their braces. A brace that opens after a parameter list, outside every
// other function, opens a function; namespaces, classes, enumerations and initialisers do not.

#include <algorithm>
#include <array>
#include <string>

#include "tests/checks/rules.hpp"

namespace synscope::checks {
namespace {

/// What stands between the last ';', '{' or '}' and an opening brace.
bool opens_function(std::string_view head) {
    constexpr std::array kContainers{std::string_view{"namespace"}, std::string_view{"class "},
                                     std::string_view{"struct "}, std::string_view{"enum "},
                                     std::string_view{"union "}};
    const auto first = head.find_first_not_of(" \t\n");
    const auto open = head.find('(');
    if (first == std::string_view::npos || open == std::string_view::npos) {
        return false;
    }
    const auto begins_container = [&](std::string_view word) {
        const auto at = head.find(word);
        // `struct S f() {` is rare enough to be missed; `template <class T> void f() {` is not.
        return at == first || (at != std::string_view::npos && head.find(')') == std::string_view::npos);
    };
    if (std::any_of(kContainers.begin(), kContainers.end(), begins_container)) {
        return false;
    }
    const auto equals = head.find('=');
    return equals == std::string_view::npos || equals > open ||
           head.find("operator") != std::string_view::npos;
}

/// The last line of the head that is not empty, for the message.
std::string name_of(std::string_view head) {
    const auto open = head.find('(');
    auto end = head.find_last_not_of(" \t\n", open - 1) + 1;
    auto begin = end;
    while (begin > 0 && head[begin - 1] != ' ' && head[begin - 1] != '\n') {
        --begin;
    }
    return std::string{head.substr(begin, end - begin)};
}

}  // namespace

Findings long_functions(const SourceFile& file) {
    Findings findings;
    std::size_t line = 1, depth = 0;
    std::size_t function_depth = 0, function_line = 0;  // 0: not in a function
    std::size_t head = 0;
    std::string name;
    for (std::size_t i = 0; i < file.code.size(); ++i) {
        const char c = file.code[i];
        line += c == '\n' ? 1 : 0;
        if (c == '{') {
            ++depth;
            const auto text = std::string_view{file.code}.substr(head, i - head);
            if (function_depth == 0 && opens_function(text)) {
                function_depth = depth;
                function_line = line;
                name = name_of(text);
            }
        } else if (c == '}' && depth > 0) {
            if (depth == function_depth) {
                const auto count = line - function_line + 1;
                if (count > kFunctionLines) {
                    findings.push_back(
                        {file.path, function_line, name + "() has " + std::to_string(count) + " lines"});
                }
                function_depth = 0;
            }
            --depth;
        }
        if (c == '{' || c == '}' || c == ';') {
            head = i + 1;
        }
    }
    return findings;
}

}  // namespace synscope::checks
