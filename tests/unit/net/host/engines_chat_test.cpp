// Connections that talk to each other, over every engine whose clients share a memory and which serves more
// than one at once.
#include "net/service/service.hpp"
#include "tests/unit/net/host/engines_suite.hpp"

namespace synscope::host {
namespace {

std::vector<engine::EngineInfo> engines_for_a_chat() {
    std::vector<engine::EngineInfo> out;
    const service::ServiceInfo* chat = service::find_service("chat");
    for (const engine::EngineInfo& info : stream_engines())
        if (chat != nullptr && !why_not_together(info, *chat) &&
            info.properties.clients != engine::ClientsAtOnce::One)
            out.push_back(info);
    return out;
}

/// What a member hears, up to and including `text`; all there was when that did not come.
std::string hear(Peer& peer, std::string_view text) {
    std::string heard;
    while (heard.find(text) == std::string::npos) {
        const std::string more = peer.receive(1);
        if (more.empty()) break;
        heard += more;
    }
    return heard;
}

class EngineWithChat : public EngineTest {
  protected:
    [[nodiscard]] static ServerHostOptions chat_options() {
        ServerHostOptions o = options();
        o.server.service = "chat";
        o.server.options.send_buffer = 4096;
        return o;
    }
    static void join(Peer& peer, const std::string& name) {
        peer.send(name + "\n");
        EXPECT_TRUE(hear(peer, name + "\n").find("* here:") != std::string::npos);
    }
};

TEST_P(EngineWithChat, WhatOneSaysTheOthersHearThoughTheySaidNothing) {
    Server server{chat_options()};
    Peer ann{server.address()};
    join(ann, "ann");
    Peer bob{server.address()};
    join(bob, "bob");
    EXPECT_NE(hear(ann, "* bob joins\n").find("* bob joins\n"), std::string::npos);
    ann.send("hello\n");
    EXPECT_NE(hear(bob, "ann: hello\n").find("ann: hello\n"), std::string::npos);
    bob.send("hi\n");
    EXPECT_EQ(hear(ann, "bob: hi\n"), "bob: hi\n");
    bob.reset();
    EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
}

TEST_P(EngineWithChat, AMemberThatDoesNotReadHoldsUpNobody) {
    Server server{chat_options()};
    Peer slow{server.address(), 4096};
    join(slow, "slow");
    Peer ann{server.address()};
    join(ann, "ann");
    Peer bob{server.address()};
    join(bob, "bob");
    hear(ann, "* bob joins\n");
    // In rounds of 32 lines, each of which bob reads before the next: nothing is dropped for him.
    const std::string line = std::string(1000, 'l') + "\n";
    std::string round;
    for (int i = 0; i < 32; ++i)
        round += line;
    std::string heard_round;
    for (int i = 0; i < 32; ++i)
        heard_round += "ann: " + line;
    for (int i = 0; i < 60; ++i) {
        ann.send(round);
        ASSERT_TRUE(bob.receive(heard_round.size()) == heard_round) << "round " << i;
    }
    EXPECT_EQ(hear(ann, "misses this\n"), "* slow does not read, and misses this\n");
    EXPECT_EQ(slow.receive(1000).size(), 1000u) << "what was kept for it is still there";
}

INSTANTIATE_TEST_SUITE_P(All, EngineWithChat, testing::ValuesIn(engines_for_a_chat()), engine_test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EngineWithChat);

}  // namespace
}  // namespace synscope::host
