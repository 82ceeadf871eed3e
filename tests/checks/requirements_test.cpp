// The list of RFC 9293's requirements, held against the tree; and each rule of the check shown something bad.
#include "tests/checks/requirements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace synscope::checks {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::filesystem::path& root() {
    static const std::filesystem::path kRoot{SYNSCOPE_SOURCE_DIR};
    return kRoot;
}

TEST(Rfc9293, EveryRequirementIsListedAndWhatIsDoneHasATest) {
    const auto texts = text_files(root());
    const auto document = std::find_if(texts.begin(), texts.end(),
                                       [](const auto& file) { return file.path == "sim/tcp/RFC9293.md"; });
    ASSERT_NE(document, texts.end());
    std::set<std::string> files;
    for (const auto& file : texts)
        files.insert(file.path);
    const auto tests = test_names(test_sources(root()));
    ASSERT_GT(tests.size(), 100u);
    for (const auto& finding : bad_requirements(*document, tests, files))
        ADD_FAILURE() << finding.path << ':' << finding.line << ": " << finding.what;
}

TEST(Requirements, AreThoseOfAppendixB) {
    const auto ids = requirement_ids();
    EXPECT_EQ(ids.size(), 69u + 31 + 18 + 1);
    EXPECT_EQ(ids.front(), "MUST-1");
    EXPECT_EQ(ids.back(), "REC-1");
}

TEST(Requirements, TestsAreFoundByName) {
    const auto file =
        source_file("tests/a.cpp", "TEST(A, B) {}\nTEST_F(C,\n  D) {}\n// TEST(E, F)\nTEST_P(G, H) {}");
    EXPECT_THAT(test_names({file}), ElementsAre("A.B", "C.D", "G.H"));
}

Findings about(const std::string& row) {
    const auto document =
        source_file("x.md", "| id | what | status | test | place |\n|--|--|--|--|--|\n" + row + "\n");
    Findings relevant;
    for (const auto& finding : bad_requirements(document, {"A.B"}, {"a.cpp"}))
        if (finding.what.find("not listed") == std::string::npos) relevant.push_back(finding);
    return relevant;
}

auto says(const std::string& what) {
    return Contains(Field(&Finding::what, HasSubstr(what)));
}

TEST(Requirements, EachRuleCanFail) {
    EXPECT_THAT(about("| MUST-1 | x | done | `A.B` | `a.cpp` |"), IsEmpty());
    EXPECT_THAT(about("| MUST-1 | x | deviation: as Linux does | | `a.cpp` |"), IsEmpty());
    EXPECT_THAT(about("| MUST-1 | x | not applicable: no such layer | | |"), IsEmpty());
    EXPECT_THAT(about("| MUST-1 | x | done | | `a.cpp` |"), says("no test"));
    EXPECT_THAT(about("| MUST-1 | x | done | `A.C` | `a.cpp` |"), says("no such test: A.C"));
    EXPECT_THAT(about("| MUST-1 | x | done | `A.B` | `b.cpp` |"), says("no such file: b.cpp"));
    EXPECT_THAT(about("| MUST-1 | x | done | `A.B` | |"), says("no place"));
    EXPECT_THAT(about("| MUST-1 | x | deviation | `A.B` | `a.cpp` |"), says("no such status"));
    EXPECT_THAT(about("| MUST-1 | x | not applicable: | | |"), says("no such status"));
    EXPECT_THAT(about("| MUST-70 | x | done | `A.B` | `a.cpp` |"), says("no such requirement"));
    EXPECT_THAT(about("| MUST-1 | x | done | `A.B` | `a.cpp` |\n| MUST-1 | x | done | `A.B` | `a.cpp` |"),
                says("twice"));
    EXPECT_THAT(bad_requirements(source_file("x.md", ""), {}, {}), says("MAY-18: not listed"));
}

}  // namespace
}  // namespace synscope::checks
