#pragma once
// sim/tcp/RFC9293.md: every requirement of RFC 9293's Appendix B, what became of it, and the test that shows
// it. Read as rows "| id | requirement | status | test | place |".

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/checks/rules.hpp"

namespace synscope::checks {

struct Requirement {
    std::string id;  ///< "MUST-1"
    std::string text;
    std::string status;               ///< "done", "deviation: why" or "not applicable: why"
    std::vector<std::string> tests;   ///< `Suite.Test`
    std::vector<std::string> places;  ///< `sim/tcp/file.cpp`
    std::size_t line = 0;
};

/// Every id of Appendix B: MUST-1 to 69, SHLD-1 to 31, MAY-1 to 18 and REC-1.
[[nodiscard]] std::vector<std::string> requirement_ids();
[[nodiscard]] std::vector<Requirement> requirements(const SourceFile& document);
/// "Suite.Test" of every TEST, TEST_F and TEST_P.
[[nodiscard]] std::set<std::string> test_names(const std::vector<SourceFile>& files);
/// Ids that are missing, unknown or doubled; statuses that are none; tests and places that do not exist; done
/// without a test, a deviation or "not applicable" without a reason.
[[nodiscard]] Findings bad_requirements(const SourceFile& document, const std::set<std::string>& tests,
                                        const std::set<std::string>& files);

}  // namespace synscope::checks
