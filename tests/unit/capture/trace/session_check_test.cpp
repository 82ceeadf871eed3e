#include "capture/trace/session_check.hpp"

#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "capture/pcapng/block_reader.hpp"
#include "capture/pcapng/block_types.hpp"
#include "capture/pcapng/block_writer.hpp"
#include "capture/pcapng/event_codec.hpp"
#include "capture/trace/interface_texts.hpp"

namespace synscope::trace {
namespace {

using Blocks = std::vector<std::vector<std::byte>>;

/// Two packets with what the program did about them; one event speaks of a packet long gone by.
std::vector<std::byte> session() {
    Store store;
    const ActorId capture = store.add_actor();
    const ActorId server = store.add_actor();
    const InterfaceId lo = store.add_interface({wire::LinkType::Raw, 65535, "lo", "", ""});
    store.append(Instant{1}, capture, {}, ActorDeclared{ActorRole::Capture, store.intern("capture"), 7});
    std::array<PacketId, 2> packets;
    for (PacketId& packet : packets) {
        packet = *store.add_packet(lo, Instant{5}, 3, std::vector<std::byte>(3));
        store.append(Instant{5}, capture, {}, PacketCaptured{packet});
        store.append(Instant{6}, server, {}, SyscallEntered{});
    }
    store.append(Instant{7}, capture, {}, PacketDropped{packets[0], DropReason::QueueFull});
    SessionEncoder encoder("test");
    encoder.interface(store.interface(lo));
    for (std::uint32_t i = 0; i < store.size(); ++i)
        encoder.event(store, store.event(EventId{i}));
    return encoder.take();
}

Blocks blocks_of(ByteSpan bytes) {
    Blocks blocks;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = load_le32(bytes, at + 4);
        const ByteSpan block = bytes.subspan(at, size);
        blocks.emplace_back(block.begin(), block.end());
        at += size;
    }
    return blocks;
}

std::vector<std::byte> joined(const Blocks& blocks) {
    std::vector<std::byte> bytes;
    for (const auto& block : blocks)
        bytes.insert(bytes.end(), block.begin(), block.end());
    return bytes;
}

SessionSummary checked(ByteSpan bytes) {
    SessionCheck check;
    pcapng::BlockReader reader{bytes};
    for (;;) {
        const auto item = reader.next();
        if (!item || !*item) {
            check.end(item.has_value());
            return check.summary();
        }
        if (std::holds_alternative<pcapng::PacketItem>((*item)->content))
            check.packet((*item)->block, false);
        else
            check.block(**item);
    }
}

/// What the check says, which is what the decoder says.
SessionSummary both(ByteSpan bytes) {
    Store store;
    SessionDecoder decoder(store);
    (void)decoder.read_mapped(bytes);
    const SessionSummary& a = decoder.summary();
    const SessionSummary b = checked(bytes);
    EXPECT_EQ(a.packets, b.packets);
    EXPECT_EQ(a.events, b.events);
    EXPECT_EQ(a.unknown_blocks, b.unknown_blocks);
    EXPECT_EQ(a.has_packet_ids, b.has_packet_ids);
    EXPECT_EQ(a.has_our_events, b.has_our_events);
    EXPECT_EQ(a.newer_events, b.newer_events);
    EXPECT_EQ(a.damaged_events, b.damaged_events);
    EXPECT_EQ(a.missing_packets, b.missing_packets);
    return b;
}

TEST(SessionCheck, AWholeSessionHasItsEventsAndNothingToComplainOf) {
    const SessionSummary summary = both(session());
    EXPECT_EQ(summary.packets, 2u);
    EXPECT_EQ(summary.events, 3u);
    EXPECT_TRUE(summary.has_our_events && summary.has_packet_ids);
    EXPECT_EQ(summary.missing_packets + summary.damaged_events + summary.newer_events, 0u);
}

TEST(SessionCheck, CommentsOnSectionsAndPacketsAreKeptUpToALimit) {
    SessionCheck check;
    pcapng::SectionItem section;
    const std::string words = "taken behind the firewall";
    section.options.push_back({pcapng::option::kComment, std::as_bytes(std::span{words})});
    section.options.push_back({pcapng::option::kSectionOs, std::as_bytes(std::span{words})});
    check.block({0, {}, section});
    std::vector<std::byte> packet;
    const std::string lengthy(60'000, 'x');
    pcapng::append_packet(packet, {0, Instant{}, 0, {}, {}, {"here", lengthy}}, {});
    for (int i = 0; i < 100; ++i)
        check.packet(packet, false);
    EXPECT_EQ(check.section_comments().count, 1u);
    EXPECT_EQ(check.section_comments().first.at(0).text, words);
    const Remarks& remarks = check.packet_comments();
    EXPECT_EQ(remarks.count, 200u);
    ASSERT_EQ(remarks.first.size(), Remarks::kMost);
    EXPECT_EQ(remarks.first[2].packet, 2u);
    EXPECT_EQ(remarks.first[2].text, "here");
    EXPECT_EQ(remarks.first[3].bytes, lengthy.size());
    EXPECT_EQ(remarks.first[3].text.size(), Remarks::kMostBytes);
}

TEST(InterfaceTexts, AllOfThemTogetherAreLimited) {
    const std::string lengthy(60'000, 'x');
    pcapng::InterfaceItem item;
    item.name = "eth0";
    item.description = lengthy;
    item.comments = {lengthy, "short"};
    InterfaceTexts texts;
    const Interface first = texts.interface_of(item);
    EXPECT_EQ(first.comments, (std::vector<std::string>{lengthy, "short"}));
    std::size_t kept = 0;
    for (int i = 0; i < 1'000; ++i)
        kept += texts.interface_of(item).description.size();
    EXPECT_LT(kept, InterfaceTexts::kMostBytes);
    EXPECT_EQ(texts.interface_of(item).description, "");
}

TEST(SessionCheck, WhicheverBlocksAreTakenAwayTheDecoderSaysTheSame) {
    const Blocks blocks = blocks_of(session());
    std::uint64_t missing = 0;
    for (std::size_t i = 2; i < blocks.size(); ++i) {
        for (std::size_t j = i; j < blocks.size(); ++j) {
            Blocks left = blocks;
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(j));
            if (j > i) left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
            missing += both(joined(left)).missing_packets;
        }
    }
    EXPECT_GT(missing, 0u);
}

TEST(SessionCheck, EventsThatCannotBeReadAreCountedAsTheDecoderCountsThem) {
    const Blocks blocks = blocks_of(session());
    std::uint64_t newer = 0;
    std::uint64_t damaged = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (load_le32(blocks[i], 0) != pcapng::kEventBlockType) continue;
        for (std::size_t at = 8; at + 4 < blocks[i].size(); ++at) {
            Blocks changed = blocks;
            changed[i][at] ^= std::byte{0xff};
            const SessionSummary summary = both(joined(changed));
            newer += summary.newer_events;
            damaged += summary.damaged_events;
        }
    }
    EXPECT_GT(newer, 0u);
    EXPECT_GT(damaged, 0u);
}

TEST(SessionCheck, ASessionThatIsCutOffAnywhereMissesNoPacketForThat) {
    const std::vector<std::byte> whole = session();
    for (std::size_t size = 0; size < whole.size(); ++size)
        (void)both(ByteSpan(whole).first(size));
}

TEST(SessionCheck, PacketsWithoutEventsOfOursAreToldByTheirIdentifiers) {
    Blocks packets;
    for (auto& block : blocks_of(session()))
        if (load_le32(block, 0) != pcapng::kEventBlockType) packets.push_back(block);
    const SessionSummary summary = both(joined(packets));
    EXPECT_TRUE(summary.has_packet_ids);
    EXPECT_FALSE(summary.has_our_events);
}

TEST(SessionCheck, SessionsBehindEachOtherNumberTheirPacketsForThemselves) {
    std::vector<std::byte> twice = session();
    Blocks second = blocks_of(session());
    std::erase_if(second, [](const auto& block) { return load_le32(block, 0) == pcapng::kEnhancedPacket; });
    const std::vector<std::byte> without = joined(second);
    twice.insert(twice.end(), without.begin(), without.end());
    EXPECT_EQ(both(twice).missing_packets, 3u);
}

}  // namespace
}  // namespace synscope::trace
