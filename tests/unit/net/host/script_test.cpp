// A client's steps on real sockets: sent in pieces, connected without blocking, many at once.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>

#include "net/base/text.hpp"
#include "tests/unit/net/host/harness.hpp"

namespace synscope::host {
namespace {

scenario::Client client_of(std::vector<scenario::StepAction> actions, std::uint32_t count = 1) {
    scenario::Client client;
    client.name = "crowd";
    client.count = count;
    for (scenario::StepAction& action : actions)
        client.steps.push_back({std::move(action)});
    return client;
}

scenario::Connect nonblocking(std::optional<Duration> timeout = Duration::seconds(10)) {
    scenario::Connect connect{timeout};
    connect.blocking = false;
    return connect;
}

scenario::Recv recv_bytes(std::uint64_t bytes) {
    return {bytes, {}, false};
}

/// Runs it and says how it ended.
std::string run(const scenario::Client& client, const Endpoint& server, int event_fd = -1) {
    const auto result = run_client_host({client, server, event_fd});
    return result ? "well" : result.error().what;
}

/// "send = 3", "connect = EINPROGRESS": every call, in the order of returns.
std::vector<std::string> calls_of(const EventFile::Read& read) {
    std::vector<std::string> out;
    for (const auto& call : read.all<SyscallReturned>())
        out.push_back(concat(
            syscall_name(call.call), " = ",
            call.result < 0 ? std::string(errno_name(call.error).value_or("?")) : concat(call.result)));
    return out;
}

std::size_t count_of(const std::vector<std::string>& calls, std::string_view call) {
    return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
}

TEST(Script, SendsInPiecesWithAPauseAfterEach) {
    Server server{options_for("epoll-et")};
    const EventFile events;
    const std::int64_t begun = engine::monotonic_ns();
    EXPECT_EQ(run(client_of({scenario::Connect{}, scenario::Send{"abcdefg", 1, 3, Duration::milliseconds(5)},
                             recv_bytes(7)}),
                  server.address(), events.fd()),
              "well");
    EXPECT_GE(engine::monotonic_ns() - begun, 15'000'000);
    std::vector<std::int64_t> sent;
    for (const auto& call : events.read().all<SyscallReturned>())
        if (call.call == Syscall::Send) sent.push_back(call.result);
    EXPECT_EQ(sent, (std::vector<std::int64_t>{3, 3, 1}));
}

TEST(Script, NonblockingConnectIsPolledForAndAskedHowItWent) {
    Server server{options_for("epoll-et")};
    const EventFile events;
    EXPECT_EQ(
        run(client_of({nonblocking(), scenario::Send{"x"}, recv_bytes(1)}), server.address(), events.fd()),
        "well");
    const auto read = events.read();
    const auto calls = calls_of(read);
    ASSERT_GE(calls.size(), 9u);
    EXPECT_EQ(std::vector<std::string>(calls.begin() + 1, calls.end()),
              (std::vector<std::string>{"fcntl = 0", "connect = EINPROGRESS", "poll = 1", "getsockopt = 0",
                                        "fcntl = 0", "send = 1", "recv = 1", "close = 0"}));
    const auto ready = read.all<ReadinessReported>();
    ASSERT_EQ(ready.size(), 1u);
    EXPECT_EQ(ready[0].via, ReadinessVia::Poll);
    EXPECT_NE(ready[0].mask & POLLOUT, 0u);
}

TEST(Script, EveryFormOfConnectSaysThatItWasRefused) {
    Endpoint nobody;
    {
        Server server{options_for("blocking")};
        nobody = server.address();
    }
    const std::string refused = concat("step 1 (connect): ", nobody.text(), ": connection refused");
    EXPECT_EQ(run(client_of({scenario::Connect{}}), nobody), "client 'crowd', " + refused);
    EXPECT_EQ(run(client_of({nonblocking()}), nobody), "client 'crowd', " + refused);
    EXPECT_EQ(run(client_of({scenario::Connect{}}, 3), nobody),
              "client 'crowd' 1 of 3, " + refused + " (the first of 3 that failed)");
}

/// Listens, and its queue is full: SYNs are dropped (backlog 0 holds one connection).
class Deaf {
  public:
    Deaf() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        engine::SockAddr any{Endpoint{IpAddress::v4(0x7f000001), 0}};
        EXPECT_EQ(::bind(fd_.get(), any.get(), any.size()), 0);
        EXPECT_EQ(::listen(fd_.get(), 0), 0);
        address_ = engine::local_endpoint(fd_.get());
        waiting_ = std::make_unique<Peer>(address_);
    }
    [[nodiscard]] const Endpoint& address() const { return address_; }

  private:
    engine::UniqueFd fd_;
    Endpoint address_;
    std::unique_ptr<Peer> waiting_;
};

TEST(Script, EveryFormOfConnectGivesUpInTime) {
    const Deaf deaf;
    const Duration most = Duration::milliseconds(40);
    const std::string no_answer =
        concat("step 1 (connect): no answer from ", deaf.address().text(), " within 40.0 ms");
    EXPECT_EQ(run(client_of({scenario::Connect{most}}), deaf.address()), "client 'crowd', " + no_answer);
    EXPECT_EQ(run(client_of({nonblocking(most)}), deaf.address()), "client 'crowd', " + no_answer);
    EXPECT_EQ(run(client_of({scenario::Connect{most}}, 2), deaf.address()),
              "client 'crowd' 1 of 2, " + no_answer + " (the first of 2 that failed)");
}

TEST(Crowd, FiftyAtOnceAreAllAnsweredByOneThread) {
    const EventFile events;
    {
        Server server{options_for("epoll-et")};
        EXPECT_EQ(run(client_of({scenario::Mark{"begin"}, nonblocking(),
                                 scenario::Send{"hello ", 2, 5, Duration::milliseconds(1)}, recv_bytes(12),
                                 scenario::Wait{Duration::milliseconds(2)}, scenario::Shutdown{},
                                 scenario::Recv{{}, {}, true}, scenario::Close{}},
                                50),
                      server.address(), events.fd()),
                  "well");
    }
    const auto read = events.read();
    const auto calls = calls_of(read);
    EXPECT_EQ(count_of(calls, "connect = EINPROGRESS"), 50u) << "all are on their way before the first waits";
    EXPECT_EQ(count_of(calls, "getsockopt = 0"), 50u);
    EXPECT_EQ(count_of(calls, "send = 5"), 100u);
    EXPECT_EQ(count_of(calls, "epoll_ctl = 0"), 50u);
    EXPECT_EQ(count_of(calls, "close = 0"), 50u);
    EXPECT_EQ(read.all<Marker>().size(), 1u);
    EXPECT_FALSE(read.all<ReadinessReported>().empty());
    std::set<std::uint32_t> threads;
    std::map<std::uint32_t, std::uint64_t> got;
    for (const auto& call : read.all<SyscallEntered>())
        threads.insert(call.thread.value);
    for (const auto& call : read.all<SyscallReturned>())
        if (call.call == Syscall::Recv && call.result > 0) got[call.socket.value] = call.bytes.end;
    EXPECT_EQ(threads.size(), 1u);
    EXPECT_EQ(got.size(), 50u);
    for (const auto& [socket, bytes] : got)
        EXPECT_EQ(bytes, 12u) << "socket " << socket;
}

TEST(Crowd, BlockingServerTakesThemOneAfterTheOther) {
    const EventFile events;
    ServerHostOptions options = options_for("blocking");
    options.event_fd = events.fd();
    {
        Server server{options};
        EXPECT_EQ(
            run(client_of({scenario::Connect{}, scenario::Send{"x"}, recv_bytes(1), scenario::Close{}}, 50),
                server.address()),
            "well");
    }
    std::size_t accepted = 0;
    std::size_t open = 0;
    const SocketId listener = events.read().all<SocketNamed>().at(0).socket;
    for (const auto& call : events.read().all<SyscallReturned>()) {
        if (call.call == Syscall::Accept && call.result >= 0) {
            ++accepted;
            EXPECT_EQ(open++, 0u) << "nobody is served beside another";
        }
        if (call.call == Syscall::Close && call.socket != listener) --open;
    }
    EXPECT_EQ(accepted, 50u);
}

TEST(Crowd, WhoCannotSendLetsOthersDoSo) {
    const EventFile events;
    ServerHostOptions options = options_for("epoll-lt");
    options.server.service = "sink";
    // Slower than any sender, and with less room than a message takes: the send buffer must fill.
    options.server.busy = Duration::milliseconds(20);
    options.server.options.receive_buffer = 65536;
    Server server{options};
    scenario::Client client = client_of({scenario::Connect{}, scenario::Send{"0123456789abcdef", 16384},
                                         scenario::Shutdown{}, scenario::Recv{{}, {}, true}},
                                        4);
    client.options.send_buffer = 4096;
    EXPECT_EQ(run(client, server.address(), events.fd()), "well");
    std::map<std::uint32_t, std::uint64_t> sent;
    const auto read = events.read();
    for (const auto& call : read.all<SyscallReturned>())
        if (call.call == Syscall::Send && call.result > 0) sent[call.socket.value] = call.bytes.end;
    EXPECT_EQ(sent.size(), 4u);
    for (const auto& [socket, bytes] : sent)
        EXPECT_EQ(bytes, 262'144u);
    EXPECT_GT(count_of(calls_of(read), "send = EAGAIN"), 0u);
}

TEST(Crowd, FramingThatWaitsForAWordWorksInACrowdToo) {
    ServerHostOptions options = options_for("epoll-et");
    options.server.framing = "ready";
    Server server{options};
    scenario::Client client = client_of({scenario::Connect{}, scenario::Send{"one"}, scenario::Send{"two"},
                                         scenario::Recv{{}, 2, false}, scenario::Close{}},
                                        5);
    client.framing = "ready";
    EXPECT_EQ(run(client, server.address()), "well");
}

TEST(Crowd, OneThatFailsDoesNotEndTheOthers) {
    const EventFile events;
    Server server{options_for("epoll-et")};
    const std::string error =
        run(client_of({scenario::Connect{}, scenario::Send{"x"}, scenario::Shutdown{}, recv_bytes(2)}, 2),
            server.address(), events.fd());
    EXPECT_EQ(error.substr(error.find(", step")),
              ", step 4 (recv): the server closed the connection after 1 of 2 bytes (the first of 2 that "
              "failed)");
    EXPECT_EQ(count_of(calls_of(events.read()), "close = 0"), 2u);
}

TEST(CrowdDeathTest, NeedsADescriptorForEach) {
    const auto in_little_room = [] {
        const rlimit few{100, 100};
        ::setrlimit(RLIMIT_NOFILE, &few);
        std::fputs(run(client_of({scenario::Connect{}}, 200), {IpAddress::v4(0x7f000001), 1}).c_str(),
                   stderr);
        std::_Exit(0);
    };
    EXPECT_EXIT(in_little_room(), testing::ExitedWithCode(0),
                "client 'crowd': 200 at once need 232 descriptors, and this process may have 100");
}

// ---- datagrams
// ----------------------------------------------------------------------------------------------------------

ServerHostOptions datagram_server() {
    ServerHostOptions options = options_for("udp");
    options.server.service = "udp-upper";
    return options;
}

scenario::Client in_datagrams(std::vector<scenario::StepAction> actions, std::uint32_t count = 1) {
    scenario::Client client = client_of(std::move(actions), count);
    client.transport = scenario::Transport::Udp;
    return client;
}

scenario::Recv messages(std::uint64_t count, std::optional<Duration> timeout = {}) {
    scenario::Recv recv;
    recv.messages = count;
    recv.timeout = timeout;
    return recv;
}

TEST(ScriptDatagrams, EachSendIsOneAndAShortRecvLosesTheRest) {
    Server server{datagram_server()};
    const EventFile events;
    EXPECT_EQ(run(in_datagrams({scenario::Connect{}, scenario::Send{"hello "}, scenario::Send{"world"},
                                recv_bytes(11), recv_bytes(3), scenario::Send{"abcdefg", 1, 3}, messages(3),
                                scenario::Close{}}),
                  server.address(), events.fd()),
              "well");
    const auto read = events.read();
    EXPECT_EQ(calls_of(read),
              (std::vector<std::string>{concat("socket = ", read.all<SyscallReturned>().front().result),
                                        "connect = 0", "send = 6", "send = 5", "recvfrom = 6", "recvfrom = 5",
                                        "send = 3", "send = 3", "send = 1", "recvfrom = 3", "recvfrom = 3",
                                        "recvfrom = 1", "close = 0"}));
    const auto notes = read.all<Note>();
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(read.text(notes[0].text).find("recvfrom asked for 3, and the other 2 are lost"),
              std::string::npos)
        << read.text(notes[0].text);
    for (const auto& named : read.all<SocketNamed>())
        EXPECT_EQ(named.role, SocketRole::Datagram) << "nothing that has a handshake";
}

TEST(ScriptDatagrams, WhatNeverComesIsNotWaitedForWithoutEnd) {
    Server server{datagram_server()};
    for (const std::uint32_t count : {1u, 3u}) {
        const EventFile events;
        EXPECT_EQ(
            run(in_datagrams({scenario::Connect{}, scenario::Send{"x"},
                              messages(2, Duration::milliseconds(200)), scenario::Send{"y"}, messages(1)},
                             count),
                server.address(), events.fd()),
            "well");
        const auto read = events.read();
        const auto notes = read.all<Note>();
        ASSERT_EQ(notes.size(), count);
        EXPECT_NE(read.text(notes[0].text).find("over after 1 of 2 datagrams"), std::string::npos)
            << read.text(notes[0].text);
    }
}

TEST(ScriptDatagrams, AnEmptyMessageIsADatagramToo) {
    Server server{datagram_server()};
    const EventFile events;
    EXPECT_EQ(run(in_datagrams({scenario::Connect{}, scenario::Send{""}}), server.address(), events.fd()),
              "well");
    EXPECT_EQ(count_of(calls_of(events.read()), "send = 0"), 1u);
}

TEST(ScriptDatagrams, NobodyThereIsToldByTheKernel) {
    Endpoint gone;
    {
        Server server{datagram_server()};
        gone = server.address();
    }
    EXPECT_EQ(
        run(in_datagrams({scenario::Connect{}, scenario::Send{"x"}, messages(1, Duration::seconds(10))}),
            gone),
        "client 'crowd', step 3 (recv): connection refused");
}

TEST(Script, ARecvWithATimeoutGoesOnWithWhatHasCome) {
    Server server{options_for("epoll-et")};
    for (const std::uint32_t count : {1u, 3u}) {
        const EventFile events;
        scenario::Recv recv = recv_bytes(2);
        recv.timeout = Duration::milliseconds(200);
        EXPECT_EQ(run(client_of({scenario::Connect{}, scenario::Send{"x"}, recv, scenario::Send{"y"},
                                 recv_bytes(1)},
                                count),
                      server.address(), events.fd()),
                  "well");
        const auto read = events.read();
        const auto notes = read.all<Note>();
        ASSERT_EQ(notes.size(), count);
        EXPECT_NE(read.text(notes[0].text).find("after 1 of 2 bytes"), std::string::npos)
            << read.text(notes[0].text);
    }
}

TEST(Script, ClientAndEngineTalkTheSame) {
    scenario::Client client = in_datagrams({});
    EXPECT_TRUE(check_transport(client, *engine::find_engine("udp")));
    const auto refused = check_transport(client, *engine::find_engine("poll"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, "client 'crowd' talks UDP, and engine 'poll' serves connections");
    client.transport = scenario::Transport::Tcp;
    EXPECT_FALSE(check_transport(client, *engine::find_engine("udp")));
}

}  // namespace
}  // namespace synscope::host
