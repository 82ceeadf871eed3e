// Files that another program cuts short while they are mapped: really done, with ftruncate.
#include "capture/source/mapped_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "capture/pcapng/block_writer.hpp"
#include "capture/source/file.hpp"
#include "tests/unit/capture/source/temporary_file.hpp"

namespace synscope::source {
namespace {

using testing::HasSubstr;

constexpr std::size_t kPacketBytes = 1000;
constexpr std::size_t kPackets = 400;

std::string le32(std::uint32_t value) {
    std::string out;
    for (int i = 0; i < 4; ++i)
        out += static_cast<char>((value >> (8 * i)) & 0xff);
    return out;
}
std::string pcap_file() {
    std::string out = le32(0xa1b2c3d4) + le32(0x00040002) + le32(0) + le32(0) + le32(65535) + le32(1);
    for (std::uint32_t i = 0; i < kPackets; ++i)
        out +=
            le32(i + 1) + le32(0) + le32(kPacketBytes) + le32(kPacketBytes) + std::string(kPacketBytes, 'x');
    return out;
}
std::string pcapng_file() {
    pcapng::Bytes out;
    pcapng::append_section(out, {"test", "", ""});
    pcapng::append_interface(out, {wire::LinkType::Ethernet, 0, "eth7", "", ""});
    const std::string packet(kPacketBytes, 'x');
    for (std::uint32_t i = 0; i < kPackets; ++i) {
        pcapng::PacketHeader header;
        header.at = Instant{(i + 1) * std::int64_t{1'000'000'000}};
        header.original_length = kPacketBytes;
        pcapng::append_packet(out, header, std::as_bytes(std::span(packet.data(), packet.size())));
    }
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}

class CutFile : public testing::TestWithParam<bool> {
  protected:
    std::string bytes() const { return GetParam() ? pcapng_file() : pcap_file(); }
    /// How many packets of the file lie before `size`, all of their bytes.
    static std::size_t whole_before(const std::string& path) {
        auto source = open_capture(path);
        std::size_t count = 0;
        for (auto packet = (*source)->next(); packet && *packet; packet = (*source)->next())
            ++count;
        return count;
    }
};

TEST_P(CutFile, EndsAsAMessageWithTheOffset) {
    // On a page's border, within a page, and in the page that the file's header lies in.
    for (const off_t size : {off_t{8192}, off_t{100'000}, off_t{199'999}, off_t{2500}}) {
        const TemporaryFile file(bytes());
        auto source = open_capture(file.path());
        ASSERT_TRUE(source);
        const auto first = (*source)->next();
        ASSERT_TRUE(first && *first);
        ASSERT_EQ(::truncate(file.path().c_str(), size), 0);
        std::array<RawPacket, 7> batch;
        std::size_t count = 1;
        Result<std::size_t, UserError> read = std::size_t{0};
        while ((read = (*source)->next_batch(batch)) && *read > 0) {
            for (const RawPacket& packet : std::span(batch).first(*read)) {
                EXPECT_EQ(packet.at.ns, static_cast<std::int64_t>(++count) * 1'000'000'000);
                EXPECT_EQ(packet.bytes.size(), kPacketBytes);
            }
        }
        ASSERT_FALSE(read) << size;
        EXPECT_EQ(read.error().what, "the file was cut off while it was read");
        EXPECT_THAT(read.error().where, HasSubstr("byte " + std::to_string(size)));
        const auto again = (*source)->next();
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().where, read.error().where);
        // next() had read some packets before the cut; beyond them only what is whole was given.
        EXPECT_LE(count, std::max<std::size_t>(whole_before(file.path()), 32));
        EXPECT_GE(count, whole_before(file.path()));
    }
}

TEST_P(CutFile, ReadInsteadOfMappedItEndsWhereReadingDid) {
    const TemporaryFile file(bytes());
    auto source = open_capture_as(file.path(), "a name", Access::Read);
    ASSERT_TRUE(source);
    EXPECT_FALSE((*source)->keeps_bytes());
    EXPECT_TRUE((*source)->repeatable());
    const auto first = (*source)->next();
    ASSERT_TRUE(first && *first);
    ASSERT_EQ(::truncate(file.path().c_str(), 100'000), 0);
    std::array<RawPacket, 7> batch;
    std::size_t count = 1;
    Result<std::size_t, UserError> read = std::size_t{0};
    while ((read = (*source)->next_batch(batch)) && *read > 0)
        for (const RawPacket& packet : std::span(batch).first(*read))
            EXPECT_EQ(packet.at.ns, static_cast<std::int64_t>(++count) * 1'000'000'000);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().what, "the file was cut off while it was read");
    EXPECT_THAT(read.error().where, HasSubstr("a name, byte "));
    EXPECT_GE(count, whole_before(file.path()));
    EXPECT_LT(count, kPackets);
}

TEST_P(CutFile, ReadInsteadOfMappedItGivesTheSamePackets) {
    const TemporaryFile file(bytes());
    auto mapped = open_capture(file.path());
    auto read = open_capture_as(file.path(), file.path(), Access::Read);
    ASSERT_TRUE(mapped && read);
    for (;;) {
        const auto one = (*mapped)->next();
        const auto other = (*read)->next();
        ASSERT_TRUE(one && other);
        ASSERT_EQ(one->has_value(), other->has_value());
        if (!*one) break;
        ASSERT_TRUE(std::equal((**one).bytes.begin(), (**one).bytes.end(), (**other).bytes.begin(),
                               (**other).bytes.end()));
        EXPECT_EQ((**one).offset, (**other).offset);
    }
    EXPECT_EQ((*read)->stats().received, kPackets);
}

TEST_P(CutFile, AFileThatGrowsIsReadToWhereItEndedWhenItWasOpened) {
    const TemporaryFile file(bytes());
    auto source = open_capture_as(file.path(), file.path(), Access::Read);
    ASSERT_TRUE(source);
    std::ofstream(file.path(), std::ios::app) << bytes();
    std::array<RawPacket, 50> batch;
    std::size_t count = 0;
    Result<std::size_t, UserError> read = std::size_t{0};
    while ((read = (*source)->next_batch(batch)) && *read > 0)
        count += *read;
    EXPECT_TRUE(read);
    EXPECT_EQ(count, kPackets);
}

TEST_P(CutFile, APacketHandedOutBeforeReadsAsZerosAfterwards) {
    const TemporaryFile file(bytes());
    trace::Store store;
    const auto report = load_capture(file.path(), store);
    ASSERT_TRUE(report);
    ASSERT_FALSE(report->damage);
    ASSERT_EQ(store.packet_count(), kPackets);
    ASSERT_EQ(::truncate(file.path().c_str(), 4096), 0);
    const trace::Packet last = store.packet(PacketId{kPackets - 1});
    EXPECT_EQ(last.at.ns, std::int64_t{kPackets} * 1'000'000'000);
    for (const std::byte b : last.bytes)
        ASSERT_EQ(b, std::byte{0});
    EXPECT_EQ(store.packet(PacketId{0}).bytes[0], std::byte{'x'});
}

INSTANTIATE_TEST_SUITE_P(Files, CutFile, testing::Bool(),
                         [](const auto& one) { return one.param ? "pcapng" : "pcap"; });

TEST(MappedFile, ManyMappingsAreToldApart) {
    const TemporaryFile kept(std::string(20'000, 'k'));
    const TemporaryFile cut(std::string(20'000, 'c'));
    const auto map = [](const std::string& path) {
        return MappedFile::map(::open(path.c_str(), O_RDONLY | O_CLOEXEC), 20'000);
    };
    const auto whole = map(kept.path());
    const auto short_one = map(cut.path());
    ASSERT_TRUE(whole && short_one);
    ASSERT_EQ(::truncate(cut.path().c_str(), 5000), 0);
    EXPECT_EQ((*short_one)->bytes()[19'999], std::byte{0});
    EXPECT_EQ((*short_one)->bytes()[4999], std::byte{'c'});
    EXPECT_EQ((*short_one)->intact(), 5000u);
    EXPECT_EQ((*whole)->bytes()[19'999], std::byte{'k'});
    EXPECT_EQ((*whole)->intact(), 20'000u);
    // What was gone stays gone, even when the file grows again.
    ASSERT_EQ(::truncate(cut.path().c_str(), 20'000), 0);
    EXPECT_EQ((*short_one)->intact(), 5000u);
}

/// A fault in a mapping that is not ours.
[[noreturn]] void fault_elsewhere() {
    const TemporaryFile file(std::string(8192, 'x'));
    const int fd = ::open(file.path().c_str(), O_RDWR | O_CLOEXEC);
    const auto* bytes =
        static_cast<const volatile char*>(::mmap(nullptr, 8192, PROT_READ, MAP_PRIVATE, fd, 0));
    (void)!::ftruncate(fd, 0);
    (void)bytes[4096];
    std::_Exit(0);
}

TEST(MappedFile, ABusErrorElsewhereGoesToTheHandlerBefore) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            ::signal(SIGBUS, [](int) { std::_Exit(77); });
            const TemporaryFile file("x");
            const auto mapped = MappedFile::map(::open(file.path().c_str(), O_RDONLY | O_CLOEXEC), 1);
            fault_elsewhere();
        },
        testing::ExitedWithCode(77), "");
}

TEST(MappedFile, ABusErrorElsewhereStillKills) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            ::signal(SIGBUS, SIG_DFL);
            const TemporaryFile file("x");
            const auto mapped = MappedFile::map(::open(file.path().c_str(), O_RDONLY | O_CLOEXEC), 1);
            fault_elsewhere();
        },
        testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace synscope::source
