// The event stream of a real conversation: complete, ordered, and true.
#include "tests/unit/net/host/engines_suite.hpp"

namespace synscope::host {
namespace {

scenario::Client client_of(std::vector<scenario::StepAction> actions) {
    scenario::Client client;
    client.name = "alice";
    int line = 10;
    for (scenario::StepAction& action : actions)
        client.steps.push_back({std::move(action), line++});
    return client;
}

void expect_complete(const EventFile::Read& read) {
    ASSERT_FALSE(read.events.empty());
    EXPECT_TRUE(std::holds_alternative<ActorDeclared>(read.events.front().body));
    EXPECT_FALSE(read.all<ClockPaired>().empty());
    std::map<std::uint32_t, int> entered;
    std::map<std::pair<std::uint32_t, bool>, std::uint64_t> offsets;
    for (std::size_t i = 0; i < read.events.size(); ++i) {
        const Event& e = read.events[i];
        EXPECT_EQ(e.id.value, i);
        if (e.cause) {
            EXPECT_LT(e.cause->value, e.id.value);
        }
        if (const auto* call = std::get_if<SyscallEntered>(&e.body)) {
            ++entered[e.id.value];
            EXPECT_TRUE(read.text(call->source.file).starts_with("net/")) << read.text(call->source.file);
            EXPECT_GT(call->source.line, 0u);
            EXPECT_GT(call->thread.value, 0u);
        }
        if (const auto* call = std::get_if<SyscallReturned>(&e.body)) {
            ASSERT_TRUE(e.cause);
            if (call->call == Syscall::Fork && call->result == 0)
                continue;  // returned once more: in the child
            EXPECT_EQ(--entered[e.cause->value], 0);
            EXPECT_GE(e.at, read.events[e.cause->value].at);
            if (!call->bytes.empty()) {
                EXPECT_EQ(call->bytes.size(), static_cast<std::uint64_t>(call->result));
                auto& offset = offsets[{call->socket.value, writes_stream(call->call)}];
                EXPECT_EQ(call->bytes.begin, offset) << "byte ranges are contiguous";
                offset = call->bytes.end;
            }
        }
    }
    for (const auto& [id, open] : entered)
        EXPECT_EQ(open, 0) << "call " << id << " did not return";
}

class EventStream : public EngineTest {};

TEST_P(EventStream, OfAFramedConversationIsCompleteAtBothEnds) {
    const EventFile server_events;
    const EventFile client_events;
    ServerHostOptions o = options();
    o.event_fd = server_events.fd();
    o.server.framing = "len32";
    o.server.busy = Duration::milliseconds(5);
    o.server.close_delay = Duration::milliseconds(5);
    Endpoint address;
    {
        Server server{o};
        address = server.address();
        scenario::Client client =
            client_of({scenario::Mark{"begin"}, scenario::Connect{Duration::seconds(5)},
                       scenario::Send{"hello", 1}, scenario::Send{"ab", 2}, scenario::Recv{{}, 2, false},
                       scenario::Shutdown{}, scenario::Recv{{}, {}, true}, scenario::Close{}});
        client.framing = "len32";
        const auto result = run_client_host({client, server.address(), client_events.fd()});
        EXPECT_TRUE(result) << (result ? "" : result.error().what);
    }
    const auto server = server_events.read();
    const auto client = client_events.read();
    expect_complete(server);
    expect_complete(client);

    const auto messages = client.all<MessageFramed>();
    ASSERT_EQ(messages.size(), 4u);
    EXPECT_EQ(messages[1].bytes, (ByteRange{9, 17}));
    EXPECT_EQ(messages[1].body, (ByteRange{13, 17}));
    EXPECT_EQ(client.text(messages[0].framing), "len32");
    EXPECT_EQ(server.all<MessageFramed>().size(), 4u);
    EXPECT_EQ(client.text(client.all<Marker>().at(0).name), "begin");

    const auto named = server.all<SocketNamed>();
    ASSERT_EQ(named.size(), 2u);
    EXPECT_EQ(named[0].role, SocketRole::Listener);
    EXPECT_EQ(named[0].local, address);
    EXPECT_EQ(named[1].role, SocketRole::Accepted);
    const auto client_named = client.all<SocketNamed>();
    ASSERT_EQ(client_named.size(), 1u);
    EXPECT_EQ(client_named[0].local, named[1].remote);
    EXPECT_EQ(client_named[0].remote, named[1].local);

    std::vector<std::string> reasons;
    for (const auto& busy : server.all<BusyBegan>())
        reasons.push_back(server.text(busy.reason));
    EXPECT_TRUE(std::count(reasons.begin(), reasons.end(), "server.busy") >= 1);
    EXPECT_EQ(std::count(reasons.begin(), reasons.end(), "server.close_delay"), 1);
    EXPECT_EQ(server.all<BusyEnded>().size(), reasons.size());

    // The client closed first, so it is the one that waits (RFC 9293 section 3.6.1); the server's socket goes
    // from LAST-ACK to nothing.
    EXPECT_TRUE(client.entered(TcpState::Established));
    EXPECT_TRUE(client.entered(TcpState::TimeWait));
    EXPECT_FALSE(server.entered(TcpState::TimeWait));
    EXPECT_TRUE(server.entered(TcpState::CloseWait));
    EXPECT_TRUE(server.entered(TcpState::Listen));
    EXPECT_FALSE(server.all<KernelSample>().empty());
}

INSTANTIATE_TEST_SUITE_P(All, EventStream, testing::ValuesIn(stream_engines()), engine_test_name);

TEST(ServerHost, WithoutBusyNothingBusyIsDrawn) {
    const EventFile events;
    ServerHostOptions o = options_for("blocking");
    o.event_fd = events.fd();
    {
        Server server{o};
        Peer peer{server.address()};
        peer.send("x");
        EXPECT_EQ(peer.receive(1), "X");
    }
    EXPECT_TRUE(events.read().all<BusyBegan>().empty());
}

TEST(ServerHost, ABusyServerReadsTwoSendsAtOnce) {
    const EventFile events;
    ServerHostOptions o = options_for("blocking");
    o.event_fd = events.fd();
    o.server.busy = Duration::milliseconds(200);
    {
        Server server{o};
        Peer peer{server.address()};
        peer.send("one");
        peer.send("two");
        EXPECT_EQ(peer.receive(6), "ONETWO");
    }
    const auto calls = events.read().all<SyscallReturned>();
    const auto first =
        std::find_if(calls.begin(), calls.end(), [](const auto& c) { return c.call == Syscall::Recv; });
    ASSERT_NE(first, calls.end());
    EXPECT_EQ(first->bytes, (ByteRange{0, 6}));
}

TEST(ServerHost, RefusesWhatItDoesNotKnowAndNamesWhatItDoes) {
    const auto error = [](auto change) {
        ServerHostOptions o;
        change(o);
        const auto result = run_server_host(o);
        EXPECT_FALSE(result);
        return result ? UserError{} : result.error();
    };
    const UserError engine = error([](auto& o) { o.server.engine = "warp"; });
    EXPECT_EQ(engine.what, "unknown engine 'warp'");
    EXPECT_EQ(engine.hint.rfind("known: blocking, thread, ", 0), 0u) << engine.hint;
    EXPECT_EQ(error([](auto& o) { o.server.service = "lower"; }).what, "unknown service 'lower'");
    EXPECT_EQ(error([](auto& o) { o.server.framing = "len33"; }).hint,
              "known: none, line, len32, len32be, ready, json, http");
    EXPECT_EQ(error([](auto& o) { o.address = "localhost"; }).what, "'localhost' is no address");
    Server server{options_for("blocking")};
    const UserError taken = error([&](auto& o) { o.server.port = server.address().port; });
    EXPECT_EQ(taken.what, "cannot listen on " + server.address().text() + ": address already in use");
    EXPECT_FALSE(taken.hint.empty());
}

TEST(ServerHost, AReaderThatGoesAwayDoesNotEndIt) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const engine::UniqueFd writing{ends[1]};
    ::close(ends[0]);
    ServerHostOptions o = options_for("epoll-et");
    o.event_fd = writing.get();
    Server server{o};
    Peer peer{server.address()};
    peer.send("x");
    EXPECT_EQ(peer.receive(1), "X");
}

TEST(ClientHost, SaysWhichStepFailedAndWhy) {
    Endpoint nobody;
    {
        Server server{options_for("blocking")};
        nobody = server.address();
    }
    const EventFile events;
    const auto refused = run_client_host({client_of({scenario::Connect{}}), nobody, events.fd()});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what,
              "client 'alice', step 1 (connect): " + nobody.text() + ": connection refused");
    EXPECT_EQ(refused.error().where, "scenario line 10");
    expect_complete(events.read());

    Server server{options_for("blocking")};
    const auto cut = run_client_host({client_of({scenario::Connect{}, scenario::Send{"abc", 1},
                                                 scenario::Shutdown{}, scenario::Recv{9, {}, false}}),
                                      server.address()});
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().what,
              "client 'alice', step 4 (recv): the server closed the connection after 3 of 9 bytes");
    const auto early = run_client_host({client_of({scenario::Send{"abc", 1}}), server.address()});
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().what, "client 'alice', step 1 (send): there is no connection");
}

}  // namespace
}  // namespace synscope::host
