#include "tests/checks/requirements.hpp"

#include <algorithm>
#include <regex>

namespace synscope::checks {
namespace {

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(" \t") - first + 1)};
}

std::vector<std::string> cells(std::string_view line) {
    std::vector<std::string> out;
    line.remove_prefix(1);
    for (auto bar = line.find('|'); bar != std::string_view::npos; bar = line.find('|')) {
        out.push_back(trimmed(line.substr(0, bar)));
        line.remove_prefix(bar + 1);
    }
    return out;
}

/// What stands between backquotes.
std::vector<std::string> quoted(const std::string& text) {
    std::vector<std::string> out;
    for (auto at = text.find('`'); at != std::string::npos; at = text.find('`', at)) {
        const auto end = text.find('`', at + 1);
        if (end == std::string::npos) break;
        out.push_back(text.substr(at + 1, end - at - 1));
        at = end + 1;
    }
    return out;
}

/// Whether `status` is `word: reason` with a reason worth its name.
bool reasoned(const std::string& status, const std::string& word) {
    return status.starts_with(word + ": ") && status.size() > word.size() + 10;
}

void judge(const Requirement& r, const std::set<std::string>& tests, const std::set<std::string>& files,
           Findings& findings, const std::string& path) {
    const auto say = [&](std::string what) {
        findings.push_back({path, r.line, r.id + ": " + std::move(what)});
    };
    const bool done = r.status == "done";
    const bool deviation = reasoned(r.status, "deviation");
    if (!done && !deviation && !reasoned(r.status, "not applicable")) say("no such status: " + r.status);
    if (done && r.tests.empty()) say("done, and no test shows it");
    if ((done || deviation) && r.places.empty()) say("no place in the code");
    for (const auto& test : r.tests)
        if (!tests.contains(test)) say("no such test: " + test);
    for (const auto& place : r.places)
        if (!files.contains(place)) say("no such file: " + place);
}

}  // namespace

std::vector<std::string> requirement_ids() {
    std::vector<std::string> ids;
    const auto add = [&](const char* kind, int last) {
        for (int i = 1; i <= last; ++i)
            ids.push_back(kind + std::to_string(i));
    };
    add("MUST-", 69);
    add("SHLD-", 31);
    add("MAY-", 18);
    add("REC-", 1);
    return ids;
}

std::vector<Requirement> requirements(const SourceFile& document) {
    std::vector<Requirement> out;
    const auto lines = lines_of(document.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i].starts_with('|')) continue;
        const auto row = cells(lines[i]);
        if (row.size() != 5 || row[0].find('-') == std::string::npos || row[0].starts_with('-')) continue;
        out.push_back({row[0], row[1], row[2], quoted(row[3]), quoted(row[4]), i + 1});
    }
    return out;
}

std::set<std::string> test_names(const std::vector<SourceFile>& files) {
    static const std::regex kTest{R"(\bTEST(_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\))"};
    std::set<std::string> names;
    for (const auto& file : files) {
        for (std::sregex_iterator at{file.code.begin(), file.code.end(), kTest}, end; at != end; ++at)
            names.insert((*at)[2].str() + "." + (*at)[3].str());
    }
    return names;
}

Findings bad_requirements(const SourceFile& document, const std::set<std::string>& tests,
                          const std::set<std::string>& files) {
    Findings findings;
    const auto rows = requirements(document);
    const auto known = requirement_ids();
    std::set<std::string> seen;
    for (const auto& row : rows) {
        if (std::find(known.begin(), known.end(), row.id) == known.end())
            findings.push_back({document.path, row.line, row.id + ": RFC 9293 has no such requirement"});
        if (!seen.insert(row.id).second)
            findings.push_back({document.path, row.line, row.id + ": listed twice"});
        judge(row, tests, files, findings, document.path);
    }
    for (const auto& id : known)
        if (!seen.contains(id)) findings.push_back({document.path, 1, id + ": not listed"});
    return findings;
}

}  // namespace synscope::checks
