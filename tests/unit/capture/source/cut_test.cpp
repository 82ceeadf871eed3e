#include "capture/source/cut.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace synscope::source {
namespace {

using wire::LinkType;

std::vector<std::byte> bytes(std::initializer_list<unsigned> values) {
    std::vector<std::byte> out;
    for (const unsigned v : values)
        out.push_back(static_cast<std::byte>(v));
    return out;
}
void add(std::vector<std::byte>& to, const std::vector<std::byte>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

/// Ethernet and IPv4 (20 bytes) in front of `transport`, followed by `payload` bytes of secret.
std::vector<std::byte> ipv4(unsigned protocol, const std::vector<std::byte>& transport, std::size_t payload,
                            unsigned fragment = 0) {
    auto frame = bytes({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0});
    const auto total = static_cast<unsigned>(20 + transport.size() + payload);
    add(frame, bytes({0x45,
                      0,
                      total >> 8,
                      total & 0xff,
                      0,
                      1,
                      fragment >> 8,
                      fragment & 0xff,
                      64,
                      protocol,
                      0,
                      0,
                      127,
                      0,
                      0,
                      1,
                      127,
                      0,
                      0,
                      1}));
    add(frame, transport);
    frame.resize(frame.size() + payload, std::byte{0x5e});
    return frame;
}
std::vector<std::byte> tcp(unsigned words) {
    auto header = bytes({0, 80, 1, 0, 0, 0, 0, 1, 0, 0, 0, 2, words << 4, 0x18, 0, 100, 0, 0, 0, 0});
    header.resize(words * 4, std::byte{1});
    return header;
}

std::size_t cut(const std::vector<std::byte>& frame, LinkType link = LinkType::Ethernet) {
    return headers_length(link, frame, static_cast<std::uint32_t>(frame.size()));
}

TEST(HeadersLength, CutsBehindTcpWithItsOptions) {
    EXPECT_EQ(cut(ipv4(6, tcp(5), 100)), 14u + 20 + 20);
    EXPECT_EQ(cut(ipv4(6, tcp(8), 100)), 14u + 20 + 32);
    EXPECT_EQ(cut(ipv4(6, tcp(8), 0)), 14u + 20 + 32);
}

TEST(HeadersLength, CutsBehindUdpAndTheFirstOfIcmp) {
    EXPECT_EQ(cut(ipv4(17, bytes({0, 53, 1, 0, 0, 48, 0, 0}), 40)), 14u + 20 + 8);
    EXPECT_EQ(cut(ipv4(1, bytes({8, 0, 0, 0, 0, 1, 0, 1}), 40)), 14u + 20 + 8);
}

TEST(HeadersLength, KeepsNothingOfAnUnknownTransport) {
    EXPECT_EQ(cut(ipv4(50, {}, 40)), 14u + 20);
    EXPECT_EQ(cut(ipv4(132, {}, 40)), 14u + 20);
}

TEST(HeadersLength, LaterFragmentsArePayloadFromTheStart) {
    EXPECT_EQ(cut(ipv4(6, {}, 64, 0x0010)), 14u + 20);
}

TEST(HeadersLength, AMalformedTcpHeaderKeepsItsFixedPartOnly) {
    EXPECT_EQ(cut(ipv4(6, tcp(5), 0)), 14u + 20 + 20);
    auto frame = ipv4(6, tcp(5), 100);
    frame[14 + 20 + 12] = std::byte{0x10};  // a data offset of 4 bytes
    EXPECT_EQ(cut(frame), 14u + 20 + 20);
}

TEST(HeadersLength, ShortFramesStayAsTheyAre) {
    const auto whole = ipv4(6, tcp(5), 10);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto kept = headers_length(LinkType::Ethernet, part, static_cast<std::uint32_t>(whole.size()));
        EXPECT_LE(kept, size);
        EXPECT_LE(kept, 14u + 20 + 20);
    }
}

TEST(HeadersLength, ArpIsKeptWholeOtherProtocolsAreNot) {
    auto arp = bytes({255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 2, 8, 6});
    arp.resize(42);
    EXPECT_EQ(cut(arp), 42u);
    auto other = bytes({255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 2, 0x88, 0xb5});
    other.resize(60);
    EXPECT_EQ(cut(other), 14u);
}

TEST(HeadersLength, WorksOnCookedAndRawCaptures) {
    const auto ethernet = ipv4(6, tcp(5), 100);
    const std::vector<std::byte> packet(ethernet.begin() + 14, ethernet.end());
    EXPECT_EQ(cut(packet, LinkType::Raw), 40u);
    auto cooked = bytes({8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0});
    add(cooked, packet);
    EXPECT_EQ(cut(cooked, LinkType::LinuxSll2), 60u);
}

}  // namespace
}  // namespace synscope::source
