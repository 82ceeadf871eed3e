// The engine interface alone: every engine over connections that only record. What services and framings make
// of it is tests/unit/net/host.
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "net/engine/epoll_set.hpp"
#include "tests/unit/net/engine/fake_host.hpp"

namespace synscope::engine {
namespace {

using test::FakeHost;
using test::Log;
using test::Peer;
using test::Running;

class EngineAlone : public testing::TestWithParam<EngineInfo> {
  protected:
    void SetUp() override {
        if (const auto reason = GetParam().unavailable()) GTEST_SKIP() << *reason;
        if (!GetParam().properties.shared_state) GTEST_SKIP() << "its connections live in other processes";
    }
    [[nodiscard]] static bool serves_together() {
        return GetParam().properties.clients != ClientsAtOnce::One;
    }
};

/// The words of a log, each once where it repeats.
std::string story(const Log& log) {
    std::string out;
    std::string last;
    for (const std::string& line : log.lines) {
        const std::string word = line.substr(0, line.find(' '));
        if (word != last) out += out.empty() ? word : " " + word;
        last = word;
    }
    return out;
}

TEST_P(EngineAlone, TellsAConnectionsLifeInOrderAndOnce) {
    Running server{GetParam()};
    {
        const Peer peer{server.address};
        peer.send("hello");
        EXPECT_EQ(peer.receive(5), "hello");
        peer.finish();
        EXPECT_EQ(peer.receive(1), "");
    }
    ASSERT_TRUE(
        server.host.wait_until([](const auto& logs, const auto&) { return logs[0].count("gone") == 1; }));
    const Log log = server.host.log(0);
    EXPECT_EQ(log.lines.front(), "open");
    EXPECT_EQ(log.count("eof"), 1u);
    EXPECT_EQ(log.count("close"), 1u);
    EXPECT_EQ(log.lines.back(), "gone");
    EXPECT_EQ(log.lines[log.lines.size() - 2], "close");
    EXPECT_GE(log.count("before"), 1u) << "before the first read";
    EXPECT_LT(std::find(log.lines.begin(), log.lines.end(), "before"),
              std::find(log.lines.begin(), log.lines.end(), "bytes 5"));
}

// One segment, one edge: a loop that reads once would deliver three bytes and sleep for ever.
TEST_P(EngineAlone, DrainsToTheEndInReadsOfAnySize) {
    Running server{GetParam(), {}, 3};
    const Peer peer{server.address};
    const std::string text(1000, 'd');
    peer.send(text);
    EXPECT_EQ(peer.receive(text.size()), text);
    const Log log = server.host.log(0);
    EXPECT_EQ(log.count("bytes 3"), 333u);
    EXPECT_EQ(log.count("bytes 1"), 1u);
}

// The proof that the test above can fail: the same loop, but for the drain.
class ForgetfulEngine final : public Engine {
  public:
    Result<void, OsError> run(const Run& run) override {
        Clients clients{run};
        EpollSet epoll;
        if (const auto begun = clients.begin(); !begun) return begun;
        if (const auto begun = epoll.begin(run, clients); !begun) return begun;
        while (clients.serving()) {
            epoll.wait(run, clients, -1);
            while (Client* client = clients.next_due())
                if (clients.serve(*client) != Clients::Turn::Last &&
                    !epoll.watch(run, *client, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET))
                    clients.drop(*client);
        }
        return clients.outcome();
    }
};

TEST(EdgeTriggered, ALoopThatForgetsToDrainSleepsWithBytesInTheBuffer) {
    const EngineInfo forgetful{"forgetful", "", {}, nullptr, [] {
                                   return std::unique_ptr<Engine>{std::make_unique<ForgetfulEngine>()};
                               }};
    Running server{forgetful, {}, 3};
    const Peer peer{server.address};
    peer.send("one segment, and then nothing more");
    ASSERT_EQ(peer.receive(3), "one");
    pollfd p{peer.fd(), POLLIN, 0};
    std::string more;
    while (::poll(&p, 1, 150) > 0)  // each wake-up for room reads three bytes more, as it happens
        more += peer.receive(3);
    EXPECT_LT(more.size(), 31u) << "it was reported again: this is no edge";
    peer.send("!");
    EXPECT_EQ(peer.receive(1).size(), 1u) << "the next edge goes on where it stood";
}

TEST_P(EngineAlone, DoesNotReadWhileAConnectionTakesNoInput) {
    FakeHost::Manner manner;
    manner.most_held = 1 << 20;
    Running server{GetParam(), manner};
    const Peer peer{server.address};
    // Until nothing moves for 300 ms: then every buffer on the way is full, ours among them.
    const std::string piece(65536, 'p');
    std::size_t sent = 0;
    for (pollfd p{peer.fd(), POLLOUT, 0}; ::poll(&p, 1, 300) > 0;) {
        const ssize_t n = ::send(peer.fd(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) sent += static_cast<std::size_t>(n);
        ASSERT_LT(sent, std::size_t{256} << 20) << "nothing holds the sender up";
    }
    const Log log = server.host.log(0);
    EXPECT_LT(log.received.size(), sent) << "the rest waits in the kernel, where it holds the sender up";
    peer.finish();
    EXPECT_EQ(peer.receive(SIZE_MAX).size(), sent);
}

TEST_P(EngineAlone, SaysEndOfFileForAConnectionThatReadsOn) {
    FakeHost::Manner manner;
    manner.half_close_at = "bye";
    Running server{GetParam(), manner};
    const Peer peer{server.address};
    peer.send("bye");
    EXPECT_EQ(peer.receive(10), "bye") << "and then end-of-file";
    peer.send("still");
    ASSERT_TRUE(
        server.host.wait_until([](const auto& logs, const auto&) { return logs[0].received == "byestill"; }));
    EXPECT_EQ(server.host.log(0).count("half"), 1u);
    EXPECT_EQ(server.host.log(0).count("gone"), 0u);
}

TEST_P(EngineAlone, ClosesForAConnectionThatAsksForItWhenAllIsWritten) {
    FakeHost::Manner manner;
    manner.close_at = "quit";
    Running server{GetParam(), manner};
    const Peer peer{server.address};
    peer.send("quit");
    EXPECT_EQ(peer.receive(10), "quit");
    ASSERT_TRUE(
        server.host.wait_until([](const auto& logs, const auto&) { return logs[0].count("gone") == 1; }));
    EXPECT_EQ(server.host.log(0).count("close"), 1u);
}

TEST_P(EngineAlone, AResetEndsTheConnectionAndNothingElse) {
    Running server{GetParam()};
    Peer rude{server.address};
    rude.send("x");
    ASSERT_EQ(rude.receive(1), "x");
    rude.reset();
    ASSERT_TRUE(
        server.host.wait_until([](const auto& logs, const auto&) { return logs[0].count("gone") == 1; }));
    EXPECT_EQ(server.host.log(0).count("close"), 0u) << "it broke: nobody is there to be closed for";
    const Peer peer{server.address};
    peer.send("y");
    EXPECT_EQ(peer.receive(1), "y");
}

TEST_P(EngineAlone, FetchesWhatAnotherThreadLeftForAConnection) {
    if (!serves_together()) GTEST_SKIP() << "one client at a time: nobody else is there to leave anything";
    Running server{GetParam()};
    const Peer silent{server.address};
    ASSERT_TRUE(server.host.wait_until([](const auto& logs, const auto&) { return logs.size() == 1; }));
    const Peer other{server.address};
    other.send("1");
    ASSERT_EQ(other.receive(1), "1");
    server.host.post(0, "for the first");
    EXPECT_EQ(silent.receive(13), "for the first");
    EXPECT_EQ(server.host.log(1).count("collect"), 0u);
}

TEST_P(EngineAlone, AStopAnswersWhatHadArrivedAndEnds) {
    Running server{GetParam()};
    const Peer peer{server.address};
    peer.send("first");
    ASSERT_EQ(peer.receive(5), "first");
    peer.send("last");  // acknowledged by the server's kernel when send() returns: loopback
    server.stop->request(server.calls);
    EXPECT_EQ(peer.receive(SIZE_MAX), "last");
    const auto outcome = server.outcome();
    ASSERT_TRUE(outcome) << "it did not end";
    EXPECT_TRUE(*outcome);
    EXPECT_EQ(story(server.host.log(0)).substr(story(server.host.log(0)).size() - 14), "eof close gone");
    EXPECT_FALSE(server.listener.fd) << "the listener is closed";
}

TEST_P(EngineAlone, AStopBeforeTheFirstClientEndsItToo) {
    Running server{GetParam()};
    server.stop->request(server.calls);
    const auto outcome = server.outcome();
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(*outcome);
}

TEST_P(EngineAlone, AForcedStopLeavesAPeerThatDoesNotRead) {
    Running server{GetParam()};
    const Peer peer{server.address};
    const std::string piece(65536, 'p');
    for (pollfd p{peer.fd(), POLLOUT, 0}; ::poll(&p, 1, 200) > 0;)
        static_cast<void>(::send(peer.fd(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    server.stop->request(server.calls);
    server.stop->force(server.calls);
    ASSERT_TRUE(server.outcome()) << "it waits for a peer that does not read";
    EXPECT_EQ(server.host.log(0).lines.back(), "gone");
}

/// In a child process, since the limit is the process's. 0 when all went well.
int run_out_of_descriptors(const EngineInfo& info) {
    Running server{info};
    std::vector<Peer> peers;
    for (int i = 0; i < 6; ++i)
        peers.emplace_back(server.address);
    peers.front().send("x");  // answered: the engine is at work, with the descriptors it needs for itself
    if (peers.front().receive(1) != "x") return 4;
    const auto limit_to = [](rlim_t most) {
        const rlimit limit{most, 1024};
        ::setrlimit(RLIMIT_NOFILE, &limit);
    };
    const Peer last{server.address};
    limit_to(static_cast<rlim_t>(last.fd()) + 1);  // none is free: whoever is not served yet cannot be
    for (const Peer& peer : peers)
        peer.finish();
    last.finish();
    // Each is either answered with end-of-file or refused with one: nobody waits for ever.
    for (const Peer& peer : peers)
        if (!peer.receive(1).empty()) return 1;
    if (!last.receive(1).empty()) return 2;
    limit_to(1024);
    const Peer again{server.address};
    again.send("lives");
    return again.receive(5) == "lives" ? 0 : 3;
}

TEST_P(EngineAlone, LivesThroughTheEndOfItsDescriptors) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(run_out_of_descriptors(GetParam()));
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

std::string test_name(const testing::TestParamInfo<EngineInfo>& info) {
    std::string name{info.param.name};
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}
/// Those whose connections record where the test can read it: not in another process. And that have any.
std::vector<EngineInfo> engines_of_this_process() {
    std::vector<EngineInfo> out;
    for (const EngineInfo& info : engines())
        if (info.properties.shared_state && !info.properties.datagrams) out.push_back(info);
    return out;
}
INSTANTIATE_TEST_SUITE_P(All, EngineAlone, testing::ValuesIn(engines_of_this_process()), test_name);

}  // namespace
}  // namespace synscope::engine
