// The lessons that come with the program: each runs, twice the same, and whatever happens at one instant in
// any order.
#include <algorithm>
#include <filesystem>

#include "tests/unit/sim/run/harness.hpp"

namespace synscope::sim {
namespace {

std::vector<std::string> lessons() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(SYNSCOPE_LESSONS))
        if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

class Lessons : public testing::TestWithParam<std::string> {
  protected:
    static scenario::Scenario load() {
        const auto loaded = scenario::load_file(concat(SYNSCOPE_LESSONS, '/', GetParam(), ".yaml"), {});
        EXPECT_TRUE(loaded) << scenario::error_line(loaded.error());
        return loaded.value_or(scenario::Scenario{});
    }
};

TEST_P(Lessons, RunsToItsEndAndTwiceTheSame) {
    const auto one = run_scenario(load());
    const auto two = run_scenario(load());
    ASSERT_EQ(one->error(), "no error");
    EXPECT_GT(one->record.packets.size(), 5u);
    EXPECT_EQ(one->record.events, two->record.events);
    for (std::size_t i = 0; i < one->record.packets.size(); ++i)
        EXPECT_EQ(one->record.packets[i].bytes, two->record.packets[i].bytes) << "packet " << i;
}

TEST_P(Lessons, TellsTheSameStoryInBothLanguages) {
    const scenario::Scenario lesson = load();
    EXPECT_EQ(lesson.name, GetParam());
    EXPECT_FALSE(lesson.narration.empty());
    for (const scenario::Narration& n : lesson.narration)
        for (const auto* texts : {&n.title, &n.text})
            for (const char* language : {"en", "zh-CN"})
                EXPECT_EQ(texts->count(language), 1u) << n.at << ' ' << language;
}

TEST_P(Lessons, EndsWellInAnyOrderOfWhatHappensAtOnce) {
    for (const std::uint64_t shuffle : {1u, 2u, 3u})
        EXPECT_EQ(run_scenario(load(), shuffle)->error(), "no error") << "shuffle seed " << shuffle;
}

INSTANTIATE_TEST_SUITE_P(All, Lessons, testing::ValuesIn(lessons()), [](const auto& lesson) {
    std::string name = lesson.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
}  // namespace synscope::sim
