// Services and framings where only real sockets show whether they work: two ends that wait for each other,
// and a member of a chat who does not read.
#include "net/base/text.hpp"
#include "tests/unit/net/host/harness.hpp"

namespace synscope::host {
namespace {

class Services : public testing::TestWithParam<std::string_view> {};

TEST_P(Services, ReadyIsSaidByBothEnds) {
    ServerHostOptions options = options_for(GetParam());
    options.server.service = "echo";
    options.server.framing = "ready";
    Server server{options};
    scenario::Client client;
    client.name = "alice";
    client.framing = "ready";
    client.steps = {{scenario::Connect{Duration::seconds(5)}},
                    {scenario::Send{"ready", 1}},
                    {scenario::Send{"", 1}},
                    {scenario::Send{"x", 100'000}},
                    {scenario::Recv{{}, 3, false}},
                    {scenario::Shutdown{}},
                    {scenario::Recv{{}, {}, true}}};
    const auto result = run_client_host({client, server.address()});
    EXPECT_TRUE(result) << (result ? "" : result.error().what);
}
INSTANTIATE_TEST_SUITE_P(Blocking, Services, testing::Values("blocking", "epoll-et"),
                         [](const auto& one) { return one.param == "blocking" ? "blocking" : "epoll_et"; });

TEST(Chat, OneWhoDoesNotReadHoldsNobodyUpAndHearsWhatItMissed) {
    ServerHostOptions options = options_for("epoll-et");
    options.server.service = "chat";
    options.server.options.send_buffer = 65536;
    Server server{options};
    Peer ann{server.address()};
    Peer bob{server.address(), 4096};
    Peer cid{server.address()};
    const auto joins = [](Peer& peer, std::string_view name, std::string_view here) {
        peer.send(concat(name, '\n'));
        const std::string expected = concat("your name?\n* here: ", here, '\n');
        ASSERT_EQ(peer.receive(expected.size()), expected);
    };
    joins(ann, "ann", "ann");
    joins(bob, "bob", "ann bob");
    joins(cid, "cid", "ann bob cid");
    const std::string heard = "* bob joins\n* cid joins\n";
    ASSERT_EQ(ann.receive(heard.size()), heard);

    const std::string line(4000, 'l');
    int sent = 0;
    while (!ann.readable(0)) {
        ASSERT_LT(++sent, 5000) << "what is kept for somebody who does not read must be limited";
        ann.send(line + "\n");
        ASSERT_EQ(cid.receive(line.size() + 6), concat("ann: ", line, '\n'));
    }
    const std::string told = "* bob does not read, and misses this\n";
    EXPECT_EQ(ann.receive(told.size()), told);

    // Everything that was kept for bob, and then the number of what was not.
    std::string all;
    while (all.find("ann: still there?") == std::string::npos) {
        ann.send("still there?\n");
        std::array<char, 65536> piece;
        while (bob.readable(20)) {
            const ssize_t n = ::recv(bob.fd(), piece.data(), piece.size(), 0);
            ASSERT_GT(n, 0);
            all.append(piece.data(), static_cast<std::size_t>(n));
        }
    }
    EXPECT_NE(all.find("* you missed "), std::string::npos);
}

}  // namespace
}  // namespace synscope::host
