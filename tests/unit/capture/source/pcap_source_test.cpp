#include "capture/source/pcap_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

namespace synscope::source {
namespace {

/// Writes pcap files of every kind.
class PcapBytes {
  public:
    struct Kind {
        std::uint32_t magic = 0xa1b2c3d4;
        bool big_endian = false;
        std::uint16_t minor = 4;
        std::uint32_t snap_length = 65535;
        std::uint32_t link = 1;
    };
    explicit PcapBytes(Kind kind) : kind_(kind) {
        u32(kind.magic);
        u16(2);
        u16(kind.minor);
        u32(0);
        u32(0);
        u32(kind.snap_length);
        u32(kind.link);
    }
    PcapBytes& packet(std::uint32_t seconds, std::uint32_t fraction, const std::string& payload,
                      std::uint32_t original) {
        record(seconds, fraction, static_cast<std::uint32_t>(payload.size()), original);
        for (const char c : payload)
            bytes_.push_back(static_cast<std::byte>(c));
        return *this;
    }
    PcapBytes& record(std::uint32_t seconds, std::uint32_t fraction, std::uint32_t captured,
                      std::uint32_t original) {
        u32(seconds);
        u32(fraction);
        u32(captured);
        u32(original);
        if (kind_.magic == 0xa1b2cd34) {
            u32(3);           // interface index
            u32(0x00080000);  // protocol, packet type, padding
        }
        return *this;
    }
    std::vector<std::byte> bytes() const { return bytes_; }

  private:
    void u16(std::uint16_t value) {
        for (int i = 0; i < 2; ++i)
            bytes_.push_back(static_cast<std::byte>(value >> (kind_.big_endian ? 8 - 8 * i : 8 * i)));
    }
    void u32(std::uint32_t value) {
        for (int i = 0; i < 4; ++i)
            bytes_.push_back(static_cast<std::byte>(value >> (kind_.big_endian ? 24 - 8 * i : 8 * i)));
    }
    Kind kind_;
    std::vector<std::byte> bytes_;
};

std::string text_of(ByteSpan bytes) {
    std::string text;
    for (const std::byte b : bytes)
        text += static_cast<char>(b);
    return text;
}

Result<std::unique_ptr<PcapSource>, UserError> open_bytes(const std::vector<std::byte>& bytes) {
    return PcapSource::open(feed_from(bytes), "test.pcap");
}

// The source refers to the bytes: a temporary would be gone.
Result<std::unique_ptr<PcapSource>, UserError> open_bytes(std::vector<std::byte>&&) = delete;

/// The same bytes through a pipe; a thread is not needed, they fit into it.
Result<std::unique_ptr<PcapSource>, UserError> open_pipe(const std::vector<std::byte>& bytes) {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    EXPECT_EQ(::write(pipe[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::close(pipe[1]);
    return PcapSource::open(feed_from_descriptor(pipe[0], "pipe"), "pipe");
}

using Opener = Result<std::unique_ptr<PcapSource>, UserError> (*)(const std::vector<std::byte>&);

struct KindCase {
    const char* name;
    PcapBytes::Kind kind;
    std::int64_t fraction_ns;
};
class EveryKind : public testing::TestWithParam<KindCase> {};

TEST_P(EveryKind, GivesTheSamePackets) {
    const auto file = PcapBytes(GetParam().kind).packet(7, 123456, "abcd", 60).packet(8, 0, "", 0).bytes();
    for (const Opener open : {Opener{open_bytes}, Opener{open_pipe}}) {
        auto source = open(file);
        ASSERT_TRUE(source) << source.error().what;
        EXPECT_EQ((*source)->link_type(), wire::LinkType::Ethernet);
        auto packet = (*source)->next();
        ASSERT_TRUE(packet && *packet);
        EXPECT_EQ((**packet).at.ns, 7'000'000'000 + GetParam().fraction_ns);
        EXPECT_EQ((**packet).original_length, 60u);
        EXPECT_EQ(text_of((**packet).bytes), "abcd");
        EXPECT_EQ((**packet).offset, 24u);
        packet = (*source)->next();
        ASSERT_TRUE(packet && *packet);
        EXPECT_EQ((**packet).at.ns, 8'000'000'000);
        EXPECT_TRUE((**packet).bytes.empty());
        packet = (*source)->next();
        ASSERT_TRUE(packet);
        EXPECT_FALSE(*packet);
        EXPECT_EQ((*source)->stats().received, 2u);
    }
}

INSTANTIATE_TEST_SUITE_P(PcapSource, EveryKind,
                         testing::Values(KindCase{"micro", {0xa1b2c3d4, false}, 123'456'000},
                                         KindCase{"micro_big", {0xa1b2c3d4, true}, 123'456'000},
                                         KindCase{"nano", {0xa1b23c4d, false}, 123'456},
                                         KindCase{"nano_big", {0xa1b23c4d, true}, 123'456},
                                         KindCase{"modified", {0xa1b2cd34, false}, 123'456'000},
                                         KindCase{"modified_big", {0xa1b2cd34, true}, 123'456'000}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(PcapSource, FilesOfIxiasTestersHaveFourMoreBytesInFront) {
    for (const std::uint32_t magic : {0x1c0001abu, 0x1c0001acu}) {
        const auto plain =
            PcapBytes({.magic = magic}).packet(7, 123456, "abcd", 60).packet(8, 0, "ef", 2).bytes();
        std::vector<std::byte> file(plain.begin(), plain.begin() + 24);
        file.resize(28);
        const auto only_header = file;
        file.insert(file.end(), plain.begin() + 24, plain.end());
        for (const Opener open : {Opener{open_bytes}, Opener{open_pipe}}) {
            auto source = open(file);
            ASSERT_TRUE(source) << source.error().what;
            auto packet = (*source)->next();
            ASSERT_TRUE(packet && *packet);
            EXPECT_EQ((**packet).at.ns, 7'123'456'000);
            EXPECT_EQ(text_of((**packet).bytes), "abcd");
            packet = (*source)->next();
            ASSERT_TRUE(packet && *packet);
            EXPECT_EQ(text_of((**packet).bytes), "ef");
        }
        const std::vector<std::byte> cut(only_header.begin(), only_header.end() - 1);
        EXPECT_FALSE(open_bytes(cut));
    }
}

TEST(PcapSource, SwapsTheLengthsOfOldVersions) {
    const auto file = PcapBytes({.minor = 2}).record(1, 0, 60, 2).bytes();
    auto with_data = file;
    with_data.push_back(std::byte{'h'});
    with_data.push_back(std::byte{'i'});
    auto source = open_bytes(with_data);
    ASSERT_TRUE(source);
    const auto packet = (*source)->next();
    ASSERT_TRUE(packet && *packet);
    EXPECT_EQ((**packet).original_length, 60u);
    EXPECT_EQ(text_of((**packet).bytes), "hi");
}

TEST(PcapSource, TimeAfter2038IsNotNegative) {
    const auto file = PcapBytes({}).packet(0xffffffff, 0, "x", 1).bytes();
    auto source = open_bytes(file);
    ASSERT_TRUE(source);
    EXPECT_EQ((**(*source)->next()).at.ns, 4'294'967'295'000'000'000);
}

TEST(PcapSource, LinkTypeIgnoresTheFrameCheckSequenceBits) {
    const auto file = PcapBytes({.link = 0x40000000 | 276}).bytes();
    auto source = open_bytes(file);
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->link_type(), wire::LinkType::LinuxSll2);
}

/// Every cut of a two-packet file: whole packets before the cut are read, and the cut is named by its offset.
TEST(PcapSource, ACutFileGivesWhatIsWholeAndSaysWhereItEnds) {
    const auto file = PcapBytes({}).packet(1, 0, "first", 5).packet(2, 0, "second", 6).bytes();
    const std::size_t second = 24 + 16 + 5;
    for (std::size_t size = 24; size < file.size(); ++size) {
        SCOPED_TRACE(size);
        const std::vector<std::byte> cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
        for (const Opener open : {Opener{open_bytes}, Opener{open_pipe}}) {
            auto source = open(cut);
            ASSERT_TRUE(source);
            std::size_t packets = 0;
            auto packet = (*source)->next();
            for (; packet && *packet; packet = (*source)->next())
                ++packets;
            EXPECT_EQ(packets, size >= second ? 1u : 0u);
            const bool at_boundary = size == 24 || size == second;
            ASSERT_EQ(packet.has_value(), at_boundary);
            if (at_boundary) continue;
            EXPECT_THAT(packet.error().where, testing::HasSubstr(size > second ? "byte 45" : "byte 24"));
            EXPECT_EQ((*source)->next().error().what, packet.error().what) << "the error stays";
        }
    }
}

TEST(PcapSource, RefusesWhatIsNoPcapFile) {
    for (std::size_t size = 0; size < 24; ++size) {
        auto bytes = PcapBytes({}).bytes();
        bytes.resize(size);
        EXPECT_FALSE(open_bytes(bytes)) << size;
    }
    const auto other_magic = PcapBytes({.magic = 0x12345678}).bytes();
    EXPECT_FALSE(open_bytes(other_magic));
    auto other_version = PcapBytes({}).bytes();
    other_version[4] = std::byte{3};
    const auto refused = open_bytes(other_version);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what, testing::HasSubstr("version"));
}

TEST(PcapSource, AnImpossibleLengthIsDamageNotAnAllocation) {
    auto source = open_pipe(PcapBytes({}).packet(1, 0, "ok", 2).record(2, 0, 0xfffffff0, 60).bytes());
    ASSERT_TRUE(source);
    ASSERT_TRUE((*source)->next());
    const auto damaged = (*source)->next();
    ASSERT_FALSE(damaged);
    EXPECT_THAT(damaged.error().what, testing::HasSubstr("impossible length"));
    EXPECT_THAT(damaged.error().where, testing::HasSubstr("byte 42"));
}

TEST(PcapSource, PacketsLargerThanThePipeBufferAreJoined) {
    const std::string large(60'000, 'z');
    const auto file = PcapBytes({}).packet(1, 0, large, 60'000).bytes();
    auto source = open_pipe(file);
    ASSERT_TRUE(source);
    const auto packet = (*source)->next();
    ASSERT_TRUE(packet && *packet);
    EXPECT_EQ(text_of((**packet).bytes), large);
}

TEST(ErrorLine, EscapesNamesThatWouldActOnATerminal) {
    const std::string line = error_line("p", {"what", "evil\x1b[2Jname", "do"});
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    EXPECT_THAT(line, testing::StartsWith("p: what: evil\\x1b"));
    EXPECT_THAT(line, testing::EndsWith("; do"));
}

}  // namespace
}  // namespace synscope::source
