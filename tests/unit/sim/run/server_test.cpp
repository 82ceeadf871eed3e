// Servers in virtual time: one client at a time, or an event loop; services and scripts.
#include <algorithm>

#include "tests/unit/sim/run/harness.hpp"

namespace synscope::sim {
namespace {

/// Two clients that connect together; when each has its answer, in milliseconds.
std::vector<std::int64_t> answers(std::string_view server) {
    const auto ran = run_yaml(concat("version: 1\nserver: ", server, R"(
clients:
  - {name: a, steps: [connect, send: x, recv: 1 byte, wait: 100ms, close]}
  - {name: b, steps: [connect, send: y, recv: 1 byte, close]}
)"));
    EXPECT_EQ(ran->error(), "no error");
    std::vector<std::int64_t> times;
    for (const Event& event : ran->record.all<SyscallReturned>()) {
        const auto& body = std::get<SyscallReturned>(event.body);
        const std::string name = ran->record.name_of(event.actor);
        if (body.call == Syscall::Recv && body.result == 1 && (name == "a" || name == "b"))
            times.push_back(event.at.ns / 1'000'000);
    }
    return times;
}

TEST(Server, BlockingServerLetsTheSecondClientWait) {
    EXPECT_EQ(answers("{engine: blocking}"), (std::vector<std::int64_t>{0, 100}));
}

TEST(Server, EventLoopServesBothAtOnce) {
    EXPECT_EQ(answers("{engine: epoll-et}"), (std::vector<std::int64_t>{0, 0}));
}

TEST(Server, BusyEventLoopIsBusyForEverybody) {
    EXPECT_EQ(answers("{engine: epoll-et, busy: 30ms}"), (std::vector<std::int64_t>{30, 60}));
}

TEST(Server, ScriptsOfAnEventLoopRunBesideEachOther) {
    EXPECT_EQ(answers("{engine: epoll-et, script: [recv: 1 byte, wait: 10ms, send: z, recv: eof]}"),
              (std::vector<std::int64_t>{10, 10}));
}

TEST(Server, BusyServerReadsTwoMessagesWithOneRecv) {
    const auto ran = run_yaml(R"(version: 1
server: {busy: 30ms, framing: len32}
clients: [{name: a, framing: len32, steps: [connect, send: "hello ", send: world, recv: 2 messages, close]}]
)");
    ASSERT_EQ(ran->error(), "no error");
    const auto calls = ran->record.calls("blocking engine");
    EXPECT_NE(std::find(calls.begin(), calls.end(), "recv(65536) = 19"), calls.end());
    EXPECT_EQ(ran->record.all<MessageFramed>().size(), 8u) << "two each: made, found, made, found";
    EXPECT_FALSE(ran->record.all<BusyBegan>().empty());
}

TEST(Server, EventLoopIsToldWhoIsReady) {
    const auto ran = run_yaml(R"(version: 1
server: {engine: epoll-et}
clients: [{name: a, steps: [connect, send: x, recv: 1 byte, close]}]
)");
    EXPECT_GE(ran->record.all<ReadinessReported>().size(), 3u) << "a connection, a byte, the end";
}

TEST(Server, SlowReaderClosesTheWindow) {
    const auto ran = run_yaml(R"(version: 1
server: {options: {receive_buffer: 4k}, script: [wait: 2s, recv: {eof: true, chunk: 1k}, close]}
clients: [{name: a, steps: [connect, send: {data: x, repeat: 20000}, shutdown: write, recv: eof, close]}]
)");
    ASSERT_EQ(ran->error(), "no error");
    std::uint64_t read = 0;
    for (const Event& event : ran->record.all<SyscallReturned>()) {
        const auto& body = std::get<SyscallReturned>(event.body);
        if (body.call == Syscall::Recv && body.result > 0 && ran->record.name_of(event.actor) == "server")
            read = body.bytes.end;
    }
    EXPECT_EQ(read, 20000u);
}

}  // namespace
}  // namespace synscope::sim
