// Linux's results and errno values of the socket calls, between two simulated hosts.
#include "sim/host/sockets.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace synscope::sim {
namespace {

using namespace linux_abi;

constexpr int kEaddrinuse = 98;
constexpr int kEaddrnotavail = 99;
constexpr int kEconnreset = 104;
constexpr int kEisconn = 106;
constexpr int kEconnrefused = 111;
constexpr int kEalready = 114;
constexpr int kEpipe = 32;

Payload text(std::string_view s) {
    return Payload::copy_of(std::as_bytes(std::span{s}));
}

class SocketCalls : public ::testing::Test {
  protected:
    SocketCalls() {
        server_fd_ = static_cast<int>(server_.socket(kAfInet, kSockStream, 0).value);
        EXPECT_EQ(server_.bind(now_, server_fd_, kServer).error, 0);
        EXPECT_EQ(server_.listen(now_, server_fd_, 5).error, 0);
        client_fd_ = static_cast<int>(client_.socket(kAfInet, kSockStream, 0).value);
    }
    static tcp::StackOptions options(std::uint32_t address) {
        tcp::StackOptions o;
        o.addresses = {IpAddress::v4(address)};
        return o;
    }
    /// Segments go to and fro until nobody has anything to say; 10 ms each way.
    void settle() {
        for (int i = 0; i < 1000; ++i) {
            auto from_client = std::move(client_.stack().output());
            client_.stack().output().clear();
            auto from_server = std::move(server_.stack().output());
            server_.stack().output().clear();
            if (from_client.empty() && from_server.empty()) return;
            now_ = now_ + Duration::milliseconds(10);
            for (const auto& s : from_client)
                server_.stack().arrives(now_, s);
            for (const auto& s : from_server)
                client_.stack().arrives(now_, s);
        }
    }
    void connected() {
        EXPECT_EQ(client_.connect(now_, client_fd_, kServer), (CallResult{-1, kEinprogress}));
        settle();
        const AcceptResult accepted = server_.accept(now_, server_fd_);
        ASSERT_EQ(accepted.call.error, 0);
        EXPECT_EQ(accepted.peer, *client_.local(client_fd_));
        accepted_ = static_cast<int>(accepted.call.value);
    }
    std::string read(Sockets& host, int fd, int flags = 0) {
        std::array<std::byte, 100> out{};
        const CallResult r = host.receive(now_, fd, out, flags);
        if (r.error != 0) return "errno " + std::to_string(r.error);
        return {reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(r.value)};
    }

    static constexpr Endpoint kServer{IpAddress::v4(0x0a000002), 80};
    Instant now_{1'000'000'000};
    Sockets client_{options(0x0a000001)};
    Sockets server_{options(0x0a000002)};
    int server_fd_ = -1;
    int client_fd_ = -1;
    int accepted_ = -1;
};

TEST_F(SocketCalls, ConnectSaysHowFarItIs) {
    EXPECT_EQ(client_.connect(now_, client_fd_, kServer).error, kEinprogress);
    EXPECT_EQ(client_.connect(now_, client_fd_, kServer).error, kEalready);
    EXPECT_EQ(client_.poll(client_fd_), 0u);
    settle();
    EXPECT_EQ(client_.poll(client_fd_), tcp::readiness::kOut | tcp::readiness::kWrNorm);
    EXPECT_EQ(client_.connect(now_, client_fd_, kServer).error, 0);
    EXPECT_EQ(client_.connect(now_, client_fd_, kServer).error, kEisconn);
}

TEST_F(SocketCalls, NobodyListensThere) {
    EXPECT_EQ(client_.connect(now_, client_fd_, {kServer.address, 81}).error, kEinprogress);
    settle();
    EXPECT_NE(client_.poll(client_fd_) & tcp::readiness::kErr, 0u);
    EXPECT_EQ(client_.get_option(now_, client_fd_, kSolSocket, kSoError).value, kEconnrefused);
    EXPECT_EQ(client_.get_option(now_, client_fd_, kSolSocket, kSoError).value, 0);
}

TEST_F(SocketCalls, BytesArePeekedAtAndRead) {
    connected();
    EXPECT_EQ(read(server_, accepted_), "errno 11");
    EXPECT_EQ(client_.send(now_, client_fd_, text("hello")).value, 5);
    settle();
    EXPECT_EQ(server_.ioctl(now_, accepted_, kSiocInq).value, 5);
    EXPECT_EQ(read(server_, accepted_, kMsgPeek), "hello");
    EXPECT_EQ(read(server_, accepted_), "hello");
    EXPECT_EQ(client_.ioctl(now_, client_fd_, kSiocOutq).value, 0);
}

TEST_F(SocketCalls, HalfCloseEndsTheStreamOneWay) {
    connected();
    EXPECT_EQ(client_.shutdown(now_, client_fd_, 1).error, 0);
    settle();
    EXPECT_EQ(read(server_, accepted_), "");
    EXPECT_NE(server_.poll(accepted_) & tcp::readiness::kRdHup, 0u);
    EXPECT_EQ(client_.send(now_, client_fd_, text("x")).error, kEpipe);
    EXPECT_EQ(server_.send(now_, accepted_, text("bye")).value, 3);
    settle();
    EXPECT_EQ(read(client_, client_fd_), "bye");
}

TEST_F(SocketCalls, AnAbortIsAResetForThePeer) {
    connected();
    EXPECT_EQ(client_.set_option(now_, client_fd_, kSolSocket, kSoLinger, 1, 0).error, 0);
    EXPECT_EQ(client_.close(now_, client_fd_).error, 0);
    settle();
    EXPECT_EQ(read(server_, accepted_), "errno " + std::to_string(kEconnreset));
    EXPECT_EQ(read(server_, accepted_), "");
    EXPECT_EQ(server_.send(now_, accepted_, text("x")).error, kEpipe);
}

TEST_F(SocketCalls, CloseLingersUntilEverythingIsAcknowledged) {
    connected();
    EXPECT_EQ(client_.set_option(now_, client_fd_, kSolSocket, kSoLinger, 1, 5).error, 0);
    EXPECT_EQ(client_.send(now_, client_fd_, text("hello")).value, 5);
    EXPECT_EQ(client_.close(now_, client_fd_), (CallResult{-1, kEagain}));
    EXPECT_EQ(client_.lingers_until(client_fd_), now_ + Duration::seconds(5));
    EXPECT_EQ(client_.send(now_, client_fd_, text("x")).error, kEbadf) << "closed for all other calls";
    EXPECT_NE(client_.socket(kAfInet, kSockStream, 0).value, client_fd_) << "but not free yet";
    settle();
    EXPECT_EQ(read(server_, accepted_), "hello");
    EXPECT_EQ(read(server_, accepted_), "");
    EXPECT_TRUE(client_.close(now_, client_fd_).would_block()) << "the ACK of the FIN is delayed";
    EXPECT_EQ(server_.close(now_, accepted_).error, 0);
    settle();
    EXPECT_EQ(client_.close(now_, client_fd_).error, 0);
    EXPECT_EQ(client_.close(now_, client_fd_).error, kEbadf);
    EXPECT_EQ(client_.lingers_until(client_fd_), std::nullopt);
}

TEST_F(SocketCalls, CloseLingersNoLongerThanItsTime) {
    connected();
    EXPECT_EQ(client_.set_option(now_, client_fd_, kSolSocket, kSoLinger, 1, 5).error, 0);
    const Instant until = now_ + Duration::seconds(5);
    EXPECT_TRUE(client_.close(now_, client_fd_).would_block());
    EXPECT_TRUE(client_.close(until - Duration{1}, client_fd_).would_block());
    EXPECT_EQ(client_.close(until, client_fd_).error, 0);
}

TEST_F(SocketCalls, ANonblockingCloseLingersAsLinuxHasIt) {
    connected();
    EXPECT_EQ(client_.set_nonblocking(client_fd_, true).error, 0);
    EXPECT_EQ(client_.set_option(now_, client_fd_, kSolSocket, kSoLinger, 1, 5).error, 0);
    EXPECT_TRUE(client_.close(now_, client_fd_).would_block());
}

TEST_F(SocketCalls, ANonblockingCloseReturnsAtOnceAsFreeBsdHasIt) {
    client_.stack().set_personality(tcp::kBsd);
    connected();
    EXPECT_EQ(client_.set_nonblocking(client_fd_, true).error, 0);
    EXPECT_EQ(client_.set_option(now_, client_fd_, kSolSocket, kSoLinger, 1, 5).error, 0);
    EXPECT_EQ(client_.close(now_, client_fd_).error, 0);
}

TEST_F(SocketCalls, WrongUseHasLinuxNumbers) {
    EXPECT_EQ(client_.socket(10, kSockStream, 0).error, kEafnosupport);
    EXPECT_EQ(client_.close(now_, 77).error, kEbadf);
    EXPECT_EQ(client_.accept(now_, client_fd_).call.error, kEinval);
    EXPECT_EQ(client_.shutdown(now_, client_fd_, 2).error, kEnotconn);
    EXPECT_EQ(read(client_, client_fd_), "errno " + std::to_string(kEnotconn));
    EXPECT_EQ(client_.send(now_, client_fd_, text("x")).error, kEpipe);
    EXPECT_EQ(client_.bind(now_, client_fd_, kServer).error, kEaddrnotavail);
    const int second = static_cast<int>(server_.socket(kAfInet, kSockStream, 0).value);
    EXPECT_EQ(server_.bind(now_, second, kServer).error, kEaddrinuse);
}

TEST_F(SocketCalls, BuffersAreDoubledAndCut) {
    EXPECT_EQ(client_.set_option(now_, client_fd_, kSolSocket, kSoRcvBuf, 10'000).error, 0);
    EXPECT_EQ(client_.get_option(now_, client_fd_, kSolSocket, kSoRcvBuf).value, 20'000);
    EXPECT_EQ(client_.set_option(now_, client_fd_, kSolSocket, kSoRcvBuf, 1).error, 0);
    EXPECT_EQ(client_.get_option(now_, client_fd_, kSolSocket, kSoRcvBuf).value, 2304);
    EXPECT_EQ(client_.set_option(now_, client_fd_, kIpprotoTcp, kTcpKeepCnt, 0).error, kEinval);
    EXPECT_EQ(client_.set_option(now_, client_fd_, kIpprotoTcp, 999, 0).error, kEnoprotoopt);
}

TEST_F(SocketCalls, DescriptorsAreUsedAgain) {
    const int fd = static_cast<int>(client_.socket(kAfInet, kSockStream | kSockNonblock, 0).value);
    EXPECT_TRUE(client_.nonblocking(fd));
    EXPECT_EQ(client_.close(now_, fd).error, 0);
    EXPECT_EQ(client_.socket(kAfInet, kSockStream, 0).value, fd);
    EXPECT_FALSE(client_.nonblocking(fd));
}

}  // namespace
}  // namespace synscope::sim
