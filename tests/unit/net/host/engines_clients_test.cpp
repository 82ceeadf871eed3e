// How many clients an engine serves at once, and what they have in common: as declared, both ways.
#include <sys/wait.h>

#include "tests/unit/net/host/engines_suite.hpp"

namespace synscope::host {
namespace {

/// How many clients an engine serves at once where that is few; nothing where it is many.
std::optional<std::size_t> few(const engine::EngineInfo& info) {
    switch (info.properties.clients) {
        case engine::ClientsAtOnce::One:
            return 1;
        case engine::ClientsAtOnce::PoolSize:
            return engine::kPoolSize;
        default:
            return std::nullopt;
    }
}
std::vector<engine::EngineInfo> engines_of(bool of_few) {
    std::vector<engine::EngineInfo> out;
    for (const engine::EngineInfo& info : stream_engines())
        if (few(info).has_value() == of_few) out.push_back(info);
    return out;
}

bool answers(Peer& peer) {
    peer.send("a");
    return peer.receive(1) == "A";
}

class EngineOfFew : public EngineTest {};

TEST_P(EngineOfFew, LetsTheNextOneWait) {
    Server server{options()};
    std::vector<Peer> peers;
    for (std::size_t i = 0; i < *few(GetParam()); ++i) {
        peers.emplace_back(server.address());
        ASSERT_TRUE(answers(peers.back())) << "client " << i << " of those it declares to serve at once";
    }
    Peer next{server.address()};
    next.send("next");
    EXPECT_FALSE(next.readable(150)) << "it serves more at once than it declares";
    peers.pop_back();
    EXPECT_EQ(next.receive(4), "NEXT") << "there is room now";
}

INSTANTIATE_TEST_SUITE_P(All, EngineOfFew, testing::ValuesIn(engines_of(true)), engine_test_name);

class EngineOfMany : public EngineTest {};

TEST_P(EngineOfMany, AnswersEveryoneWhileAllAreConnected) {
    std::size_t count = size_from_environment("SYNSCOPE_ENGINE_CLIENTS", 100);
    // Their own ends are descriptors of this process, too.
    if (declared().clients == engine::ClientsAtOnce::SelectLimit) count = std::min(count, std::size_t{450});
    if (!may_open(3 * count + 50)) GTEST_SKIP() << "no room for the descriptors of " << count << " clients";
    ServerHostOptions o = options();
    o.server.backlog = 1024;
    Server server{o};
    std::vector<Peer> peers;
    for (std::size_t i = 0; i < count; ++i)
        peers.emplace_back(server.address());
    for (int round = 0; round < 2; ++round) {
        for (Peer& peer : peers)
            peer.send("ask");
        for (Peer& peer : peers)
            ASSERT_EQ(peer.receive(3), "ASK");
    }
    for (Peer& peer : peers)
        peer.finish();
    for (Peer& peer : peers)
        ASSERT_EQ(peer.receive_all(), "");
}

INSTANTIATE_TEST_SUITE_P(All, EngineOfMany, testing::ValuesIn(engines_of(false)), engine_test_name);

class EngineClients : public EngineTest {};

TEST_P(EngineClients, SilentOnesDoWhatIsDeclared) {
    Server server{options()};
    const auto answered_beside = [&](std::size_t silent_ones, int patience_ms = 20'000) {
        std::vector<Peer> silent;
        for (std::size_t i = 0; i < silent_ones; ++i)
            silent.emplace_back(server.address());
        Peer other{server.address()};
        other.send("me");
        const bool answered = other.readable(patience_ms);
        silent.clear();
        EXPECT_EQ(other.receive(2), "ME") << "they have gone";
        return answered;
    };
    switch (declared().silent_client) {
        case engine::SilentClient::BlocksEveryone:
            EXPECT_FALSE(answered_beside(1, 150)) << "declared to block everyone, and does not";
            break;
        case engine::SilentClient::HoldsOneWorker:
            EXPECT_TRUE(answered_beside(engine::kPoolSize - 1));
            EXPECT_FALSE(answered_beside(engine::kPoolSize, 150))
                << "declared to hold a worker each, and does not";
            break;
        case engine::SilentClient::HarmsNobody:
            EXPECT_TRUE(answered_beside(2 * engine::kPoolSize));
            break;
    }
}

TEST_P(EngineClients, LiveInOneMemoryIfItSaysSo) {
    const EventFile events;
    ServerHostOptions o = options();
    o.event_fd = events.fd();
    o.observe = engine::ObserveLevel::Calls;
    Server server{o};
    Peer peer{server.address()};
    ASSERT_TRUE(answers(peer));
    ASSERT_TRUE(events.wait_until([](const auto& read) {
        const auto calls = read.template all<SyscallReturned>();
        return std::any_of(calls.begin(), calls.end(), [](const auto& c) { return writes_stream(c.call); });
    }));
    // The peer is still there, and so is whoever serves it: a thread of this process, or not.
    for (const SyscallReturned& call : events.read().all<SyscallReturned>()) {
        if (!writes_stream(call.call)) continue;
        const bool ours = std::filesystem::exists("/proc/self/task/" + std::to_string(call.thread.value));
        EXPECT_EQ(ours, declared().shared_state);
    }
}

INSTANTIATE_TEST_SUITE_P(All, EngineClients, testing::ValuesIn(stream_engines()), engine_test_name);

TEST(BlockingEngine, TheTraceShowsThatTheSecondClientWaited) {
    const EventFile events;
    ServerHostOptions o = options_for("blocking");
    o.event_fd = events.fd();
    o.observe = engine::ObserveLevel::Calls;
    {
        Server server{o};
        Peer first{server.address()};
        Peer second{server.address()};
        second.send("second");
        first.send("first");
        EXPECT_EQ(first.receive(5), "FIRST");
        EXPECT_FALSE(second.readable(50));
        first.finish();
        EXPECT_EQ(second.receive(6), "SECOND");
    }
    // One after the other: accept, recv, close, and only then the next accept.
    std::string story;
    for (const SyscallReturned& call : events.read().all<SyscallReturned>()) {
        if (call.call == Syscall::Accept && call.result >= 0) story += 'a';
        if (call.call == Syscall::Recv && call.result > 0) story += 'r';
        if (call.call == Syscall::Close) story += 'c';
    }
    EXPECT_EQ(story, "arcarcc") << "accept, recv, close of each client, and the listener's close";
}

/// In a child process, whose descriptors are used up below 1024. 0 when all went well.
int go_beyond_the_sets() {
    if (!may_open(1200)) return 77;
    const EventFile events;
    ServerHostOptions o = options_for("select");
    o.event_fd = events.fd();
    Server server{o};
    Peer low{server.address()};
    low.send("low");
    if (low.receive(3) != "LOW") return 1;
    std::vector<engine::UniqueFd> fillers;
    do
        fillers.emplace_back(::dup(events.fd()));
    while (fillers.back().get() < FD_SETSIZE - 1);
    Peer high{server.address()};
    high.send("high");
    if (!high.receive_all().empty()) return 2;  // refused: end-of-file (or a reset, since it said something)
    if (!events.wait_until([](const auto& read) {
            const auto notes = read.template all<Note>();
            return std::any_of(notes.begin(), notes.end(), [&](const Note& note) {
                return read.text(note.text).find("is not below 1024") != std::string::npos;
            });
        }))
        return 3;
    low.send("still");
    if (low.receive(5) != "STILL") return 4;
    fillers.clear();
    Peer again{server.address()};
    again.send("again");
    return again.receive(5) == "AGAIN" ? 0 : 5;
}

TEST(SelectEngine, RefusesADescriptorThatItsSetsHaveNoBitFor) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(go_beyond_the_sets());
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no room for more than 1024 descriptors";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace synscope::host
