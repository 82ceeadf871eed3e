// What io_uring does on a kernel that has less of it, and what it records of calls that it does not make.
#include "net/engine/engine_io_uring.hpp"
#include "tests/unit/net/engine/fake_host.hpp"

namespace synscope::engine {
namespace {

using test::Peer;
using test::Running;

std::unique_ptr<Engine> make_poor() {
    return make_io_uring({.multishot_accept = false, .multishot_receive = false});
}
std::unique_ptr<Engine> make_half() {
    return make_io_uring({.multishot_accept = true, .multishot_receive = false});
}

class OlderKernel : public testing::TestWithParam<std::unique_ptr<Engine> (*)()> {
  protected:
    void SetUp() override {
        if (const auto reason = io_uring_unavailable()) GTEST_SKIP() << *reason;
        info_.name = "io_uring";
        info_.make = GetParam();
    }
    EngineInfo info_;
};

TEST_P(OlderKernel, IsServedAllTheSame) {
    Running server{info_, {}, 100};
    std::vector<Peer> peers;
    for (int i = 0; i < 5; ++i)
        peers.emplace_back(server.address);
    const std::string text(1000, 'k');
    for (const Peer& peer : peers)
        peer.send(text);
    for (const Peer& peer : peers) {
        EXPECT_EQ(peer.receive(text.size()), text);
        peer.finish();
        EXPECT_EQ(peer.receive(1), "");
    }
}

TEST_P(OlderKernel, StopsWithSilentClients) {
    Running server{info_};
    const Peer silent{server.address};
    const Peer other{server.address};
    other.send("x");
    EXPECT_EQ(other.receive(1), "x");
    server.stop->request(server.calls);
    const auto outcome = server.outcome();
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(*outcome);
    EXPECT_EQ(silent.receive(1), "");
}

TEST_P(OlderKernel, HoldsBackAPeerThatDoesNotRead) {
    Running server{info_, {.echo = true, .most_held = 1000, .half_close_at = {}, .close_at = {}}, 4096};
    const Peer peer{server.address};
    std::string sent;
    const std::string piece(65536, 'b');
    for (pollfd p{peer.fd(), POLLOUT, 0}; ::poll(&p, 1, 200) > 0;) {
        const ssize_t n = ::send(peer.fd(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) sent.append(static_cast<std::size_t>(n), 'b');
        ASSERT_LT(sent.size(), std::size_t{64} << 20) << "nothing holds the sender up";
    }
    peer.finish();
    EXPECT_EQ(peer.receive(SIZE_MAX).size(), sent.size());
}

INSTANTIATE_TEST_SUITE_P(All, OlderKernel,
                         testing::Values(&make_poor, &make_half,
                                         static_cast<std::unique_ptr<Engine> (*)()>(&make_io_uring)));

/// Counts what an engine records.
class Recorder final : public Observer {
  public:
    EventId emit(std::int64_t, std::optional<EventId>, const EventBody& body) override {
        const std::lock_guard lock{mutex_};
        bodies_.push_back(body);
        return EventId{static_cast<std::uint32_t>(bodies_.size())};
    }
    TextId intern(std::string_view) override { return TextId{0}; }
    void descriptor_gone(SocketId, const Endpoint&, const Endpoint&, std::optional<TcpState>,
                         std::optional<EventId>) override {}
    template <class Body>
    [[nodiscard]] std::vector<Body> all() const {
        std::vector<Body> out;
        for (const EventBody& body : bodies_)
            if (const auto* one = std::get_if<Body>(&body)) out.push_back(*one);
        return out;
    }

  private:
    std::mutex mutex_;
    std::vector<EventBody> bodies_;
};

TEST(IoUring, RecordsWhatTheKernelDidWithExactBytes) {
    if (const auto reason = io_uring_unavailable()) GTEST_SKIP() << *reason;
    Recorder recorder;
    Calls calls{&recorder, ObserveLevel::Calls};
    auto listener = listen_on(calls, {*Endpoint::parse("127.0.0.1:0"), 8, {}});
    ASSERT_TRUE(listener);
    const auto stop = *StopSignal::create();
    test::FakeHost host{{}};
    auto done = std::async(std::launch::async, [&] {
        return make_io_uring()->run({*listener, host, *stop, calls, 65536});
    });
    {
        const Peer peer{listener->local};
        peer.send("hello");
        EXPECT_EQ(peer.receive(5), "hello");
        peer.send("again");
        EXPECT_EQ(peer.receive(5), "again");
        peer.finish();
        EXPECT_EQ(peer.receive(1), "");
    }
    stop->request(calls);
    EXPECT_TRUE(done.get());
    std::vector<ByteRange> read;
    std::vector<ByteRange> written;
    std::size_t entered = 0;
    for (const auto& call : recorder.all<SyscallReturned>()) {
        if (call.call == Syscall::Recv && call.result > 0) read.push_back(call.bytes);
        if (call.call == Syscall::Send) written.push_back(call.bytes);
        entered += call.call == Syscall::IoUringEnter ? 1 : 0;
    }
    EXPECT_EQ(read, (std::vector<ByteRange>{{0, 5}, {5, 10}}));
    EXPECT_EQ(written, (std::vector<ByteRange>{{0, 5}, {5, 10}}));
    EXPECT_GE(entered, 3u);
    std::size_t completions = 0;
    for (const auto& report : recorder.all<ReadinessReported>())
        completions += report.via == ReadinessVia::Cqe ? 1 : 0;
    EXPECT_GE(completions, 4u) << "a client, two arrivals and an end-of-file";
}

}  // namespace
}  // namespace synscope::engine
