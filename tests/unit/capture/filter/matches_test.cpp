#include <gtest/gtest.h>

#include <string>

#include "tests/unit/capture/filter/made_packet.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::filter {
namespace {

using synscope::test::bytes;
using synscope::test::join;

constexpr auto kMacs = bytes(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0);
constexpr auto kIpv4 = bytes(0x45, 0, 0, 52, 0, 1, 0x40, 0, 64, 6, 0x26, 0xc1, 10, 0, 0, 1, 10, 0, 0, 2);
constexpr auto kTcp = bytes(0x9c, 0x40, 0, 80, 0, 0, 0, 9, 0, 0, 0, 5, 0x50, 0x18, 1, 0, 0, 0, 0, 0);
constexpr auto kGet = bytes('G', 'E', 'T', ' ', '/', ' ', 'x', 'Y', 0, 0xff, '\r', '\n');

/// 10.0.0.1:40000 > 10.0.0.2:80, PSH and ACK, 12 bytes: the client's first data.
class FilterOnTcp : public ::testing::Test {
  protected:
    FilterOnTcp() : packet_(join(kMacs, kIpv4, kTcp, kGet)) {
        verdict_.connection = ConnectionId{3};
        verdict_.seq = 1;
        verdict_.ack = 1;
        verdict_.window = 32'768;
        verdict_.flags.add(track::AnalysisFlag::Retransmission);
        verdict_.ack_rtt = Duration::milliseconds(150);
        connection_.completeness = 15;
        packet_.facts.verdict = &verdict_;
        packet_.facts.connection = &connection_;
    }
    bool matches(std::string_view text) const {
        const auto filter = Filter::compile(text);
        EXPECT_TRUE(filter.has_value()) << text << ": " << (filter ? "" : filter.error().message);
        return filter && filter->matches(packet_.facts);
    }
    void expect(std::initializer_list<std::string_view> yes,
                std::initializer_list<std::string_view> no) const {
        for (const auto text : yes)
            EXPECT_TRUE(matches(text)) << text;
        for (const auto text : no)
            EXPECT_FALSE(matches(text)) << text;
    }

    test::MadePacket packet_;
    track::Verdict verdict_;
    track::ConnectionFacts connection_;
};

TEST_F(FilterOnTcp, AnEmptyFilterMatchesEverything) {
    expect({"", "  \t"}, {});
}

TEST_F(FilterOnTcp, ANameAloneAsksWhetherItIsThere) {
    expect(
        {"tcp", "ip", "eth", "frame", "tcp.analysis.retransmission", "tcp.analysis.flags", "tcp.flags.syn"},
        {"udp", "ipv6", "tcp.analysis.lost_segment", "tcp.options.mss_val"});
}

TEST_F(FilterOnTcp, NumbersAreWrittenInManyWays) {
    expect({"tcp.dstport == 80", "tcp.dstport==80", "tcp.dstport eq 0x50", "tcp.dstport == 0120",
            "tcp.dstport == 0b1010000", "tcp.dstport == 'P'", "tcp.dstport == +80", "ip.ttl >= 64",
            "ip.ttl ge 64", "ip.ttl <= 64", "ip.ttl lt 65", "ip.ttl gt 63", "tcp.flags == 0x18",
            "frame.number == 7"},
           {"tcp.dstport == 81", "ip.ttl > 64", "ip.ttl < 64", "tcp.flags == 0x10"});
}

TEST_F(FilterOnTcp, BooleansAreNumbersOrWords) {
    expect({"tcp.flags.ack == 1", "tcp.flags.ack == true", "tcp.flags.syn == 0", "tcp.flags.syn == False",
            "tcp.flags.ack == 3", "ip.flags.df == TRUE", "tcp.flags.syn != 1"},
           {"tcp.flags.ack == 0", "tcp.flags.syn == 1", "ip.flags.mf == 1"});
}

TEST_F(FilterOnTcp, FieldsThatOccurTwiceEqualWhenOneDoesAndDifferWhenAllDo) {
    expect({"tcp.port == 80", "tcp.port == 40000", "ip.addr == 10.0.0.1", "ip.addr == 10.0.0.2",
            "tcp.port ~= 80", "tcp.port any_ne 80", "tcp.port != 81", "any tcp.port == 80",
            "all tcp.port > 79", "ip.addr != 10.0.0.3", "!(tcp.port == 81)", "tcp.port !== 80",
            "count(tcp.port) == 2", "all ip.addr == 10.0.0.0/8"},
           {"tcp.port != 80", "tcp.port ne 40000", "ip.addr != 10.0.0.1", "tcp.port === 80",
            "tcp.port all_eq 80", "all tcp.port > 80", "all ip.addr == 10.0.0.1"});
}

TEST_F(FilterOnTcp, AComparisonWithWhatIsAbsentIsFalse) {
    expect({"!(udp.port == 53)", "!(udp.port != 53)", "udp.port not in {53}", "not udp.port"},
           {"udp.port == 53", "udp.port != 53", "udp.port in {53}", "len(udp) > 0", "count(udp.port) == 0",
            "tcp.srcport == udp.srcport"});
}

TEST_F(FilterOnTcp, NotBindsTighterThanAndThanXorThanOr) {
    expect({"tcp || udp && udp", "udp && udp || tcp", "not udp and tcp", "!udp && !arp", "tcp ^^ udp",
            "not tcp or ip", "tcp xor udp and udp", "not not tcp", "!!tcp", "tcp or (udp and arp)",
            "tcp ^^ ip ^^ eth"},
           {"(tcp || udp) && udp", "not (tcp or udp)", "tcp ^^ ip", "not tcp and ip", "tcp && udp"});
}

TEST_F(FilterOnTcp, SetsHoldValuesAndRanges) {
    expect({"tcp.port in {80, 443}", "tcp.dstport in {70..90}", "tcp.dstport in { 1, 79 .. 81 }",
            "ip.src in {10.0.0.0/24}", "ip.addr in {10.0.0.2..10.0.0.9}", "tcp.dstport not in {443}",
            "!(tcp.dstport in {443})", "frame.time_relative in {1..2}"},
           {"tcp.port in {443, 8000..8080}", "tcp.dstport not in {80}", "ip.src in {10.0.1.0/24}"});
}

TEST_F(FilterOnTcp, AddressesCompareByTheirPrefix) {
    expect({"ip.addr == 10.0.0.0/8", "ip.src == 10.0.0.1/32", "ip.src == 1.2.3.4/0", "ip.src == 10.0.0.0/31",
            "ip.src < 10.0.0.2", "ip.src & 255.0.0.0 == 10.0.0.0", "eth.src == 02:00:00:00:00:01",
            "eth.addr == 02-00-00-00-00-02", "eth.addr == 0200.0000.0001"},
           {"ip.addr == 11.0.0.0/8", "ip.src == 10.0.0.2/31", "eth.addr == 02:00:00:00:00:03"});
}

TEST_F(FilterOnTcp, BytesAreSlicedSearchedAndMasked) {
    expect({"eth.src[0:3] == 02:00:00",
            "eth.src[5] == 1",
            "eth.src[-1] == 01",
            "eth.src[4-5] == 00:01",
            "eth.src[:2] == 02:00",
            "eth.src[4:] == 00:01",
            "eth.src[0,5] == 02:01",
            "ip.src[0] == 0a",
            "tcp.payload[0:4] == \"GET \"",
            "tcp.payload[0:3] == 47:45:54",
            "tcp.payload contains \"GET\"",
            "tcp.payload contains 0d:0a",
            "tcp.payload contains 00:ff",
            "frame contains \"x\\x59\"",
            "tcp contains \"GET\"",
            "tcp.payload[0] & 40",
            "tcp.flags & 0x10",
            "tcp.flags & 0x10 == 0x10",
            "len(tcp.payload) == 12",
            "len(tcp) == 20",
            "len(frame) == 66",
            "eth.src[0:2] == 0200",
            "eth.src contains 00:01",
            "tcp.payload[-2:2] == \"\\r\\n\"",
            "frame[12:2] == 08:00"},
           {"eth.src[0:3] == 02:00:01", "eth.src[6]", "eth.src[5:2] == 01", "eth.src[-7]",
            "tcp.payload contains \"get\"", "tcp.flags & 2", "tcp.payload[100]", "udp.payload contains 00"});
}

TEST_F(FilterOnTcp, RegularExpressionsIgnoreCaseUnlessTold) {
    expect(
        {"tcp.payload matches \"^get\"", "tcp.payload matches r\"\\r\\n$\"", "tcp.payload matches \"\\xff\"",
         "frame.protocols matches \"tcp(:|$)\"", "tcp.payload matches \"(?-i)^GET\"", "tcp matches \"xy\"",
         "lower(frame.protocols) contains \"tcp\"", "upper(frame.protocols) contains \"TCP\""},
        {"tcp.payload matches \"^post\"", "tcp.payload matches \"(?-i)^get\"",
         "upper(frame.protocols) contains \"tcp\""});
}

TEST_F(FilterOnTcp, TimesAreSecondsToTheNanosecond) {
    expect({"frame.time_relative == 1.25", "frame.time_delta == 0.25", "frame.time_delta > 0.249999999",
            "frame.time_epoch >= 1600000001", "tcp.analysis.ack_rtt > 0.1", "frame.time_relative > -1"},
           {"frame.time_delta > 0.25", "tcp.analysis.ack_rtt > 0.15", "frame.time_epoch < 1600000001.25"});
}

TEST_F(FilterOnTcp, TheAnalysisAndTheConnectionAreFields) {
    expect({"tcp.stream == 3", "tcp.seq == 1", "tcp.ack == 1", "tcp.window_size == 32768",
            "tcp.completeness == 15", "tcp.completeness & 8",
            "tcp.analysis.retransmission && tcp.analysis.flags", "tcp.len == 12"},
           {"tcp.stream == 0", "tcp.analysis.duplicate_ack_num", "tcp.analysis.bytes_in_flight"});
}

TEST_F(FilterOnTcp, FieldsCompareWithFields) {
    expect({"tcp.srcport > tcp.dstport", "tcp.srcport == tcp.port", "ip.src != ip.dst",
            "ip.ttl < tcp.dstport < tcp.srcport"},
           {"tcp.srcport == tcp.dstport", "tcp.srcport < tcp.dstport < ip.len"});
}

TEST_F(FilterOnTcp, AHostileExpressionEndsSoon) {
    // Without limits: exponential, exponential, cubic in the packet's size, and costly at each of 40000
    // places.
    std::vector<std::byte> frame = join(kMacs, kIpv4, kTcp);
    frame.resize(frame.size() + 40'000, std::byte{'a'});
    const test::MadePacket packet(frame);
    for (const std::string_view text :
         {"frame matches \"(a|aa)+[x-z]\"", "frame matches \"^.*?(a+)+[b-z]\"",
          "frame matches \"a.*?a.*?a.*?[b-z]$\"", "frame matches \"(a|b|ab){1,14}[x-z]\""}) {
        const auto filter = Filter::compile(text);
        ASSERT_TRUE(filter.has_value()) << text;
        EXPECT_FALSE(filter->matches(packet.facts)) << text;
    }
}

TEST(Filter, AsksOnlyForWhatItNeeds) {
    const auto needs = [](std::string_view text) { return Filter::compile(text).value().needs(); };
    EXPECT_FALSE(needs("frame.len > 100 && frame contains 00").dissection);
    EXPECT_FALSE(needs("tcp.analysis.flags && tcp.stream == 1").dissection);
    EXPECT_TRUE(needs("tcp.analysis.flags").analysis);
    EXPECT_FALSE(needs("tcp.analysis.flags").connection);
    EXPECT_TRUE(needs("tcp.completeness == 31").connection);
    EXPECT_TRUE(needs("tcp.completeness == 31").analysis);
    EXPECT_TRUE(needs("tcp.port == 80").dissection);
    EXPECT_TRUE(needs("frame.protocols contains \"tcp\"").dissection);
    EXPECT_FALSE(needs("").dissection);
}

TEST(Filter, AFilterOnAPacketWithoutFactsIsNoCrash) {
    const PacketFacts nothing;
    for (const auto text :
         {"tcp", "tcp.port == 80", "tcp.stream == 0", "tcp.completeness == 1", "frame[0] == 0",
          "tcp.payload contains 00", "frame.protocols contains \"a\"", "ip.addr == 1.2.3.4"})
        EXPECT_FALSE(Filter::compile(text).value().matches(nothing)) << text;
}

}  // namespace
}  // namespace synscope::filter
