#include <gtest/gtest.h>

#include "sim/scenario/load.hpp"

namespace synscope::scenario {
namespace {

constexpr std::string_view kFile =
    "version: 1\n"
    "server: {busy: 30ms}\n"
    "clients:\n"
    "  - steps:\n"
    "      - connect\n"
    "      - wait: 100ms\n"
    "      - close\n";

Result<Scenario, UserError> load_with(std::vector<std::string_view> texts) {
    std::vector<Override> overrides;
    for (const std::string_view text : texts)
        overrides.push_back(parse_override(text).value());
    return load_text(kFile, "t.yaml", overrides);
}

std::string error_of(std::string_view text) {
    const auto loaded = load_with({text});
    return loaded ? "no error" : error_line(loaded.error());
}

TEST(Overrides, ReplaceAddAndIndex) {
    const auto s =
        load_with({"server.busy=0", "server.engine=epoll-et", "link.loss=3%", "clients.0.steps.1.wait=5ms",
                   "clients.0.options.no_delay=true", "server.connections=[{framing: len32}]", "seed=7"});
    ASSERT_TRUE(s) << error_line(s.error());
    EXPECT_EQ(s->server.busy, Duration{});
    EXPECT_EQ(s->server.engine, "epoll-et");
    EXPECT_EQ(s->link.loss, 0.03);
    EXPECT_EQ(s->clients[0].steps[1].action, StepAction(Wait{Duration::milliseconds(5)}));
    EXPECT_EQ(s->clients[0].options.no_delay, true);
    EXPECT_EQ(s->server.connections, (std::vector<PerConnection>{{"len32"}}));
    EXPECT_EQ(s->seed, 7u);
}

TEST(Overrides, LaterOneWins) {
    const auto s = load_with({"server.busy=1ms", "server.busy=2ms"});
    ASSERT_TRUE(s);
    EXPECT_EQ(s->server.busy, Duration::milliseconds(2));
}

TEST(Overrides, IndexOfTheLengthAppends) {
    const auto s =
        load_with({"clients.1.name=late", "clients.1.after=client-1", "clients.1.steps=[connect]"});
    ASSERT_TRUE(s) << error_line(s.error());
    ASSERT_EQ(s->clients.size(), 2u);
    EXPECT_EQ(s->clients[1].name, "late");
}

TEST(Overrides, IndexZeroBeginsAListThatTheFileDoesNotHave) {
    const auto s = load_with({"hosts.0={name: client, address: 10.1.0.1/24}", "hosts.1=server"});
    ASSERT_TRUE(s) << error_line(s.error());
    ASSERT_EQ(s->hosts.size(), 2u);
    EXPECT_EQ(s->hosts[0].address, "10.1.0.1/24");
    EXPECT_EQ(s->hosts[1].name, "server");
    EXPECT_EQ(error_of("hosts.1=server"), "--set hosts.1=server: hosts must be a list, not a map of keys");
}

TEST(Overrides, MistakesNameTheOption) {
    EXPECT_EQ(error_of("server.bsy=0"),
              "--set server.bsy=0: unknown key 'bsy' in server (did you mean 'busy'?)");
    EXPECT_EQ(
        error_of("server.busy=soon"),
        "--set server.busy=soon: server.busy must be a duration such as 30ms, 1.5s, 250us or 0, at most "
        "24h, not 'soon'");
    EXPECT_EQ(
        error_of("clients.7.name=x"),
        "--set clients.7.name=x: there is no entry '7' in 'clients' (it is a list of 1 entries, counted "
        "from 0)");
    EXPECT_EQ(error_of("server.busy.x=1"),
              "--set server.busy.x=1: 'server.busy' is a single value, there is nothing below it");
    EXPECT_EQ(error_of("server..x=1"),
              "--set server..x=1: an empty key in the path (such as server.busy or clients.0.name)");
    EXPECT_EQ(error_of("server.busy=[1"),
              "--set server.busy=[1: a key must be a plain word (is a bracket left open?)");
    EXPECT_EQ(error_of("srver.busy=0"),
              "--set srver.busy=0: unknown key 'srver' in a scenario (did you mean 'server'?)");
}

TEST(Overrides, WithoutAnEqualsSignAreNone) {
    const auto parsed = parse_override("server.busy");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(error_line(parsed.error()).substr(0, 43), "--set server.busy: expected path=value (suc");
    EXPECT_FALSE(parse_override("=1"));
    EXPECT_EQ(parse_override("a=b=c")->value, "b=c");
}

}  // namespace
}  // namespace synscope::scenario
