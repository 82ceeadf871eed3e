// The rules, held against the tree. SYNSCOPE_SOURCE_DIR is the project's root; SYNSCOPE_PROGRAM, when it is
// built, the program whose commands the documents name.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

#include "tests/checks/rules.hpp"

namespace synscope::checks {
namespace {

namespace fs = std::filesystem;

const fs::path& root() {
    static const fs::path kRoot{SYNSCOPE_SOURCE_DIR};
    return kRoot;
}
const std::vector<SourceFile>& program() {
    static const auto kFiles = program_sources(root());
    return kFiles;
}

std::string report(const Findings& findings) {
    std::ostringstream out;
    for (const auto& finding : findings) {
        out << finding.path << ':' << finding.line << ": " << finding.what << '\n';
    }
    return out.str();
}

template <class Rule>
Findings all(const std::vector<SourceFile>& files, Rule rule) {
    Findings findings;
    for (const auto& file : files) {
        const auto more = rule(file);
        findings.insert(findings.end(), more.begin(), more.end());
    }
    return findings;
}

TEST(Tree, IsFound) {
    // Every rule below holds of an empty list.
    ASSERT_GT(program().size(), 10u) << root();
}
TEST(Tree, ArrowsPointOneWay) {
    EXPECT_EQ(report(all(program(), arrows)), "");
}
TEST(Tree, PrivateHeadersStayHome) {
    EXPECT_EQ(report(all(program(), private_headers)), "");
}
TEST(Tree, ClocksAreReadInFewFolders) {
    EXPECT_EQ(report(all(program(), clocks)), "");
}
TEST(Tree, PureFoldersArePure) {
    EXPECT_EQ(report(all(program(), pure_features)), "");
}

TEST(Tree, EverySourceIsBuilt) {
    std::vector<SourceFile> build_files;
    for (auto& file : text_files(root())) {
        if (fs::path{file.path}.filename() == "CMakeLists.txt") {
            build_files.push_back(std::move(file));
        }
    }
    auto files = program();
    for (auto& file : test_sources(root())) {
        if (file.path.ends_with(".cpp")) {
            files.push_back(std::move(file));
        }
    }
    EXPECT_EQ(report(unlisted(files, build_files)), "");
}

TEST(Tree, FilesHaveAtMost500Lines) {
    EXPECT_EQ(report(all(program(), long_files)), "");
    const auto warnings =
        report(all(test_sources(root()), long_files)) + report(all(program(), long_functions));
    if (!warnings.empty()) {
        std::cout << "Look for the seam in (not a failure):\n" << warnings;
    }
}

TEST(Tree, NamesNoPlaceOnAMachine) {
    EXPECT_EQ(report(all(text_files(root()), machine_paths)), "");
}

std::vector<SourceFile> documents() {
    std::vector<SourceFile> files;
    for (auto& file : text_files(root())) {
        if (file.path.ends_with(".md")) {
            files.push_back(std::move(file));
        }
    }
    return files;
}

TEST(Documents, NameScriptsThatExist) {
    std::vector<std::string> scripts;
    for (const auto& entry : fs::directory_iterator{root() / "scripts"}) {
        scripts.push_back("scripts/" + entry.path().filename().string());
    }
    EXPECT_EQ(report(all(documents(), [&](const auto& file) { return missing_scripts(file, scripts); })), "");
}

TEST(Documents, ScriptsMayBeRun) {
    for (const auto& entry : fs::directory_iterator{root() / "scripts"}) {
        const bool runnable = (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
        EXPECT_EQ(runnable, entry.path().extension() != ".sh") << entry.path();
    }
}

#ifdef SYNSCOPE_PROGRAM
TEST(Documents, NameCommandsThatExist) {
    const std::string run = std::string{"'"} + SYNSCOPE_PROGRAM + "' --help </dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(run.c_str(), "r"), pclose};
    ASSERT_NE(pipe, nullptr);
    std::string help;
    std::array<char, 4096> buffer{};
    while (const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
        help.append(buffer.data(), n);
    }
    std::istringstream words{help};
    std::vector<std::string> known;
    for (std::string word; words >> word;) {
        known.push_back(word);
    }
    ASSERT_FALSE(known.empty());
    for (const auto& file : documents()) {
        for (const auto& command : commands_in(file.text)) {
            EXPECT_NE(std::find(known.begin(), known.end(), command), known.end())
                << file.path << " names `synscope " << command << "`, which --help does not";
        }
    }
}
#endif

}  // namespace
}  // namespace synscope::checks
