#include "net/base/address.hpp"

#include <gtest/gtest.h>

namespace synscope {
namespace {

TEST(IpAddress, V4IsWrittenAndReadBack) {
    for (const char* text : {"0.0.0.0", "127.0.0.1", "10.0.200.3", "255.255.255.255"}) {
        const auto address = IpAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->family, 4);
        EXPECT_EQ(address->text(), text);
    }
    EXPECT_EQ(IpAddress::v4(0x0a000102).text(), "10.0.1.2");
}

TEST(IpAddress, V6IsWrittenAsRfc5952Recommends) {
    struct Case {
        const char* in;
        const char* out;
    };
    constexpr Case kCases[] = {
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // 4.2.3: the first of two equal runs
        {"2001:0db8::0001", "2001:db8::1"},                // 4.1: leading zeros
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // 4.2.2: one group is not shortened
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // 4.2.3: the longest run
        {"2001:DB8::ABCD", "2001:db8::abcd"},              // 4.3: lower case
        {"0:0:0:0:0:0:0:0", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"fe80:0:0:0:1:2:3:4", "fe80::1:2:3:4"},
        {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
        {"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
    };
    for (const Case& c : kCases) {
        const auto address = IpAddress::parse(c.in);
        ASSERT_TRUE(address) << c.in;
        EXPECT_EQ(address->family, 6);
        EXPECT_EQ(address->text(), c.out) << c.in;
        EXPECT_EQ(IpAddress::parse(address->text()), address) << c.in;
    }
}

TEST(IpAddress, AnEmbeddedV4PartIsRead) {
    EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("::ffff:c000:201"));
}

TEST(IpAddress, WhatIsNoAddressIsRefused) {
    for (const char* text : {"",
                             "1",
                             "1.2.3",
                             "1.2.3.4.5",
                             "256.1.1.1",
                             "1.2.3.-4",
                             "1.2.3.4 ",
                             " 1.2.3.4",
                             "a.b.c.d",
                             "1..2.3",
                             ":",
                             ":::",
                             "1::2::3",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "12345::",
                             "g::",
                             "::1%eth0",
                             "1:2:3:4:5:6:7:8::",
                             "::1.2.3",
                             "::1.2.3.4:5",
                             "1.2.3.4::1",
                             "1:1.2.3.4::1",
                             "1.2.3.4::"})
        EXPECT_FALSE(IpAddress::parse(text)) << '"' << text << '"';
}

TEST(IpAddress, BytesOfOtherLengthsAreNoAddress) {
    const std::array<std::byte, 16> bytes{std::byte{0x20}};
    EXPECT_EQ(IpAddress::from_bytes(ByteSpan{bytes}.first(4)).text(), "32.0.0.0");
    EXPECT_EQ(IpAddress::from_bytes(bytes).text(), "2000::");
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{5}, std::size_t{15}})
        EXPECT_EQ(IpAddress::from_bytes(ByteSpan{bytes}.first(size)).family, 0) << size;
}

TEST(IpAddress, OrderIsStrictAndPutsFamiliesApart) {
    const IpAddress low = IpAddress::v4(0x7fffffff);
    const IpAddress high = IpAddress::v4(0x80000000);
    const IpAddress six = *IpAddress::parse("::");
    EXPECT_TRUE(address_less(low, high));
    EXPECT_FALSE(address_less(high, low));
    EXPECT_FALSE(address_less(low, low));
    EXPECT_TRUE(address_less(high, six));
}

TEST(Endpoint, IsWrittenAndReadBack) {
    for (const char* text : {"127.0.0.1:80", "[::1]:65535", "0.0.0.0:0"}) {
        const auto endpoint = Endpoint::parse(text);
        ASSERT_TRUE(endpoint) << text;
        EXPECT_EQ(endpoint->text(), text);
    }
    for (const char* text :
         {"127.0.0.1", "::1:80", "[127.0.0.1]:80", "1.2.3.4:", "1.2.3.4:65536", "[::1]80", ":80"})
        EXPECT_FALSE(Endpoint::parse(text)) << text;
}

}  // namespace
}  // namespace synscope
