// Datagrams whose fragments do not all come (RFC 1122 section 3.3.2).
#include <gtest/gtest.h>

#include <algorithm>

#include "net/wire/ip_protocol.hpp"
#include "tests/unit/sim/host/transcript.hpp"

namespace synscope::sim {
namespace {

constexpr std::string_view kTimeExceeded = "ICMP time exceeded";

/// The client's fragments, one by one, to the server 5 ms away.
class Reassembly : public ::testing::Test {
  protected:
    Reassembly() { net_.world.run_until(at_ms(1000)); }

    void fragment(std::uint16_t id, std::uint32_t offset, bool more, const Payload& bytes,
                  std::uint8_t protocol = wire::ip_protocol::kUdp) {
        Datagram datagram;
        datagram.header.source = ip("10.0.0.1");
        datagram.header.destination = ip("10.0.0.2");
        datagram.header.protocol = protocol;
        datagram.header.ttl = 9;
        datagram.header.identification = id;
        datagram.header.fragment_offset = offset;
        datagram.header.more_fragments = more;
        datagram.transport = RawTransport{bytes};
        Fabric& fabric = net_.world.fabric();
        fabric.transmit(net_.client, 0, fabric.make({numbered_mac(2), numbered_mac(1), datagram}));
    }
    /// In milliseconds behind the first fragment's arrival.
    void until(std::int64_t ms) { net_.world.run_until(at_ms(1005 + ms)); }
    std::ptrdiff_t count(std::string_view what) const {
        const Lines& lines = net_.transcript.lines();
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string& line) { return line.find(what) != std::string::npos; });
    }
    const std::vector<IcmpError>& errors() { return net_.world.host(net_.client).icmp_errors(); }

    TwoHosts net_{{.delay = Duration::milliseconds(5)}, Transcript::Show::Everything};
    const Payload first_{bytes_of(std::string("\x0f\xa0\x00\x35\x00\x20\x00\x00", 8))};  // ports 4000, 53
    const Payload other_{bytes_of("01234567")};
};

TEST_F(Reassembly, IsGivenUpAfter30SecondsAndTheSourceIsTold) {
    fragment(77, 0, true, first_);
    until(29'999);
    EXPECT_EQ(count("server  reassembly timed out"), 0);
    until(31'000);
    EXPECT_EQ(count("31.005000 server  reassembly timed out: 1 fragment from 10.0.0.1"), 1);
    EXPECT_EQ(count(kTimeExceeded), 1) << testing::PrintToString(net_.transcript.lines());
    ASSERT_EQ(errors().size(), 1u);
    EXPECT_EQ(errors()[0].type, wire::IcmpTypes::kTimeExceeded);
    EXPECT_EQ(errors()[0].code, 1) << "fragment reassembly time exceeded";
    EXPECT_EQ(errors()[0].from, ip("10.0.0.2"));
    EXPECT_EQ(errors()[0].source, (Endpoint{ip("10.0.0.1"), 4000}));
    EXPECT_EQ(errors()[0].destination, (Endpoint{ip("10.0.0.2"), 53}));
    EXPECT_EQ(net_.world.fabric().frames(), 0u);
}

TEST_F(Reassembly, WithoutFragment0NothingIsSent) {
    fragment(77, 8, true, other_);
    fragment(77, 16, false, other_);
    until(31'000);
    EXPECT_EQ(count("server  reassembly timed out: 2 fragments from 10.0.0.1"), 1);
    EXPECT_EQ(count(kTimeExceeded), 0);
}

TEST_F(Reassembly, Fragment0MayComeLaterAndTheTimeRunsFromTheFirst) {
    fragment(77, 8, true, other_);
    until(20'000);
    fragment(77, 0, true, first_);
    until(30'000);
    EXPECT_EQ(count("server  reassembly timed out: 2 fragments from 10.0.0.1"), 1);
    until(31'000);
    ASSERT_EQ(errors().size(), 1u);
    EXPECT_EQ(errors()[0].source.port, 4000) << "fragment 0 is quoted";
}

TEST_F(Reassembly, WhatIsPutTogetherIsNotGivenUpAndItsNumberMayComeAgain) {
    fragment(77, 0, true, first_);
    fragment(77, 8, false, other_);
    until(20'000);
    EXPECT_EQ(count("server  reassembled: 2 fragments"), 1);
    fragment(77, 0, true, first_);
    until(49'000);
    EXPECT_EQ(count("server  reassembly timed out"), 0);
    until(51'000);
    EXPECT_EQ(count("51.005000"), 0);
    EXPECT_EQ(count("server  reassembly timed out"), 1);
    until(100'000);
    EXPECT_EQ(count("server  reassembly timed out"), 1);
}

TEST_F(Reassembly, NobodyIsToldOfAnIcmpErrorInFragments) {
    fragment(77, 0, true, bytes_of(std::string("\x03\x03\x00\x00\x00\x00\x00\x00", 8)),
             wire::ip_protocol::kIcmp);
    fragment(78, 0, true, bytes_of(std::string("\x08\x00\x00\x00\x00\x00\x00\x00", 8)),
             wire::ip_protocol::kIcmp);
    until(31'000);
    EXPECT_EQ(count("server  reassembly timed out"), 2);
    EXPECT_EQ(count(kTimeExceeded), 1) << "of the echo request only (RFC 1122 section 3.2.2)";
}

}  // namespace
}  // namespace synscope::sim
