#include "sim/packetdrill/calls.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "sim/packetdrill/datagram.hpp"

namespace synscope::packetdrill {
namespace {

using sim::tcp::Segment;
using wire::TcpFlags;

sockaddr_in address(const char* text, std::uint16_t port) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    inet_pton(AF_INET, text, &in.sin_addr);
    return in;
}
const sockaddr* generic(const sockaddr_in& in) {
    return reinterpret_cast<const sockaddr*>(&in);
}

/// packetdrill's side: a peer at 192.0.2.1:40000 that talks to our port 8080.
class Script {
  public:
    Calls calls{MachineOptions{sim::tcp::kLinux, {}, {}}};

    void inject(std::uint16_t flags, std::uint32_t seq, std::uint32_t ack) {
        Segment s;
        s.source = *IpAddress::parse("192.0.2.1");
        s.destination = *IpAddress::parse("192.168.0.1");
        s.header.source_port = 40000;
        s.header.destination_port = 8080;
        s.header.seq = Seq32{seq};
        s.header.ack = Seq32{ack};
        s.header.flags = TcpFlags{flags};
        s.header.window = 65535;
        const auto datagram = write_datagram(s, 0);
        calls.datagram_in(datagram.data(), datagram.size());
    }
    std::optional<Segment> sniff() {
        std::array<std::byte, 4096> room{};
        std::size_t size = room.size();
        calls.datagram_out(room.data(), &size, &sent_at_us);
        if (size == 0) return std::nullopt;
        return std::get<Segment>(*read_datagram(ByteSpan{room}.first(size)));
    }
    long long now_us() {
        timeval now{};
        calls.clock(&now);
        return now.tv_sec * 1'000'000LL + now.tv_usec;
    }
    int listener() {
        const int fd = calls.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
        const auto any = address("192.168.0.1", 8080);
        EXPECT_EQ(calls.bind(fd, generic(any), sizeof any), 0);
        EXPECT_EQ(calls.listen(fd, 5), 0);
        return fd;
    }
    void open() {
        inject(TcpFlags::kSyn, 0, 0);
        const auto answer = sniff();
        ASSERT_TRUE(answer.has_value());
        inject(TcpFlags::kAck, 1, answer->header.seq.raw() + 1);
    }

    long long sent_at_us = 0;
};

TEST(PacketdrillCalls, EveryReadingOfTheClockAdvancesIt) {
    Script script;
    const auto first = script.now_us();
    EXPECT_EQ(script.now_us(), first + 1);
    script.calls.sleep_us(3'600'000'000u);
    EXPECT_EQ(script.now_us(), first + 3'600'000'002);
}

TEST(PacketdrillCalls, SniffingRunsTheTimeToTheRetransmission) {
    Script script;
    script.listener();
    const auto before = script.now_us();
    script.inject(TcpFlags::kSyn, 0, 0);
    ASSERT_TRUE(script.sniff().has_value());
    EXPECT_EQ(script.sent_at_us, before);
    ASSERT_TRUE(script.sniff().has_value()) << "the SYN-ACK again";
    EXPECT_EQ(script.sent_at_us, before + 1'000'000);
}

TEST(PacketdrillCalls, SniffingEndsWhereNothingWillCome) {
    Script script;
    script.listener();
    EXPECT_EQ(script.sniff(), std::nullopt);
}

TEST(PacketdrillCalls, AcceptedSocketKnowsItsPeer) {
    Script script;
    const int listener = script.listener();
    ASSERT_EQ(script.calls.fcntl(listener, F_SETFL, O_NONBLOCK), 0);
    EXPECT_EQ(script.calls.accept(listener, nullptr, nullptr), -1);
    EXPECT_EQ(errno, EAGAIN);
    script.open();
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    const int fd = script.calls.accept(listener, reinterpret_cast<sockaddr*>(&peer), &length);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(ntohs(peer.sin_port), 40000);
    EXPECT_EQ(script.calls.close(fd), 0);
    EXPECT_EQ(script.calls.close(fd), -1);
    EXPECT_EQ(errno, EBADF);
}

TEST(PacketdrillCalls, BlockingCallReturnsAtTheTimeOfWhatItWaitedFor) {
    Script script;
    const int listener = script.listener();
    int accepted = -1;
    long long returned_at = 0;
    std::thread caller{[&] {
        accepted = script.calls.accept(listener, nullptr, nullptr);
        returned_at = script.now_us();  // gives the turn back, as packetdrill does
    }};
    script.inject(TcpFlags::kSyn, 0, 0);
    const auto answer = script.sniff();
    script.calls.sleep_us(5000);
    const auto before = script.now_us();
    if (answer) script.inject(TcpFlags::kAck, 1, answer->header.seq.raw() + 1);
    caller.join();
    EXPECT_GE(accepted, 0);
    EXPECT_LE(returned_at - before, 2) << "microseconds";
}

class Lingering : public ::testing::Test {
  protected:
    /// Opens a connection and closes it in a thread of its own, as packetdrill does with calls that block.
    void begin(int seconds) {
        const int listener = script_.listener();
        script_.open();
        const int fd = script_.calls.accept(listener, nullptr, nullptr);
        const linger wait{1, seconds};
        EXPECT_EQ(script_.calls.set_option(fd, SOL_SOCKET, SO_LINGER, &wait, sizeof wait), 0);
        began_at_ = script_.now_us();
        caller_ = std::thread{[this, fd] {
            result_ = script_.calls.close(fd);
            returned_at_ = script_.now_us();
        }};
        while (!fin_)  // until the other thread has got so far
            fin_ = script_.sniff();
    }
    Script script_;
    std::thread caller_;
    std::optional<Segment> fin_;
    int result_ = -1;
    long long began_at_ = 0;
    long long returned_at_ = 0;
};

TEST_F(Lingering, CloseReturnsWithTheAckOfTheFin) {
    begin(5);
    script_.calls.sleep_us(5000);
    const auto before = script_.now_us();
    script_.inject(TcpFlags::kAck, 1, fin_->header.seq.raw() + 1);
    caller_.join();
    EXPECT_EQ(result_, 0);
    EXPECT_LE(returned_at_ - before, 2) << "microseconds";
}

TEST_F(Lingering, CloseReturnsWhenItsTimeIsOver) {
    begin(1);
    script_.calls.sleep_us(2'000'000);
    caller_.join();
    EXPECT_EQ(result_, 0);
    EXPECT_GE(returned_at_ - began_at_, 1'000'000);
    EXPECT_LE(returned_at_ - began_at_, 1'000'010);
}

}  // namespace
}  // namespace synscope::packetdrill
