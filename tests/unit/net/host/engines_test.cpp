// One suite over every engine: what a conversation is, however the server waits. What an engine declares of
// its clients is in engines_clients_test.cpp, what befalls servers in engines_rough_test.cpp, and every
// service over every engine in engines_services_test.cpp.
#include <linux/sockios.h>

#include "net/service/conversation.hpp"
#include "tests/unit/net/host/engines_suite.hpp"

namespace synscope::host {
namespace {

class Engines : public EngineTest {};

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
        // Every buffer on the way is small but the server's own, which is bounded.
        sent = send_until_stuck(peer, 300, std::size_t{2} << 20);
        ASSERT_LT(sent, std::size_t{2} << 20) << "nothing holds the sender up";
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

TEST_P(Engines, StopsWhileItWaitsForAByte) {
    ServerHostOptions o = options();
    o.grace = Duration::seconds(3600);  // by itself, and not because it is forced
    Server server{o};
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

INSTANTIATE_TEST_SUITE_P(All, Engines, testing::ValuesIn(stream_engines()), engine_test_name);

}  // namespace
}  // namespace synscope::host
