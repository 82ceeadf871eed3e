#include "net/wire/ip_fragments.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace synscope::wire {
namespace {

ByteSpan as_span(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
std::string as_text(ByteSpan bytes) {
    std::string out;
    for (const std::byte b : bytes)
        out += std::to_integer<char>(b);
    return out;
}

IpPacket fragment(std::uint32_t offset, std::string_view bytes, bool more, std::uint32_t id = 7,
                  bool six = false) {
    IpPacket packet;
    packet.source = *IpAddress::parse(six ? "fd00::1" : "10.0.0.1");
    packet.destination = *IpAddress::parse(six ? "fd00::2" : "10.0.0.2");
    packet.protocol = 6;
    packet.fragment = true;
    packet.first_fragment = offset == 0;
    packet.more_fragments = more;
    packet.fragment_offset = offset;
    packet.identification = id;
    packet.payload = as_span(bytes);
    packet.payload_length = static_cast<std::uint32_t>(bytes.size());
    return packet;
}
constexpr Instant at(std::int64_t seconds) {
    return Instant{} + Duration::seconds(seconds);
}

const std::string kA(8, 'a');
const std::string kB(8, 'b');
const std::string kC(8, 'c');

TEST(FragmentTable, ADatagramCanBeGivenUp) {
    FragmentTable table;
    EXPECT_EQ(table.waiting_since(fragment(0, kA, true)), std::nullopt);
    EXPECT_FALSE(table.add(fragment(8, kB, true), at(3)));
    EXPECT_FALSE(table.add(fragment(0, kA, true), at(4)));
    EXPECT_EQ(table.waiting_since(fragment(0, kA, true)), at(3));
    table.give_up(fragment(0, kA, true, 8));
    EXPECT_EQ(table.size(), 1u) << "another one";
    table.give_up(fragment(16, "end", false));
    EXPECT_EQ(table.size(), 0u);
    EXPECT_EQ(table.bytes(), 0u);
    EXPECT_EQ(table.counts().expired, 1u);
    EXPECT_FALSE(table.add(fragment(16, "end", false), at(5))) << "it begins anew";
}

TEST(FragmentTable, AnyOrderGivesTheWholeDatagram) {
    for (const bool six : {false, true}) {
        std::vector<IpPacket> parts{fragment(0, kA, true, 7, six), fragment(8, kB, true, 7, six),
                                    fragment(16, "end", false, 7, six)};
        std::vector<std::size_t> order{0, 1, 2};
        do {
            FragmentTable table;
            EXPECT_FALSE(table.add(parts[order[0]], at(0)));
            EXPECT_FALSE(table.add(parts[order[1]], at(0)));
            const auto whole = table.add(parts[order[2]], at(0));
            ASSERT_TRUE(whole);
            EXPECT_EQ(as_text(whole->payload), kA + kB + "end");
            EXPECT_EQ(whole->source, parts[0].source);
            EXPECT_EQ(whole->protocol, 6);
            EXPECT_EQ(whole->fragments, 3u);
            EXPECT_FALSE(whole->conflict);
            EXPECT_EQ(table.size(), 0u);
            EXPECT_EQ(table.bytes(), 0u) << "everything is given back";
        } while (std::next_permutation(order.begin(), order.end()));
    }
}

TEST(FragmentTable, DatagramsAreToldApartByAddressesIdentificationAndProtocol) {
    FragmentTable table;
    EXPECT_FALSE(table.add(fragment(0, kA, true, 1), at(0)));
    EXPECT_FALSE(table.add(fragment(8, "x", false, 2), at(0)));
    auto other = fragment(8, "x", false, 1);
    other.protocol = 17;
    EXPECT_FALSE(table.add(other, at(0)));
    other = fragment(8, "x", false, 1);
    std::swap(other.source, other.destination);
    EXPECT_FALSE(table.add(other, at(0)));
    EXPECT_EQ(table.size(), 4u);
    EXPECT_TRUE(table.add(fragment(8, "x", false, 1), at(0)));
}

TEST(FragmentTable, TheFirstFragmentSaysWhatAnIpv6DatagramCarries) {
    FragmentTable table;
    auto last = fragment(8, "x", false, 1, true);
    last.protocol = 17;
    EXPECT_FALSE(table.add(last, at(0)));
    const auto whole = table.add(fragment(0, kA, true, 1, true), at(0));
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->protocol, 6);
}

TEST(FragmentTable, ExactDuplicatesDoNoHarm) {
    for (const bool six : {false, true}) {
        FragmentTable table;
        EXPECT_FALSE(table.add(fragment(0, kA, true, 7, six), at(0)));
        EXPECT_FALSE(table.add(fragment(0, kA, true, 7, six), at(0)));
        EXPECT_TRUE(table.add(fragment(8, "x", false, 7, six), at(0)));
        EXPECT_EQ(table.counts().duplicates, 1u);
        EXPECT_FALSE(table.add(fragment(0, kA, true, 7, six), at(0))) << "that starts a new datagram";
    }
}

TEST(FragmentTable, WhereIpv4FragmentsOverlapTheFirstBytesStayAndTheConflictIsSaid) {
    FragmentTable table;
    EXPECT_FALSE(table.add(fragment(0, kA, true), at(0)));
    EXPECT_FALSE(table.add(fragment(16, kC, true), at(0)));
    // Covers the hole and both neighbours, and disagrees with them.
    EXPECT_FALSE(table.add(fragment(0, kB + kB + kB + kB, true), at(0)));
    const auto whole = table.add(fragment(32, "x", false), at(0));
    ASSERT_TRUE(whole);
    EXPECT_EQ(as_text(whole->payload), kA + kB + kC + kB + "x");
    EXPECT_TRUE(whole->conflict);
    EXPECT_EQ(table.counts().conflicts, 1u);
    // An overlap that agrees is none.
    EXPECT_FALSE(table.add(fragment(0, kA + kA, true), at(0)));
    EXPECT_FALSE(table.add(fragment(8, kA + kA, true), at(0)));
    const auto agreed = table.add(fragment(24, "x", false), at(0));
    ASSERT_TRUE(agreed);
    EXPECT_FALSE(agreed->conflict);
}

TEST(FragmentTable, AnOverlapDropsAnIpv6DatagramAndWhatFollowsOfIt) {
    FragmentTable table;
    EXPECT_FALSE(table.add(fragment(0, kA + kA, true, 7, true), at(0)));
    EXPECT_FALSE(table.add(fragment(8, kA + kA, true, 7, true), at(0)));
    EXPECT_FALSE(table.add(fragment(0, kA + kA + kA, true, 7, true), at(0)));
    EXPECT_FALSE(table.add(fragment(24, "x", false, 7, true), at(0)));
    EXPECT_EQ(table.counts().overlaps, 1u);
    EXPECT_EQ(table.counts().completed, 0u);
    // Other bytes in the same place are an overlap too, no duplicate.
    EXPECT_FALSE(table.add(fragment(0, kA, true, 8, true), at(0)));
    EXPECT_FALSE(table.add(fragment(0, kB, true, 8, true), at(0)));
    EXPECT_FALSE(table.add(fragment(8, "x", false, 8, true), at(0)));
    EXPECT_EQ(table.counts().completed, 0u);
}

TEST(FragmentTable, WhatMakesNoSenseIsRefused) {
    FragmentTable table;
    EXPECT_FALSE(table.add(fragment(0, "", true), at(0)));
    EXPECT_FALSE(table.add(fragment(0, "seven..", true), at(0)));
    EXPECT_FALSE(table.add(fragment(65528, kA, false), at(0)));
    auto cut = fragment(0, kA, true);
    cut.payload = cut.payload.first(4);
    EXPECT_FALSE(table.add(cut, at(0)));
    EXPECT_EQ(table.counts().refused, 4u);
    EXPECT_EQ(table.size(), 0u);
    // Teardrop and its kin: a last fragment inside what came, a second end, bytes behind the end.
    EXPECT_FALSE(table.add(fragment(8, kA + kA, true), at(0)));
    EXPECT_FALSE(table.add(fragment(8, "x", false), at(0)));
    EXPECT_FALSE(table.add(fragment(24, "x", false), at(0)));
    EXPECT_FALSE(table.add(fragment(24, "xy", false), at(0)));
    EXPECT_FALSE(table.add(fragment(32, kA, true), at(0)));
    EXPECT_EQ(table.counts().refused, 7u);
    const auto whole = table.add(fragment(0, kB, true), at(0));
    ASSERT_TRUE(whole);
    EXPECT_EQ(as_text(whole->payload), kB + kA + kA + "x");
}

TEST(FragmentTable, OldDatagramsAreForgottenByThePacketsOwnClock) {
    FragmentTable table;
    EXPECT_FALSE(table.add(fragment(0, kA, true), at(0)));
    EXPECT_FALSE(table.add(fragment(0, kA, true, 8), at(10)));
    EXPECT_FALSE(table.add(fragment(8, "x", false), at(31)));
    EXPECT_EQ(table.counts().expired, 1u);
    EXPECT_TRUE(table.add(fragment(8, "x", false, 8), at(40)));
    // Time that steps back expires nothing, and a datagram from the future is still bounded by its age.
    EXPECT_FALSE(table.add(fragment(0, kA, true, 9), at(1000)));
    EXPECT_FALSE(table.add(fragment(0, kA, true, 10), at(5)));
    EXPECT_TRUE(table.add(fragment(8, "x", false, 10), at(6)));
    EXPECT_TRUE(table.add(fragment(8, "x", false, 9), at(1001)));
}

TEST(FragmentTable, NumberAndBytesAreBounded) {
    FragmentTable table{{.datagrams = 4, .bytes = 100'000}};
    for (std::uint32_t id = 0; id < 100; ++id) {
        EXPECT_FALSE(table.add(fragment(0, kA, true, id), at(0)));
        EXPECT_LE(table.size(), 4u);
    }
    EXPECT_EQ(table.counts().evicted, 96u);
    EXPECT_TRUE(table.add(fragment(8, "x", false, 99), at(0))) << "the newest ones stay";
    const std::string large(8000, 'z');
    for (std::uint32_t id = 0; id < 100; ++id)
        for (std::uint32_t offset = 0; offset < 32000; offset += 8000) {
            EXPECT_FALSE(table.add(fragment(offset, large, true, id), at(0)));
            EXPECT_LE(table.bytes(), 100'000u);
        }
    // Tiny ones in reverse cost bookkeeping, which counts.
    FragmentTable small{{.bytes = 20'000}};
    for (std::uint32_t i = 8000; i > 0; --i) {
        EXPECT_FALSE(small.add(fragment(i * 8, kA, true), at(0)));
        EXPECT_LE(small.bytes(), 20'000u);
    }
    EXPECT_GT(small.counts().evicted, 0u);
}

TEST(FragmentTable, RandomCutsComeTogetherAgain) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 200; ++round) {
        std::string whole(1 + random() % 2000, ' ');
        for (char& c : whole)
            c = static_cast<char>(random() % 256);
        std::vector<std::pair<std::size_t, std::size_t>> cuts;
        for (std::size_t begin = 0; begin < whole.size();) {
            const std::size_t size = std::min(whole.size() - begin, std::size_t{8} * (1 + random() % 20));
            cuts.emplace_back(begin, size);
            if (random() % 4 == 0) cuts.emplace_back(begin, size);
            begin += size;
        }
        std::shuffle(cuts.begin(), cuts.end(), random);
        FragmentTable table;
        int completed = 0;
        for (const auto& [begin, size] : cuts) {
            const auto part = std::string_view{whole}.substr(begin, size);
            const auto done = table.add(
                fragment(static_cast<std::uint32_t>(begin), part, begin + size != whole.size()), at(0));
            if (!done) continue;
            ++completed;
            EXPECT_EQ(as_text(done->payload), whole);
        }
        EXPECT_GE(completed, 1) << "duplicates may make it whole once more";
    }
}

}  // namespace
}  // namespace synscope::wire
