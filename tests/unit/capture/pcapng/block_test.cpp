#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "capture/pcapng/block_reader.hpp"
#include "capture/pcapng/block_types.hpp"
#include "capture/pcapng/block_writer.hpp"

namespace synscope::pcapng {
namespace {

Bytes bytes_of(std::string_view text) {
    const auto raw = std::as_bytes(std::span{text.data(), text.size()});
    return {raw.begin(), raw.end()};
}

/// What a reader said, as text that is easy to compare.
std::string told(const Item& item) {
    std::string out = std::to_string(item.offset) + ' ';
    if (std::holds_alternative<SectionItem>(item.content)) out += "section";
    if (const auto* i = std::get_if<InterfaceItem>(&item.content))
        out += "interface " + std::string{i->name} + '|' + std::string{i->description} + '|' +
               std::string{i->filter};
    if (const auto* p = std::get_if<PacketItem>(&item.content)) {
        out += "packet if" + std::to_string(p->interface.value) + " at " + std::to_string(p->at.ns) + " of " +
               std::to_string(p->original_length) + " id " +
               (p->packet_id ? std::to_string(*p->packet_id) : "none");
        for (const std::byte b : p->bytes)
            out += ' ' + std::to_string(std::to_integer<int>(b));
        for (const auto comment : p->comments)
            out += " \"" + std::string{comment} + '"';
    }
    if (const auto* s = std::get_if<StatisticsItem>(&item.content))
        out += "statistics " + std::to_string(s->received.value_or(0)) + ' ' +
               std::to_string(s->dropped_by_system.value_or(0));
    if (const auto* o = std::get_if<OtherItem>(&item.content))
        out += "other " + std::to_string(o->type) + " of " + std::to_string(o->body.size());
    return out;
}

std::vector<std::string> drain(BlockReader& reader) {
    std::vector<std::string> all;
    while (true) {
        const auto item = reader.next();
        if (!item) {
            all.push_back(block_error_text(item.error()));
            return all;
        }
        if (!*item) return all;
        all.push_back(told(**item));
    }
}
std::vector<std::string> read_mapped(ByteSpan file) {
    BlockReader reader{file};
    return drain(reader);
}

Bytes sample() {
    Bytes out;
    append_section(out, {"Synscope", "box", "Linux"});
    append_interface(out, {wire::LinkType::Ethernet, 65535, "lo", "loopback", "tcp port 7"});
    append_packet(out, {0, Instant{1'700'000'000'123'456'789}, 60, PacketId{41}, 1u, {"first", "second"}},
                  bytes_of("abcde"));
    append_block(out, 0x80005353, bytes_of("x"));
    append_statistics(out, {0, Instant{5}, 10, std::nullopt, 3});
    append_packet(out, {0, Instant{7}, 0, std::nullopt, std::nullopt, {}}, {});
    return out;
}

TEST(PcapngBlocks, WhatIsWrittenIsReadBack) {
    const auto all = read_mapped(sample());
    ASSERT_EQ(all.size(), 6u);
    EXPECT_EQ(all[0], "0 section");
    EXPECT_NE(all[1].find("interface lo|loopback|tcp port 7"), std::string::npos) << all[1];
    EXPECT_NE(
        all[2].find("packet if0 at 1700000000123456789 of 60 id 41 97 98 99 100 101 \"first\" \"second\""),
        std::string::npos)
        << all[2];
    EXPECT_NE(all[3].find("other 2147504979 of 4"), std::string::npos) << all[3];
    EXPECT_NE(all[4].find("statistics 10 3"), std::string::npos) << all[4];
    EXPECT_NE(all[5].find("packet if0 at 7 of 0 id none"), std::string::npos) << all[5];
}

TEST(PcapngBlocks, CommentsOnAnInterfaceAreReadBack) {
    Bytes out;
    append_section(out, {});
    append_interface(out, {wire::LinkType::Ethernet, 0, "eth0", "", "", {"first", "second"}});
    BlockReader reader{out};
    (void)reader.next();
    const auto item = reader.next();
    ASSERT_TRUE(item && *item);
    EXPECT_EQ(std::get<InterfaceItem>((*item)->content).comments,
              (std::vector<std::string_view>{"first", "second"}));
}

TEST(PcapngBlocks, MoreInterfacesThanCanBeToldApartAreNamedAsThat) {
    Bytes one;
    append_interface(one, {});
    Bytes out;
    append_section(out, {});
    for (int i = 0; i < 65'536; ++i)
        out.insert(out.end(), one.begin(), one.end());
    const auto all = read_mapped(out);
    EXPECT_EQ(all.size(), 65'537u);
    EXPECT_NE(all.back().find("65535 that can be told apart"), std::string::npos) << all.back();
}

TEST(PcapngBlocks, EveryCutReadsTheSame) {
    const Bytes file = sample();
    const auto whole = read_mapped(file);
    for (std::size_t cut = 1; cut <= file.size(); ++cut) {
        BlockReader reader;
        std::vector<std::string> all;
        for (std::size_t at = 0; at < file.size(); at += cut) {
            reader.feed(ByteSpan{file}.subspan(at, std::min(cut, file.size() - at)));
            for (auto& one : drain(reader))
                all.push_back(std::move(one));
        }
        reader.finish();
        EXPECT_EQ(all, whole) << "cut every " << cut;
        EXPECT_TRUE(drain(reader).empty());
    }
}

TEST(PcapngBlocks, AStreamThatEndsInsideABlockSaysWhere) {
    Bytes file = sample();
    const std::size_t before = file.size();
    append_block(file, 0x80005353, bytes_of("abcdefgh"));
    for (std::size_t size = before + 1; size < file.size(); ++size) {
        const auto all = read_mapped(ByteSpan{file}.first(size));
        ASSERT_EQ(all.size(), 7u);
        EXPECT_EQ(all.back(), "the block at byte " + std::to_string(before) + " is cut short");
    }
}

TEST(PcapngBlocks, LengthsThatCannotBeNameTheirPlace) {
    for (const std::uint32_t length :
         {0u, 4u, 8u, 13u, 14u, 15u, kMaxBlockBytes + 4, 0xfffffffcu, 0xffffffffu}) {
        Bytes file = sample();
        const std::size_t at = file.size();
        append_block(file, 9, bytes_of("body"));
        store_le32(MutableByteSpan{file}.subspan(at), 4, length);
        const auto all = read_mapped(file);
        EXPECT_EQ(all.back(), "the block at byte " + std::to_string(at) + " has a length that cannot be")
            << length;
    }
}

TEST(PcapngBlocks, TheRepeatedLengthMustAgree) {
    Bytes file = sample();
    const std::size_t at = file.size();
    append_block(file, 9, bytes_of("body"));
    store_le32(file, file.size() - 4, 20);
    EXPECT_EQ(read_mapped(file).back(),
              "the block at byte " + std::to_string(at) + " has a length that cannot be");
}

TEST(PcapngBlocks, APacketNeedsItsInterface) {
    Bytes file;
    append_section(file, {});
    append_packet(file, {0, Instant{}, 1, std::nullopt, std::nullopt, {}}, bytes_of("a"));
    EXPECT_NE(read_mapped(file).back().find("of an interface that was not described"), std::string::npos);
}

TEST(PcapngBlocks, SectionsNumberTheirInterfacesOnwards) {
    Bytes file = sample();
    const Bytes again = sample();
    file.insert(file.end(), again.begin(), again.end());
    const auto all = read_mapped(file);
    ASSERT_EQ(all.size(), 12u);
    EXPECT_NE(all[8].find("packet if1 "), std::string::npos) << all[8];
}

/// The bytes of a section of the other byte order, by hand.
class BigEndian {
  public:
    void u16(unsigned v) { out.push_back(std::byte(v >> 8)), out.push_back(std::byte(v & 0xff)); }
    void u32(std::uint32_t v) { u16(v >> 16), u16(v & 0xffff); }
    Bytes out;
};

Bytes big_endian_file(unsigned resolution, std::uint64_t ticks, std::int64_t offset_s) {
    BigEndian b;
    b.u32(kSectionHeader), b.u32(28), b.u32(kByteOrderMagic), b.u16(1), b.u16(0), b.u32(~0u), b.u32(~0u),
        b.u32(28);
    b.u32(kInterfaceDescription), b.u32(44), b.u16(1), b.u16(0), b.u32(0);
    b.u16(option::kTimeResolution), b.u16(1), b.u16(resolution << 8), b.u16(0);
    b.u16(option::kTimeOffset), b.u16(8),
        b.u32(static_cast<std::uint32_t>(static_cast<std::uint64_t>(offset_s) >> 32));
    b.u32(static_cast<std::uint32_t>(static_cast<std::uint64_t>(offset_s))), b.u32(0), b.u32(44);
    b.u32(kEnhancedPacket), b.u32(36), b.u32(0), b.u32(static_cast<std::uint32_t>(ticks >> 32));
    b.u32(static_cast<std::uint32_t>(ticks)), b.u32(2), b.u32(9), b.u16(0x0102), b.u16(0), b.u32(36);
    b.u32(kSimplePacket), b.u32(20), b.u32(3), b.u32(0x04050600), b.u32(20);
    b.u32(kObsoletePacket), b.u32(36), b.u16(0), b.u16(7), b.u32(0), b.u32(0), b.u32(1), b.u32(1),
        b.u32(0x08000000), b.u32(36);
    return b.out;
}

std::string packet_of(const Bytes& file, std::size_t index) {
    const auto all = read_mapped(file);
    return index < all.size() ? all[index] : all.back();
}

TEST(PcapngBlocks, BigEndianPacketsOfAllThreeKinds) {
    const Bytes file = big_endian_file(6, 2'500'000, 0);
    EXPECT_NE(packet_of(file, 2).find("at 2500000000 of 9 id none 1 2"), std::string::npos)
        << packet_of(file, 2);
    EXPECT_NE(packet_of(file, 3).find("of 3 id none 4 5 6"), std::string::npos) << packet_of(file, 3);
    EXPECT_NE(packet_of(file, 4).find("of 1 id none 8"), std::string::npos) << packet_of(file, 4);
    EXPECT_EQ(read_mapped(file).size(), 5u);
}

/// What source::RawPacket has.
struct PlainPacket {
    Instant at;
    std::uint32_t original_length = 0;
    std::uint16_t interface = 0;
    wire::LinkType link_type = wire::LinkType::Ethernet;
    std::uint64_t offset = 0;
    ByteSpan bytes;
    ByteSpan block;
    bool big_endian = false;
};

TEST(PcapngBlocks, TheFastWaySaysTheSameAsTheSlowOne) {
    for (const unsigned resolution : {0u, 3u, 6u, 9u, 12u, 25u, 127u, 0x80u, 0x80u | 20, 0x80u | 127}) {
        for (const std::uint64_t ticks :
             {std::uint64_t{0}, std::uint64_t{2'500'000}, std::uint64_t{1} << 62, ~std::uint64_t{0}}) {
            for (const std::int64_t offset : {std::int64_t{0}, std::int64_t{-7}, std::int64_t{1} << 62}) {
                const Bytes file = big_endian_file(resolution, ticks, offset);
                BlockReader slow{file};
                BlockParser fast;
                ASSERT_TRUE(fast.next(file).value());
                ASSERT_TRUE(fast.next(ByteSpan{file}.subspan(28)).value());
                constexpr std::size_t kBefore = 28 + 44;
                (void)slow.next();
                (void)slow.next();
                const auto item = slow.next();
                ASSERT_TRUE(item && *item);
                const auto& expected = std::get<PacketItem>((*item)->content);
                PlainPacket found;
                const auto run = fast.packets(ByteSpan{file}.subspan(kBefore), kBefore, std::span(&found, 1));
                ASSERT_EQ(run.packets, 1u);
                EXPECT_EQ(run.consumed, 36u);
                EXPECT_EQ(found.at, expected.at) << resolution << ' ' << ticks << ' ' << offset;
                EXPECT_EQ(found.original_length, expected.original_length);
                EXPECT_EQ(found.bytes.data(), expected.bytes.data());
                EXPECT_EQ(found.bytes.size(), expected.bytes.size());
                EXPECT_EQ(found.offset, kBefore);
                EXPECT_TRUE(found.big_endian);
            }
        }
    }
}

TEST(PcapngBlocks, EveryTimeResolutionAndOffset) {
    const auto at = [](unsigned resolution, std::uint64_t ticks, std::int64_t offset) {
        return packet_of(big_endian_file(resolution, ticks, offset), 2);
    };
    EXPECT_NE(at(0, 3, 0).find("at 3000000000 "), std::string::npos);
    EXPECT_NE(at(3, 1500, 10).find("at 11500000000 "), std::string::npos);
    EXPECT_NE(at(9, 123, -1).find("at -999999877 "), std::string::npos);
    EXPECT_NE(at(12, 1'500'000'000'000, 0).find("at 1500000000 "), std::string::npos);
    EXPECT_NE(at(0x80 | 10, 1024 + 512, 0).find("at 1500000000 "), std::string::npos);
    EXPECT_NE(at(0x80 | 40, std::uint64_t{3} << 39, 0).find("at 1500000000 "), std::string::npos);
    EXPECT_NE(at(6, 0 - std::uint64_t{1'500'000}, 0).find("at -1500000000 "), std::string::npos)
        << "beyond the year 2116 as it stands: before 1970";
    EXPECT_NE(at(0x80 | 63, std::uint64_t{3} << 62, 0).find("at 1500000000 "), std::string::npos)
        << "in range as it stands";
}

}  // namespace
}  // namespace synscope::pcapng
