// Calls in virtual time: recorded as those on a kernel are.
#include "sim/run/calls.hpp"

#include <algorithm>

#include "tests/unit/sim/run/harness.hpp"

namespace synscope::sim {
namespace {

constexpr std::string_view kHello = R"(version: 1
link: {delay: 10ms}
server: {port: 7000, script: [recv: 5 bytes, send: WORLD, recv: eof, close]}
clients:
  - name: alice
    steps: [connect, send: hello, recv: 5 bytes, shutdown: write, recv: eof, close]
)";

TEST(Calls, EveryCallIsRecordedWithItsArgumentsAndResult) {
    const auto ran = run_yaml(kHello);
    ASSERT_EQ(ran->error(), "no error");
    EXPECT_EQ(ran->record.calls("alice"),
              (std::vector<std::string>{"socket(2) = 3", "connect(0) = 0", "send(5) = 5", "recv(5) = 5",
                                        "shutdown(1) = 0", "recv(65536) = 0", "close(0) = 0"}));
    EXPECT_EQ(ran->record.calls("server"),
              (std::vector<std::string>{"socket(2) = 3", "bind(0) = 0", "listen(128) = 0", "accept(0) = 4",
                                        "recv(5) = 5", "send(5) = 5", "recv(65536) = 0", "close(0) = 0"}));
}

TEST(Calls, ConnectTakesOneRoundTripAndSendReturnsAtOnce) {
    const auto ran = run_yaml(kHello);
    std::map<std::string, Duration> took;
    for (const Event& event : ran->record.all<SyscallReturned>())
        if (ran->record.name_of(event.actor) == "alice")
            took[std::string(syscall_name(std::get<SyscallReturned>(event.body).call))] =
                event.at - ran->record.events[event.cause->value].at;
    // ARP first: the client asks, the server answers; then SYN and SYN-ACK.
    EXPECT_EQ(took["connect"], Duration::milliseconds(40) + Calls::kEntry + Calls::kExit);
    EXPECT_EQ(took["send"], Calls::kEntry + Calls::kExit);
}

TEST(Calls, BytesCountFromTheFirstOfTheStream) {
    const auto ran = run_yaml(R"(version: 1
clients: [{name: a, steps: [connect, send: abc, send: defg, recv: 4 bytes, recv: 3 bytes, close]}]
)");
    ASSERT_EQ(ran->error(), "no error");
    std::vector<ByteRange> ranges;
    for (const Event& event : ran->record.all<SyscallReturned>()) {
        const auto& body = std::get<SyscallReturned>(event.body);
        if (ran->record.name_of(event.actor) == "a" && !body.bytes.empty()) ranges.push_back(body.bytes);
    }
    ASSERT_GE(ranges.size(), 4u);
    EXPECT_EQ(ranges[0], (ByteRange{0, 3}));
    EXPECT_EQ(ranges[1], (ByteRange{3, 7}));
    EXPECT_EQ(ranges.back().end, 7u);
}

TEST(Calls, SegmentIsCausedByTheCallAndTheAnswerByWhatArrived) {
    const auto ran = run_yaml(kHello);
    const auto& record = ran->record;
    std::size_t by_call = 0;
    std::size_t by_arrival = 0;
    for (const Event& event : record.all<PacketSent>()) {
        ASSERT_TRUE(event.cause) << "every packet has its reason";
        const EventBody& cause = record.events[event.cause->value].body;
        by_call += std::holds_alternative<SyscallEntered>(cause) ? 1u : 0u;
        by_arrival += std::holds_alternative<PacketDelivered>(cause) ? 1u : 0u;
    }
    EXPECT_GT(by_call, 3u);
    EXPECT_GT(by_arrival, 3u);
}

TEST(Calls, OptionsAreSetOneCallEach) {
    const auto ran = run_yaml(R"(version: 1
clients:
  - name: a
    options: {no_delay: true, receive_buffer: 8k, keep_alive: true, keep_alive_idle: 10s, max_segment: 500,
              congestion: reno}
    steps: [connect, send: x, recv: 1 byte, close]
)");
    ASSERT_EQ(ran->error(), "no error");
    const auto calls = ran->record.calls("a");
    EXPECT_EQ(std::count(calls.begin(), calls.end(), "setsockopt(6) = 0"), 4);
    EXPECT_EQ(std::count(calls.begin(), calls.end(), "setsockopt(1) = 0"), 2);
}

/// How long `call` of `actor` took, without what every call takes.
Duration waited(const Ran& ran, std::string_view actor, Syscall call) {
    for (const Event& event : ran.record.all<SyscallReturned>())
        if (std::get<SyscallReturned>(event.body).call == call && ran.record.name_of(event.actor) == actor)
            return event.at - ran.record.events[event.cause->value].at - Calls::kEntry - Calls::kExit;
    std::string said;
    for (const Event& event : ran.record.all<SyscallReturned>())
        append(said, concat('\n', ran.record.name_of(event.actor), ": ",
                            syscall_name(std::get<SyscallReturned>(event.body).call)));
    ADD_FAILURE() << actor << " did not call it:" << said;
    return {};
}

std::string lingering(std::string_view options, std::string_view rules = "[]") {
    return concat("version: 1\nlink: {delay: 10ms}\nrules: ", rules,
                  "\nserver: {port: 7000, script: [recv: 5 bytes, recv: eof, close]}\n"
                  "clients: [{name: a, options: {",
                  options, "}, steps: [connect, send: hello, close]}]\n");
}

TEST(Calls, CloseLingersUntilTheFinIsAcknowledged) {
    const auto ran = run_yaml(lingering("linger: 5s"));
    ASSERT_EQ(ran->error(), "no error");
    // The server's own FIN carries the ACK.
    EXPECT_EQ(waited(*ran, "a", Syscall::Close),
              Duration::milliseconds(20) + Calls::kExit + Calls::kBetween + Calls::kEntry);
}

TEST(Calls, CloseLingersForTheLostFinToBeSentAgain) {
    const auto ran = run_yaml(lingering("linger: 5s", "[{action: drop, from: client, flags: F., nth: 1}]"));
    ASSERT_EQ(ran->error(), "no error");
    EXPECT_GT(waited(*ran, "a", Syscall::Close), Duration::milliseconds(40))
        << "a probe or the RTO, and back";
    EXPECT_LT(waited(*ran, "a", Syscall::Close), Duration::seconds(1));
}

TEST(Calls, CloseLingersNoLongerThanItsTime) {
    const auto ran =
        run_yaml(lingering("linger: 2s", "[{action: drop, from: client, flags: F.}]"), Duration::seconds(10));
    EXPECT_EQ(waited(*ran, "a", Syscall::Close), Duration::seconds(2));
    const auto calls = ran->record.calls("a");
    ASSERT_FALSE(calls.empty());
    EXPECT_EQ(calls.back(), "close(0) = 0");
}

TEST(Calls, CloseDoesNotLingerUnasked) {
    EXPECT_EQ(waited(*run_yaml(lingering("no_delay: true")), "a", Syscall::Close), Duration{});
    const auto reset = run_yaml(lingering("linger: 0s"));
    EXPECT_EQ(waited(*reset, "a", Syscall::Close), Duration{});
    EXPECT_EQ(reset->record.states("a"), "SYN-SENT ESTABLISHED CLOSED");
}

TEST(Calls, AnEventLoopsCloseLingersWithLinuxAndNotWithFreeBsd) {
    const auto server = [](std::string_view personality) {
        return run_yaml(
            concat("version: 1\nlink: {delay: 10ms}\nhosts: [{name: client}, {name: server, personality: ",
                   personality,
                   "}]\nserver: {engine: epoll-et, service: upper, options: {linger: 5s}}\n"
                   "clients: [{name: a, steps: [connect, shutdown: write, recv: eof, close]}]\n"));
    };
    EXPECT_EQ(waited(*server("linux"), "epoll-et engine", Syscall::Close), Duration::milliseconds(20));
    const auto bsd = server("bsd");
    ASSERT_EQ(bsd->error(), "no error");
    EXPECT_EQ(waited(*bsd, "epoll-et engine", Syscall::Close), Duration{});
}

TEST(Calls, RefusedConnectionIsAnErrno) {
    const auto ran = run_yaml(R"(version: 1
servers: []
clients: [{name: a, steps: [connect: {host: server, port: 9}]}]
)");
    EXPECT_EQ(ran->error(), "client 'a', step 1 (connect): 10.0.0.2:9: ECONNREFUSED");
}

}  // namespace
}  // namespace synscope::sim
