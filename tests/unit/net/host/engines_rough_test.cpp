// What happens to servers: signals in every call, peers that reset or do not read, and no descriptor left.
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>
#include <set>

#include "tests/unit/net/host/engines_suite.hpp"

namespace synscope::host {
namespace {

/// Interrupts every thread of the server, and of its processes, again and again. Those that were there before
/// it, and the one that made it, are spared.
class SignalStorm {
  public:
    SignalStorm() {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        action.sa_flags = 0;  // without SA_RESTART: every sleeping call says EINTR
        ::sigaction(SIGURG, &action, &before_);
        for (const pid_t thread : threads_of_this_process())
            spared_.insert(thread);
    }
    SignalStorm(const SignalStorm&) = delete;
    SignalStorm& operator=(const SignalStorm&) = delete;
    ~SignalStorm() {
        end_ = true;
        if (thread_.joinable()) thread_.join();
        ::sigaction(SIGURG, &before_, nullptr);
    }
    void begin() {
        thread_ = std::thread{[this] {
            spared_.insert(static_cast<pid_t>(::syscall(SYS_gettid)));
            while (!end_) {
                for (const pid_t thread : threads_of_this_process())
                    if (!spared_.contains(thread)) ::syscall(SYS_tgkill, ::getpid(), thread, SIGURG);
                for (const pid_t child : children_of_this_process())
                    ::kill(child, SIGURG);
                ::poll(nullptr, 0, 1);
            }
        }};
    }

  private:
    std::set<pid_t> spared_;
    std::atomic<bool> end_{false};
    struct sigaction before_ {};
    std::thread thread_;
};

class RoughEngines : public EngineTest {};

TEST_P(RoughEngines, AStormOfSignalsInterruptsEveryCallAndNothingElse) {
    const EventFile events;
    ServerHostOptions o = options();
    o.event_fd = events.fd();
    o.observe = engine::ObserveLevel::Calls;
    SignalStorm storm;
    Server server{o};
    Peer peer{server.address()};
    peer.send("calm");
    ASSERT_EQ(peer.receive(4), "CALM");
    storm.begin();
    EXPECT_TRUE(events.wait_until([](const auto& read) {
        const auto calls = read.template all<SyscallReturned>();
        return std::any_of(calls.begin(), calls.end(), [](const auto& c) { return c.error == EINTR; });
    })) << "no call was interrupted: the storm does not reach it";
    EXPECT_TRUE(Echoing(peer, 300'000).run());
    peer.finish();
    EXPECT_EQ(peer.receive_all(), "");
    Peer next{server.address()};
    EXPECT_TRUE(Echoing(next, 300'000).run());
    EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
    EXPECT_EQ(next.receive_all(), "");
}

TEST_P(RoughEngines, EveryByteComesBackHoweverMany) {
    Server server{options()};
    Peer peer{server.address()};
    EXPECT_TRUE(Echoing(peer, size_from_environment("SYNSCOPE_ENGINE_BYTES", 4'000'000)).run());
}

TEST_P(RoughEngines, APeerThatResetsInTheMiddleOfItsAnswerHarmsNobody) {
    Server server{options()};
    for (int i = 0; i < 3; ++i) {
        Peer rude{server.address(), 4096};
        const std::string much(200'000, 'x');
        ASSERT_GT(::send(rude.fd(), much.data(), much.size(), MSG_DONTWAIT), 0);
        ASSERT_EQ(rude.receive(1), "X") << "the server is at it";
        rude.reset();
    }
    Peer peer{server.address()};
    peer.send("still there?");
    EXPECT_EQ(peer.receive(12), "STILL THERE?");
}

TEST_P(RoughEngines, AStopIsForcedOnAPeerThatDoesNotRead) {
    ServerHostOptions o = options();
    o.server.options.send_buffer = 4096;
    o.grace = Duration::milliseconds(50);
    Server server{o};
    Peer peer{server.address(), 4096};
    send_until_stuck(peer, 200);
    EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
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

TEST_P(RoughEngines, LivesThroughTheEndOfItsDescriptors) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(run_out_of_descriptors(options()));
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

/// Several who are reported together, each with more behind its first bytes than one recv() brings: a reader
/// that took a short read for all there is would leave it there for ever.
TEST_P(RoughEngines, WhatLiesBehindUrgentDataOrBeforeTheEndIsReadAlsoWhenManySpeakAtOnce) {
    ServerHostOptions o = options();
    o.server.service = "echo";
    o.server.busy = Duration::milliseconds(20);  // meanwhile all the others have spoken
    Server server{o};
    constexpr std::size_t kPeers = 6;
    std::vector<std::unique_ptr<Peer>> peers;
    for (std::size_t i = 0; i < kPeers; ++i) {
        Peer& peer = *peers.emplace_back(std::make_unique<Peer>(server.address()));
        peer.send("before");
        ASSERT_EQ(::send(peer.fd(), "!", 1, MSG_OOB | MSG_NOSIGNAL), 1);
        peer.send("behind");
        if (i % 2 == 0) peer.finish();
    }
    for (std::size_t i = 0; i < kPeers; ++i) {
        EXPECT_EQ(peers[i]->receive(12), "beforebehind") << "the urgent byte is not part of the stream";
        peers[i]->finish();
        EXPECT_EQ(peers[i]->receive_all(), "");
        EXPECT_TRUE(peers[i]->readable(0)) << "its end of file was not answered";
    }
}

INSTANTIATE_TEST_SUITE_P(All, RoughEngines, testing::ValuesIn(stream_engines()), engine_test_name);

}  // namespace
}  // namespace synscope::host
