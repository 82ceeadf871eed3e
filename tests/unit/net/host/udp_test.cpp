// Datagrams, served for real: their boundaries, what a short recvfrom loses, members who come and go.
#include "net/engine/engine_udp.hpp"
#include "net/host/connection.hpp"
#include "tests/unit/net/host/harness.hpp"

namespace synscope::host {
namespace {

ServerHostOptions datagrams(std::string_view service) {
    ServerHostOptions o = options_for("udp");
    o.server.service = std::string{service};
    return o;
}

class UdpPeer {
  public:
    explicit UdpPeer(const Endpoint& to) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        const engine::SockAddr address{to};
        EXPECT_EQ(::connect(fd_.get(), address.get(), address.size()), 0);
    }
    void send(std::string_view text) const {
        EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    }
    /// One datagram.
    [[nodiscard]] std::string receive(int timeout_ms = 20'000) const {
        std::array<char, 65536> into;
        pollfd p{fd_.get(), POLLIN, 0};
        if (::poll(&p, 1, timeout_ms) <= 0) return "nothing came";
        const ssize_t n = ::recv(fd_.get(), into.data(), into.size(), 0);
        return n < 0 ? "an error" : std::string(into.data(), static_cast<std::size_t>(n));
    }
    [[nodiscard]] std::string name() const { return engine::local_endpoint(fd_.get()).text(); }

  private:
    engine::UniqueFd fd_;
};

TEST(Udp, TwoSendsAreTwoReceives) {
    const EventFile events;
    ServerHostOptions o = datagrams("udp-upper");
    o.event_fd = events.fd();
    {
        const Server server{o};
        const UdpPeer peer{server.address()};
        peer.send("one");
        peer.send("and two");
        EXPECT_EQ(peer.receive(), "ONE");
        EXPECT_EQ(peer.receive(), "AND TWO");
        peer.send(std::string(9000, 'j'));
        EXPECT_EQ(peer.receive(), std::string(9000, 'J'));
    }
    std::vector<std::int64_t> sizes;
    const auto read = events.read();
    for (const auto& call : read.all<SyscallReturned>())
        if (call.call == Syscall::Recvfrom && call.result > 0) sizes.push_back(call.result);
    EXPECT_EQ(sizes, (std::vector<std::int64_t>{3, 7, 9000}));
    EXPECT_TRUE(read.all<KernelSample>().empty());
}

TEST(Udp, AShortRecvfromLosesTheRestAndItIsSaid) {
    const EventFile events;
    ServerHostOptions o = datagrams("udp-upper");
    o.event_fd = events.fd();
    o.server.read_size = 4;
    {
        const Server server{o};
        const UdpPeer peer{server.address()};
        peer.send("hello, world");
        EXPECT_EQ(peer.receive(), "HELL");
        peer.send("next");
        EXPECT_EQ(peer.receive(), "NEXT") << "and not the rest of the first";
    }
    const auto read = events.read();
    const auto notes = read.all<Note>();
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(read.text(notes[0].text).find("8 are lost"), std::string::npos) << read.text(notes[0].text);
    bool seen = false;
    for (const auto& call : read.all<SyscallReturned>())
        if (call.call == Syscall::Recvfrom && call.result == 12) {
            seen = true;
            EXPECT_EQ(call.bytes.size(), 4u) << "what was copied";
        }
    EXPECT_TRUE(seen) << "the result is the whole length";
}

TEST(Udp, ChatTellsTheOthers) {
    const Server server{datagrams("udp-chat")};
    const UdpPeer anna{server.address()};
    const UdpPeer ben{server.address()};
    anna.send("hello?\n");
    EXPECT_EQ(anna.receive(), "* nobody else is here\n");
    ben.send("hi\n");
    EXPECT_EQ(anna.receive(), "* " + ben.name() + " joined\n");
    EXPECT_EQ(anna.receive(), ben.name() + ": hi\n") << "each in a datagram of its own";
    anna.send("two\nlines");
    EXPECT_EQ(ben.receive(), anna.name() + ": two\nlines\n");
    ben.send("/quit");
    EXPECT_EQ(anna.receive(), "* " + ben.name() + " left\n");
    anna.send("still there?");
    EXPECT_EQ(anna.receive(), "* nobody else is here\n");
    EXPECT_EQ(ben.receive(0), "nothing came");
}

/// The engine alone, whose limits a test can choose.
class LimitedUdp {
  public:
    explicit LimitedUdp(engine::UdpLimits limits)
        : stop(*engine::StopSignal::create()),
          info_(*service::find_service("udp-chat")),
          service_(info_.make()),
          connections_({server_,
                        info_,
                        *service_,
                        *framing::find_framing("none"),
                        {},
                        calls_,
                        stop->fd(),
                        -1,
                        commands_}) {
        auto made = engine::datagrams_on(calls_, {*Endpoint::parse("127.0.0.1:0"), 0, {}});
        EXPECT_TRUE(made);
        socket_ = std::move(*made);
        address = socket_.local;
        done_ = std::async(std::launch::async, [this, limits] {
            return engine::make_udp(limits)->run({socket_, connections_, *stop, calls_, 65536});
        });
    }
    ~LimitedUdp() {
        stop->request(calls_);
        EXPECT_TRUE(done_.get());
    }
    Endpoint address;

  private:
    engine::Calls calls_{nullptr, engine::ObserveLevel::Off};
    std::unique_ptr<engine::StopSignal> stop;
    const service::ServiceInfo& info_;
    std::unique_ptr<service::Service> service_;
    scenario::Server server_;
    std::vector<std::vector<std::string>> commands_;
    Connections connections_;
    engine::Socket socket_;
    std::future<Result<void, OsError>> done_;
};

TEST(Udp, WhoFallsSilentHasLeft) {
    const LimitedUdp server{{.silence = std::chrono::milliseconds{50}, .peers = 8}};
    const UdpPeer anna{server.address};
    const UdpPeer ben{server.address};
    ben.send("I say this and no more");
    // Anna never stops talking for long. On a slow machine she may have gone herself: then she is told that
    // nobody is here, and Ben is one of them.
    std::string heard;
    for (int i = 0;
         i < 1000 && heard.find("fell silent") == std::string::npos && heard != "* nobody else is here\n";
         ++i) {
        anna.send("I keep talking");
        heard = anna.receive(10);
    }
    EXPECT_TRUE(heard == "* " + ben.name() + " fell silent\n" || heard == "* nobody else is here\n") << heard;
}

TEST(Udp, MorePeersThanThereIsRoomForAreNotAnswered) {
    const LimitedUdp server{{.silence = std::chrono::seconds{60}, .peers = 1}};
    const UdpPeer first{server.address};
    first.send("x");
    EXPECT_EQ(first.receive(), "* nobody else is here\n");
    const UdpPeer second{server.address};
    second.send("x");
    first.send("y");
    EXPECT_EQ(first.receive(), "* nobody else is here\n") << "the second one is nobody";
    EXPECT_EQ(second.receive(0), "nothing came");
    first.send("/quit");
    std::string heard;
    for (int i = 0; i < 200 && heard != "* nobody else is here\n"; ++i) {
        second.send("x");
        heard = second.receive(100);
    }
    EXPECT_EQ(heard, "* nobody else is here\n") << "there is room again";
}

}  // namespace
}  // namespace synscope::host
