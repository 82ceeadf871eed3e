// Engines that make processes: each is in the picture, none is left behind.
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "tests/unit/net/host/harness.hpp"

namespace synscope::host {
namespace {

/// The processes that fork() made, by the events.
std::vector<pid_t> forked(const EventFile::Read& read) {
    std::vector<pid_t> out;
    for (const auto& call : read.all<SyscallReturned>())
        if (call.call == Syscall::Fork && call.result > 0) out.push_back(static_cast<pid_t>(call.result));
    return out;
}

ServerHostOptions watched(std::string_view engine, const EventFile& events) {
    ServerHostOptions o = options_for(engine);
    o.event_fd = events.fd();
    return o;
}

bool talks(Peer& peer) {
    peer.send("x");
    return peer.receive(1) == "X";
}

class Processes : public testing::TestWithParam<std::string_view> {
  protected:
    void SetUp() override {
        if (const auto reason = why_not_here(*engine::find_engine(GetParam()))) GTEST_SKIP() << *reason;
    }
};

TEST_P(Processes, EachClientIsServedByOneOfItsOwn) {
    const EventFile events;
    {
        Server server{watched(GetParam(), events)};
        Peer one{server.address()};
        Peer two{server.address()};
        EXPECT_TRUE(talks(one));
        EXPECT_TRUE(talks(two));
    }
    const auto read = events.read();
    const std::vector<pid_t> made = forked(read);
    std::map<std::uint32_t, std::set<std::uint32_t>> readers;  // of a socket
    for (const auto& call : read.all<SyscallReturned>())
        if (call.call == Syscall::Recv && call.result > 0)
            readers[call.socket.value].insert(call.thread.value);
    ASSERT_EQ(readers.size(), 2u) << "two sockets, and no id twice";
    std::set<std::uint32_t> all;
    for (const auto& [socket, threads] : readers) {
        ASSERT_EQ(threads.size(), 1u);
        all.insert(*threads.begin());
        EXPECT_NE(std::find(made.begin(), made.end(), static_cast<pid_t>(*threads.begin())), made.end());
    }
    EXPECT_EQ(all.size(), 2u);
}

TEST_P(Processes, ClosedSocketsAreFollowedFurther) {
    const EventFile events;
    {
        Server server{watched(GetParam(), events)};
        Peer peer{server.address()};
        EXPECT_TRUE(talks(peer));
        server.stop();  // the server closes first
        EXPECT_EQ(peer.receive_all(), "");
    }
    const auto samples = events.read().all<KernelSample>();
    EXPECT_TRUE(std::any_of(samples.begin(), samples.end(),
                            [](const KernelSample& k) { return k.source == SampleSource::SockDiag; }));
}

INSTANTIATE_TEST_SUITE_P(All, Processes, testing::Values("fork", "prefork"),
                         [](const auto& of) { return std::string{of.param}; });

TEST(Fork, AChildThatEndedIsReapedWhileNobodyComes) {
    if (const auto reason = why_not_here(*engine::find_engine("fork"))) GTEST_SKIP() << *reason;
    const EventFile events;
    Server server{watched("fork", events)};
    {
        Peer peer{server.address()};
        EXPECT_TRUE(talks(peer));
    }
    // Nothing comes after it, and still:
    EXPECT_TRUE(events.wait_until([](const auto& read) {
        const auto calls = read.template all<SyscallReturned>();
        const std::vector<pid_t> made = forked(read);
        return made.size() == 1 && std::any_of(calls.begin(), calls.end(), [&](const SyscallReturned& c) {
                   return c.call == Syscall::Waitpid && c.result == made[0];
               });
    })) << "a zombie";
}

TEST(Prefork, AWorkerThatDiesIsReplaced) {
    if (const auto reason = why_not_here(*engine::find_engine("prefork"))) GTEST_SKIP() << *reason;
    const EventFile events;
    Server server{watched("prefork", events)};
    ASSERT_TRUE(events.wait_until([](const auto& read) { return forked(read).size() == engine::kPoolSize; }));
    ASSERT_EQ(::kill(forked(events.read()).front(), SIGKILL), 0);
    ASSERT_TRUE(
        events.wait_until([](const auto& read) { return forked(read).size() == engine::kPoolSize + 1; }));
    const auto read = events.read();
    const auto notes = read.all<Note>();
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(read.text(notes[0].text).find("signal 9"), std::string::npos) << read.text(notes[0].text);
    std::vector<Peer> peers;
    for (std::size_t i = 0; i < engine::kPoolSize; ++i)
        peers.emplace_back(server.address());
    for (Peer& peer : peers)
        EXPECT_TRUE(talks(peer));
}

/// A server with clients, which says where it listens and never ends by itself.
[[noreturn]] void serve_for_ever(std::string_view engine, int event_fd, int tell) {
    ServerHostOptions o = options_for(engine);
    o.event_fd = event_fd;
    o.on_listening = [tell](const Endpoint& where) {
        [[maybe_unused]] const auto written = ::write(tell, &where, sizeof where);
    };
    static_cast<void>(run_server_host(o));
    ::_exit(0);
}

TEST_P(Processes, NoneOutlivesAServerThatIsKilled) {
    const EventFile events;
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // whoever is left over becomes our child
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const engine::UniqueFd reading{ends[0]};
    const engine::UniqueFd writing{ends[1]};
    const pid_t server = ::fork();
    if (server == 0) serve_for_ever(GetParam(), events.fd(), writing.get());
    Endpoint where;
    ASSERT_EQ(::read(reading.get(), &where, sizeof where), static_cast<ssize_t>(sizeof where));
    Peer peer{where};
    EXPECT_TRUE(talks(peer));
    ASSERT_TRUE(events.wait_until([](const auto& read) { return !forked(read).empty(); }));
    ::kill(server, SIGKILL);
    // All of them end, or this sleeps until the test's own time is over.
    int ended = 0;
    while (::waitpid(-1, nullptr, 0) > 0)
        ++ended;
    EXPECT_GE(ended, 3) << "the server, its engine, and a child at least";
    EXPECT_EQ(peer.receive_all(), "");
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace
}  // namespace synscope::host
