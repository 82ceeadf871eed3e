// One suite over every engine. What an engine declares is asserted both ways.
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "tests/unit/net/host/harness.hpp"

namespace synscope::host {
namespace {

class Engines : public testing::TestWithParam<engine::EngineInfo> {
  protected:
    void SetUp() override {
        if (const auto reason = GetParam().unavailable()) GTEST_SKIP() << *reason;
    }
    [[nodiscard]] static ServerHostOptions options() { return options_for(GetParam().name); }
};

TEST_P(Engines, AnswersInUpperCase) {
    Server server{options()};
    Peer peer{server.address()};
    peer.send("hello");
    EXPECT_EQ(peer.receive(5), "HELLO");
    peer.send("again");
    EXPECT_EQ(peer.receive(5), "AGAIN");
}

TEST_P(Engines, OneByteAtATime) {
    Server server{options()};
    Peer peer{server.address()};
    const std::string text = "every byte its own segment";
    std::string answer;
    for (const char c : text) {
        peer.send({&c, 1});
        answer += peer.receive(1);
    }
    EXPECT_EQ(answer, "EVERY BYTE ITS OWN SEGMENT");
}

TEST_P(Engines, ServesManyClientsOneAfterTheOtherOrTogether) {
    Server server{options()};
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int i = 0; i < 24; ++i)
        threads.emplace_back([&, i] {
            Peer peer{server.address()};
            const std::string text(static_cast<std::size_t>(100 + i), static_cast<char>('a' + i));
            peer.send(text);
            peer.finish();
            if (peer.receive_all() == std::string(text.size(), static_cast<char>('A' + i))) ++right;
        });
    for (std::thread& t : threads)
        t.join();
    EXPECT_EQ(right, 24);
}

TEST_P(Engines, AHalfClosedPeerGetsAllItsAnswers) {
    Server server{options()};
    Peer peer{server.address()};
    peer.send(std::string(200'000, 'x'));
    peer.finish();
    EXPECT_EQ(peer.receive_all(), std::string(200'000, 'X'));
}

// Both ends would sleep in send() if the server took everything: a thread reads, but only after the sender
// has been held up.
TEST_P(Engines, ASlowReaderHoldsTheSenderUpAndLosesNothing) {
    ServerHostOptions o = options();
    o.server.options.send_buffer = 4096;
    o.server.options.receive_buffer = 4096;
    Server server{o};
    Peer peer{server.address(), 4096};
    // Nonblocking until the kernel takes no more for 100 ms: the bytes accepted are then bounded by buffers,
    // ours among them.
    constexpr std::size_t kMuch = std::size_t{64} << 20;
    const std::string piece(65536, 'p');
    std::size_t sent = 0;
    for (;;) {
        pollfd p{peer.fd(), POLLOUT, 0};
        if (::poll(&p, 1, 300) <= 0) break;
        const ssize_t n = ::send(peer.fd(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) sent += static_cast<std::size_t>(n);
        ASSERT_LT(sent, kMuch) << "nothing holds the sender up";
    }
    peer.finish();
    EXPECT_EQ(peer.receive_all().size(), sent);
}

TEST_P(Engines, APeerThatResetsHarmsNobodyElse) {
    Server server{options()};
    for (int i = 0; i < 5; ++i) {
        Peer rude{server.address()};
        rude.send("half a conversation");
        rude.reset();
    }
    Peer peer{server.address()};
    peer.send("still there?");
    EXPECT_EQ(peer.receive(12), "STILL THERE?");
}

TEST_P(Engines, ASilentClientDoesWhatIsDeclared) {
    Server server{options()};
    Peer silent{server.address()};
    Peer second{server.address()};
    second.send("me");
    if (GetParam().properties.silent_client == engine::SilentClient::BlocksEveryone) {
        EXPECT_FALSE(second.readable(150)) << "declared to block everyone, and does not";
        silent.finish();
    }
    EXPECT_EQ(second.receive(2), "ME");
}

TEST_P(Engines, StopsWhileItWaitsForAByte) {
    Server server{options()};
    Peer peer{server.address()};
    peer.send("x");
    ASSERT_EQ(peer.receive(1), "X");
    EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
    EXPECT_EQ(peer.receive_all(), "");
}

TEST_P(Engines, StopsWhileItIsBusyAndAnswersWhatHadArrived) {
    ServerHostOptions o = options();
    o.server.busy = Duration::seconds(3600);
    Server server{o};
    Peer peer{server.address()};
    peer.send("late");
    // The byte is with the server's kernel once it is acknowledged; send() returned after that on loopback.
    EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
}

TEST_P(Engines, AStopIsForcedOnAPeerThatDoesNotRead) {
    ServerHostOptions o = options();
    o.server.options.send_buffer = 4096;
    o.grace = Duration::milliseconds(50);
    Server server{o};
    Peer peer{server.address(), 4096};
    const std::string piece(65536, 'p');
    for (pollfd p{peer.fd(), POLLOUT, 0}; ::poll(&p, 1, 200) > 0;)
        static_cast<void>(::send(peer.fd(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
}

TEST_P(Engines, EachConnectionMayHaveItsOwnFraming) {
    ServerHostOptions o = options();
    o.server.connections = {{std::nullopt}, {"len32"}};
    Server server{o};
    {
        Peer plain{server.address()};
        plain.send("ab");
        EXPECT_EQ(plain.receive(2), "AB");
    }
    Peer framed{server.address()};
    framed.send(std::string("\2\0\0\0hi\1\0\0\0x", 11));
    EXPECT_EQ(framed.receive(11), std::string("\2\0\0\0HI\1\0\0\0X", 11));
    framed.send(std::string("\xff\xff\xff\xff", 4));
    EXPECT_EQ(framed.receive_all(), "") << "a negative length ends the connection";
    Peer after{server.address()};
    after.send("alive");
    EXPECT_EQ(after.receive(5), "ALIVE");
}

/// In a child process, since the limit is the process's: 0 when every connection got an answer or a prompt
/// end-of-file.
int run_out_of_descriptors(ServerHostOptions o) {
    const EventFile events;
    o.event_fd = events.fd();
    Server server{o};
    std::vector<Peer> peers;
    {
        // Peers take descriptors of the same process: room for some of their server ends, not for all.
        peers.reserve(8);
        for (int i = 0; i < 8; ++i)
            peers.emplace_back(server.address());
        Peer last{server.address()};
        const rlimit limit{static_cast<rlim_t>(last.fd()) + 3, static_cast<rlim_t>(last.fd()) + 3};
        ::setrlimit(RLIMIT_NOFILE, &limit);
        last.send("x");
        last.finish();
        for (Peer& p : peers)
            p.finish();
        for (Peer& p : peers)
            if (!p.readable(10'000)) return 1;
        if (!last.readable(10'000)) return 2;
    }
    peers.clear();
    Peer again{server.address()};
    again.send("lives");
    return again.receive(5) == "LIVES" ? 0 : 3;
}

TEST_P(Engines, LivesThroughTheEndOfItsDescriptors) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(run_out_of_descriptors(options()));
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_P(Engines, DrainsWhatLiesInTheBufferHoweverSmallItsReads) {
    ServerHostOptions o = options();
    o.server.read_size = 3;
    Server server{o};
    Peer peer{server.address()};
    const std::string text(1000, 'd');
    peer.send(text);
    // One segment, one edge. An edge-triggered loop that reads once would answer three bytes and sleep for
    // ever.
    EXPECT_EQ(peer.receive(text.size()), std::string(text.size(), 'D'));
}

std::string test_name(const testing::TestParamInfo<engine::EngineInfo>& info) {
    std::string name{info.param.name};
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}
INSTANTIATE_TEST_SUITE_P(All, Engines, testing::ValuesIn(engine::engines().begin(), engine::engines().end()),
                         test_name);

}  // namespace
}  // namespace synscope::host
