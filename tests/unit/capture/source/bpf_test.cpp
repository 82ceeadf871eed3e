#include "capture/source/bpf.hpp"

#include <gtest/gtest.h>

#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::source {
namespace {

using test::bytes;
using test::join;
using wire::LinkType;

constexpr auto kMacs = bytes(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);
constexpr auto kIpv4 = bytes(0x45, 0, 0, 42, 0, 1, 0x40, 0, 64, 6, 0x26, 0xcb, 10, 0, 0, 1, 10, 0, 0, 2);
constexpr auto kTcp =
    bytes(0x9c, 0x40, 0, 80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 5, 0x50, 0x18, 1, 0, 0, 0, 0, 0, 'h', 'i');

bool keeps(BpfFilter& filter, LinkType link, const std::vector<std::byte>& frame) {
    const auto kept = filter.matches(link, frame, static_cast<std::uint32_t>(frame.size()));
    EXPECT_TRUE(kept.has_value());
    return kept.value_or(false);
}

TEST(BpfFilter, KeepsWhatTheExpressionSaysOnEveryLinkType) {
    BpfFilter port("tcp dst port 80");
    BpfFilter other("tcp dst port 81");
    const auto packet = join(kIpv4, kTcp);
    const std::pair<LinkType, std::vector<std::byte>> frames[] = {
        {LinkType::Ethernet, join(kMacs, bytes(8, 0), packet)},
        {LinkType::Raw, packet},
        {LinkType::Ipv4, packet},
        {LinkType::Null, join(bytes(2, 0, 0, 0), packet)},
        {LinkType::Null, join(bytes(0, 0, 0, 2), packet)},
        {LinkType::Loop, join(bytes(0, 0, 0, 2), packet)},
        {LinkType::LinuxSll, join(bytes(0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0), packet)},
    };
    for (const auto& [link, frame] : frames) {
        EXPECT_TRUE(keeps(port, link, frame)) << static_cast<int>(link);
        EXPECT_FALSE(keeps(other, link, frame)) << static_cast<int>(link);
    }
}

TEST(BpfFilter, AnEmptyExpressionKeepsEverything) {
    BpfFilter all("");
    EXPECT_TRUE(keeps(all, LinkType::Ethernet, join(kMacs)));
    EXPECT_TRUE(keeps(all, LinkType::Ethernet, {}));
}

TEST(BpfFilter, ACutPacketIsJudgedByWhatIsThere) {
    BpfFilter port("tcp dst port 80");
    const auto frame = join(kIpv4, kTcp);
    EXPECT_FALSE(port.matches(LinkType::Raw, ByteSpan{frame}.first(22), 42).value());
    EXPECT_TRUE(port.matches(LinkType::Raw, ByteSpan{frame}.first(24), 42).value());
    BpfFilter length("len == 42");
    EXPECT_TRUE(length.matches(LinkType::Raw, ByteSpan{frame}.first(22), 42).value());
}

TEST(BpfFilter, AWrongExpressionIsRefusedInTheWordsOfLibpcap) {
    BpfFilter wrong("tcp porrt 80");
    const auto result = wrong.prepare(LinkType::Ethernet);
    ASSERT_FALSE(result.has_value());
    EXPECT_NE(result.error().what.find("syntax error"), std::string::npos) << result.error().what;
    EXPECT_EQ(result.error().where, "tcp porrt 80");
    BpfFilter ethernet("ether src 02:00:00:00:00:01");
    EXPECT_TRUE(ethernet.prepare(LinkType::Ethernet).has_value());
    EXPECT_FALSE(ethernet.prepare(LinkType::Raw).has_value()) << "raw IP has no Ethernet addresses";
    EXPECT_FALSE(BpfFilter(std::string("tcp\0x", 5)).prepare(LinkType::Raw).has_value());
}

TEST(BpfFilter, ACopyIsAFilterOfItsOwn) {
    BpfFilter first("udp");
    ASSERT_TRUE(first.prepare(LinkType::Raw).has_value());
    BpfFilter second = first;
    first = BpfFilter("tcp");
    EXPECT_TRUE(keeps(first, LinkType::Raw, join(kIpv4, kTcp)));
    EXPECT_FALSE(keeps(second, LinkType::Raw, join(kIpv4, kTcp)));
}

}  // namespace
}  // namespace synscope::source
