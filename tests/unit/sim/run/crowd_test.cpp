// Sent in pieces, connected without blocking, many at once: in virtual time, with the calls of a real client.
#include <algorithm>
#include <set>

#include "tests/unit/sim/run/harness.hpp"

namespace synscope::sim {
namespace {

std::size_t count_of(const std::vector<std::string>& calls, std::string_view call) {
    return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
}

TEST(Script, SendsInPiecesWithAPauseAfterEach) {
    const auto ran = run_yaml(R"(version: 1
clients:
  - {name: a, steps: [connect, send: {data: abcdefg, chunk: 3, every: 10ms}, recv: 7 bytes, close]}
)");
    ASSERT_EQ(ran->error(), "no error");
    std::vector<std::int64_t> at_ms;
    for (const Event& event : ran->record.all<SyscallReturned>())
        if (std::get<SyscallReturned>(event.body).call == Syscall::Send &&
            ran->record.name_of(event.actor) == "a")
            at_ms.push_back(event.at.ns / 1'000'000);
    EXPECT_EQ(at_ms, (std::vector<std::int64_t>{0, 10, 20}));
    EXPECT_EQ(count_of(ran->record.calls("a"), "send(3) = 3"), 2u);
    EXPECT_EQ(count_of(ran->record.calls("a"), "send(1) = 1"), 1u);
}

TEST(Script, NonblockingConnectIsPolledForAndAskedHowItWent) {
    const auto ran = run_yaml(R"(version: 1
link: {delay: 10ms}
clients: [{name: a, steps: [connect: {blocking: false, timeout: 2s}, send: x, recv: 1 byte, close]}]
)");
    ASSERT_EQ(ran->error(), "no error");
    EXPECT_EQ(ran->record.calls("a"),
              (std::vector<std::string>{"socket(2) = 3", "fcntl(4) = 0", "connect(0) = EINPROGRESS",
                                        "poll(1) = 1", "getsockopt(1) = 0", "fcntl(4) = 0", "send(1) = 1",
                                        "recv(1) = 1", "close(0) = 0"}));
}

TEST(Script, NonblockingConnectIsRefusedOrGivesUp) {
    EXPECT_EQ(run_yaml(R"(version: 1
servers: []
clients: [{name: a, steps: [connect: {host: server, port: 9, blocking: false}]}]
)")
                  ->error(),
              "client 'a', step 1 (connect): 10.0.0.2:9: ECONNREFUSED");
    constexpr std::string_view kDeaf = R"(version: 1
server: {port: 7}
clients: [{name: a, count: $, steps: [connect: {blocking: false, timeout: 1500ms}]}]
rules: [{action: drop, from: client, flags: S}]
)";
    const auto deaf = [&](std::string_view count) {
        std::string yaml{kDeaf};
        yaml.replace(yaml.find('$'), 1, count);
        return run_yaml(yaml)->error();
    };
    EXPECT_EQ(deaf("1"), "client 'a', step 1 (connect): no answer from 10.0.0.2:7 within 1.50 s");
    EXPECT_EQ(deaf("3"),
              "client 'a' 1 of 3, step 1 (connect): no answer from 10.0.0.2:7 within 1.50 s (the first of 3 "
              "that failed)");
}

constexpr std::string_view kFifty = R"(version: 1
link: {delay: 1ms}
server: {engine: $}
clients:
  - name: crowd
    count: 50
    steps: [mark: begin, connect, send: {data: "hello ", repeat: 2, chunk: 5, every: 1ms}, recv: 12 bytes,
            wait: 2ms, shutdown: write, recv: eof, close]
  - {name: last, after: crowd, steps: [connect, close]}
)";

std::unique_ptr<Ran> fifty(std::string_view engine) {
    std::string yaml{kFifty};
    return run_yaml(yaml.replace(yaml.find('$'), 1, engine));
}

TEST(Crowd, FiftyAtOnceAreAllAnsweredByOneThread) {
    const auto ran = fifty("epoll-et");
    ASSERT_EQ(ran->error(), "no error");
    const auto calls = ran->record.calls("crowd");
    EXPECT_EQ(count_of(calls, "connect(0) = EINPROGRESS"), 50u);
    EXPECT_EQ(count_of(calls, "epoll_ctl(1) = 0"), 50u);
    EXPECT_EQ(count_of(calls, "getsockopt(1) = 0"), 50u);
    EXPECT_EQ(count_of(calls, "send(5) = 5"), 100u);
    EXPECT_EQ(count_of(calls, "close(0) = 0"), 50u);
    EXPECT_EQ(ran->record.all<Marker>().size(), 1u);
    std::set<std::uint32_t> threads;
    std::set<std::int32_t> descriptors;
    std::map<std::uint32_t, std::uint64_t> got;
    for (const Event& event : ran->record.all<SyscallEntered>())
        if (ran->record.name_of(event.actor) == "crowd")
            threads.insert(std::get<SyscallEntered>(event.body).thread.value);
    for (const Event& event : ran->record.all<SyscallReturned>()) {
        const auto& body = std::get<SyscallReturned>(event.body);
        if (ran->record.name_of(event.actor) != "crowd" || body.call != Syscall::Recv || body.result <= 0)
            continue;
        got[body.socket.value] = body.bytes.end;
        descriptors.insert(body.fd);
    }
    EXPECT_EQ(threads.size(), 1u);
    EXPECT_EQ(descriptors.size(), 50u) << "one program, one table of descriptors";
    EXPECT_EQ(got.size(), 50u);
    for (const auto& [socket, bytes] : got)
        EXPECT_EQ(bytes, 12u) << "socket " << socket;
    EXPECT_EQ(count_of(ran->record.calls("last"), "connect(0) = 0"), 1u) << "after all of them";
}

TEST(Crowd, BlockingServerTakesThemOneAfterTheOther) {
    const auto ran = fifty("blocking");
    ASSERT_EQ(ran->error(), "no error");
    std::size_t accepted = 0;
    std::size_t open = 0;
    for (const Event& event : ran->record.all<SyscallReturned>()) {
        const auto& body = std::get<SyscallReturned>(event.body);
        if (ran->record.name_of(event.actor) != "blocking engine") continue;
        if (body.call == Syscall::Accept && body.result >= 0) {
            ++accepted;
            EXPECT_EQ(open++, 0u) << "nobody is served beside another";
        }
        if (body.call == Syscall::Close) --open;
    }
    EXPECT_EQ(accepted, 51u);
}

TEST(Crowd, WhoCannotSendLetsOthersDoSo) {
    const auto ran = run_yaml(R"(version: 1
link: {delay: 1ms}
server: {engine: epoll-et, service: sink}
clients:
  - name: crowd
    count: 4
    options: {send_buffer: 4k}
    steps: [connect, send: {data: 0123456789abcdef, repeat: 4096}, shutdown: write, recv: eof, close]
)");
    ASSERT_EQ(ran->error(), "no error");
    std::map<std::uint32_t, std::uint64_t> sent;
    std::size_t in_vain = 0;
    for (const Event& event : ran->record.all<SyscallReturned>()) {
        const auto& body = std::get<SyscallReturned>(event.body);
        if (ran->record.name_of(event.actor) != "crowd" || body.call != Syscall::Send) continue;
        if (body.result > 0) sent[body.socket.value] = body.bytes.end;
        in_vain += body.result < 0 ? 1u : 0u;
    }
    EXPECT_EQ(sent.size(), 4u);
    for (const auto& [socket, bytes] : sent)
        EXPECT_EQ(bytes, 65'536u);
    EXPECT_GT(in_vain, 0u);
}

TEST(Crowd, AnEndedRunMayBeThrownAwayInTheMiddle) {
    const auto scenario = scenario::load_text(kFifty, "t.yaml", {{"server.engine", "epoll-et"}});
    ASSERT_TRUE(scenario) << scenario::error_line(scenario.error());
    MemoryRecording record;
    SimulationOptions options;
    options.scenario = *scenario;
    auto simulation = Simulation::make(std::move(options), record);
    ASSERT_TRUE(simulation);
    (*simulation)->run_until(Instant{Duration::microseconds(4500).ns});
}

TEST(Crowd, FailureNamesWhichOfThem) {
    const auto ran = run_yaml(R"(version: 1
server: {port: 7, engine: epoll-et, script: [recv: 1 byte, close]}
clients: [{name: crowd, count: 3, steps: [connect, send: x, recv: 1 byte, close]}]
)");
    EXPECT_EQ(ran->error(),
              "client 'crowd' 1 of 3, step 3 (recv): the peer closed the connection after 0 of 1 bytes (the "
              "first of 3 that failed)");
}

}  // namespace
}  // namespace synscope::sim
