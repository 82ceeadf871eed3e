// The demo is the first thing anyone sees: what it must contain for its four parts to happen.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "sim/scenario/builtin.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::scenario {
namespace {

Scenario demo() {
    auto loaded = load_text(demo_yaml(), "demo.yaml", {});
    EXPECT_TRUE(loaded) << error_line(loaded.error());
    return loaded.value_or(Scenario{});
}

TEST(Demo, IsTheFileByteForByte) {
    std::ifstream file(SYNSCOPE_DEMO_FILE, std::ios::binary);
    ASSERT_TRUE(file);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_EQ(demo_yaml(), text);
}

TEST(Demo, ServerIsBusyBeforeItReadsAndClosesLaterThanADelayedAck) {
    const Scenario scenario = demo();
    EXPECT_EQ(scenario.server.engine, "blocking");
    EXPECT_EQ(scenario.server.service, "upper");
    EXPECT_EQ(scenario.server.busy, Duration::milliseconds(30));
    EXPECT_EQ(scenario.server.close_delay, Duration::milliseconds(60));
}

TEST(Demo, ConnectionsComeOneAfterAnotherAndDifferOnlyInFraming) {
    const Scenario scenario = demo();
    ASSERT_EQ(scenario.clients.size(), 2u);
    EXPECT_EQ(scenario.clients[1].after, scenario.clients[0].name);
    ASSERT_EQ(scenario.server.connections.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(scenario.server.connections[i].framing, scenario.clients[i].framing);
    EXPECT_EQ(scenario.clients[0].framing, "none");
    EXPECT_EQ(scenario.clients[1].framing, "len32");

    const auto sent = [](const Client& client) {
        std::vector<Send> sends;
        for (const Step& step : client.steps)
            if (const auto* send = std::get_if<Send>(&step.action)) sends.push_back(*send);
        return sends;
    };
    EXPECT_EQ(sent(scenario.clients[0]), (std::vector<Send>{{"hello ", 1}, {"world", 1}}));
    EXPECT_EQ(sent(scenario.clients[0]), sent(scenario.clients[1]));
}

TEST(Demo, EveryMarkIsToldInEnglishAndChinese) {
    const Scenario scenario = demo();
    std::vector<std::string> told;
    for (const Narration& narration : scenario.narration) {
        told.push_back(narration.at);
        for (const Translated* texts : {&narration.title, &narration.text})
            for (const char* language : {"en", "zh-CN"}) {
                ASSERT_TRUE(texts->count(language)) << narration.at;
                EXPECT_FALSE(texts->at(language).empty()) << narration.at;
            }
    }
    EXPECT_EQ(told, (std::vector<std::string>{"handshake", "stuck", "framed", "teardown"}));
}

}  // namespace
}  // namespace synscope::scenario
