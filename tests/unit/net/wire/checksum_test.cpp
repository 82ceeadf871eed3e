#include "net/wire/checksum.hpp"

#include <gtest/gtest.h>

#include "net/wire/ip_protocol.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::wire {
namespace {

using test::bytes;

// RFC 1071 section 3: 0001 f203 f4f5 f6f7 sums to ddf2.
static_assert(fold_sum(internet_sum(bytes(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))) == 0xddf2);
static_assert(internet_checksum(bytes(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)) == 0x220d);
static_assert(internet_checksum(ByteSpan{}) == 0xffff);
static_assert(internet_sum(bytes(0x12)) == 0x1200, "an odd last byte is the high half");

// The header of RFC 791's shape that textbooks use: checksum b1e6.
constexpr auto kHeader = bytes(0x45, 0, 0, 0x3c, 0x1c, 0x46, 0x40, 0, 0x40, 6, 0xb1, 0xe6, 0xac, 0x10, 0x0a,
                               0x63, 0xac, 0x10, 0x0a, 0x0c);
static_assert(internet_checksum(kHeader) == 0);

constexpr IpAddress kSource = IpAddress::v4(0x0a000001);
constexpr IpAddress kDestination = IpAddress::v4(0x0a000002);

/// A UDP datagram of five bytes payload (an odd length), its checksum still 0.
std::array<std::byte, 13> datagram() {
    return bytes(0x0f, 0xa0, 0, 9, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o');
}

ChecksumVerdict judge(ByteSpan segment, const IpAddress& from = kSource, const IpAddress& to = kDestination) {
    return judge_transport_checksum(from, to, ip_protocol::kUdp, segment, 6);
}

TEST(Checksum, WhatIsFilledInIsCorrectAndOneBitMakesItWrong) {
    for (const bool six : {false, true}) {
        const IpAddress from = six ? *IpAddress::parse("fe80::1") : kSource;
        const IpAddress to = six ? *IpAddress::parse("ff02::fb") : kDestination;
        auto segment = datagram();
        store_be16(segment, 6, transport_checksum(from, to, ip_protocol::kUdp, segment));
        EXPECT_EQ(judge(segment, from, to), ChecksumVerdict::Correct);
        for (std::size_t bit = 0; bit < segment.size() * 8; ++bit) {
            auto broken = segment;
            broken[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
            EXPECT_NE(judge(broken, from, to), ChecksumVerdict::Correct) << bit;
        }
        EXPECT_EQ(judge(segment, to, IpAddress::v4(1)), ChecksumVerdict::Wrong) << "addresses count";
    }
}

TEST(Checksum, AValueByHand) {
    // 0a00 + 0001 + 0a00 + 0002 + 0011 + 000d (pseudo header) + 0fa0 + 0009 + 000d + 6865 + 6c6c + 6f00 =
    // 1_67a8.
    EXPECT_EQ(transport_checksum(kSource, kDestination, ip_protocol::kUdp, datagram()),
              static_cast<std::uint16_t>(~fold_sum(0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 0x0011 + 0x000d +
                                                   0x0fa0 + 0x0009 + 0x000d + 0x6865 + 0x6c6c + 0x6f00)));
}

TEST(Checksum, WhatTheKernelLeavesForTheCardIsKnown) {
    auto segment = datagram();
    EXPECT_EQ(judge(segment), ChecksumVerdict::Offloaded) << "nothing filled in";
    const auto pseudo = [](std::uint32_t length) {
        return fold_sum(pseudo_header_sum(kSource, kDestination, ip_protocol::kUdp, length));
    };
    store_be16(segment, 6, pseudo(13));
    EXPECT_EQ(judge(segment), ChecksumVerdict::Offloaded) << "the pseudo header's sum";
    store_be16(segment, 6, pseudo(0));
    EXPECT_EQ(judge(segment), ChecksumVerdict::Offloaded) << "the same without the length";
    store_be16(segment, 6, 0x1234);
    EXPECT_EQ(judge(segment), ChecksumVerdict::Wrong);
}

}  // namespace
}  // namespace synscope::wire
