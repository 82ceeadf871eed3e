// One suite over every engine. What an engine declares is asserted both ways.
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "net/host/connection.hpp"
#include "net/service/conversation.hpp"
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

/// Of what the server has read, the most that it held unsent at any time: what the process has of a client.
std::uint64_t most_held(const EventFile::Read& read) {
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    std::uint64_t most = 0;
    for (const auto& call : read.all<SyscallReturned>()) {
        if (call.call == Syscall::Recv) in = std::max(in, call.bytes.end);
        if (call.call == Syscall::Send) out = std::max(out, call.bytes.end);
        most = std::max(most, in - std::min(in, out));
    }
    return most;
}

TEST_P(Engines, APeerThatDoesNotReadIsHeldUpAndCostsBoundedMemory) {
    const EventFile events;
    ServerHostOptions o = options();
    o.event_fd = events.fd();
    o.observe = engine::ObserveLevel::Calls;
    o.server.options.send_buffer = 4096;
    o.server.options.receive_buffer = 4096;
    std::size_t sent = 0;
    {
        Server server{o};
        Peer peer{server.address(), 4096};
        const int small = 4096;
        ::setsockopt(peer.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        // Until nothing moves for 300 ms. Every buffer on the way is small but the server's own, which is
        // bounded.
        const std::string piece(65536, 'p');
        for (;;) {
            pollfd p{peer.fd(), POLLOUT, 0};
            if (::poll(&p, 1, 300) <= 0) break;
            const ssize_t n = ::send(peer.fd(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n > 0) sent += static_cast<std::size_t>(n);
            ASSERT_LT(sent, std::size_t{2} << 20) << "nothing holds the sender up";
        }
        // Back-pressure: the peer's kernel holds what ours does not take, and ours what the server does not.
        int unsent = 0;
        ASSERT_EQ(::ioctl(peer.fd(), SIOCOUTQ, &unsent), 0);
        EXPECT_GT(unsent, 0) << "the window never closed";
        peer.finish();
        EXPECT_EQ(peer.receive_all().size(), sent) << "and nothing is lost";
    }
    const std::uint64_t held = most_held(events.read());
    EXPECT_GT(held, 0u);
    EXPECT_LE(held, service::Conversation::kHighWater + o.server.read_size);
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
    const EventFile events;
    ServerHostOptions o = options();
    o.event_fd = events.fd();
    o.server.busy = Duration::seconds(3600);
    Server server{o};
    Peer peer{server.address()};
    peer.send("late");
    ASSERT_TRUE(events.wait_until([](const auto& read) { return !read.template all<BusyBegan>().empty(); }))
        << "it never was busy";
    EXPECT_TRUE(events.read().all<BusyEnded>().empty()) << "for an hour, says the scenario";
    EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
    EXPECT_EQ(peer.receive_all(), "LATE") << "what had arrived is answered, and then comes end-of-file";
    EXPECT_FALSE(events.read().all<BusyEnded>().empty());
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
