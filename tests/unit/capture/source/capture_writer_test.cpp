// Round trips: what is written is read back and compared packet by packet.
#include "capture/source/capture_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "capture/pcapng/block_parser.hpp"
#include "capture/pcapng/block_reader.hpp"
#include "capture/pcapng/block_types.hpp"
#include "capture/pcapng/block_writer.hpp"
#include "capture/source/cut.hpp"
#include "capture/source/file.hpp"
#include "capture/source/merged_source.hpp"
#include "tests/unit/capture/source/temporary_file.hpp"

namespace synscope::source {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A packet with everything that must survive.
struct Seen {
    std::int64_t at = 0;
    std::uint32_t original_length = 0;
    std::string link;
    std::string bytes;
    std::vector<std::string> comments;
    bool operator==(const Seen&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Seen& seen) {
    return out << seen.at << " of " << seen.original_length << ' ' << seen.link << ' ' << seen.bytes.size();
}

std::string text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
Seen seen_of(const PacketSource& source, const RawPacket& packet) {
    const trace::Interface& interface = source.interface(packet.interface);
    Seen seen{packet.at.ns,
              packet.original_length,
              interface.name + '/' + std::to_string(static_cast<unsigned>(packet.link_type)),
              text_of(packet.bytes),
              {}};
    for (const std::string_view comment : comments_of(packet))
        seen.comments.emplace_back(comment);
    return seen;
}
std::vector<Seen> read_all(PacketSource& source, CaptureWriter* writer = nullptr) {
    std::vector<Seen> all;
    std::array<RawPacket, 7> batch;
    for (;;) {
        const auto count = source.next_batch(batch);
        EXPECT_TRUE(count) << count.error().what;
        if (!count || *count == 0) return all;
        for (const RawPacket& packet : std::span(batch).first(*count)) {
            all.push_back(seen_of(source, packet));
            if (writer != nullptr) {
                const auto written = writer->write(packet);
                EXPECT_TRUE(written) << written.error().what;
            }
        }
    }
}
std::vector<Seen> read_file(const std::string& path) {
    auto source = open_capture(path);
    EXPECT_TRUE(source) << source.error().what;
    return source ? read_all(**source) : std::vector<Seen>{};
}
std::string bytes_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder that goes with the test.
class Folder {
  public:
    Folder() { EXPECT_NE(::mkdtemp(path_.data()), nullptr); }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string file(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_ = "/tmp/synscope-writer-test-XXXXXX";
};

/// Copies a capture; gives what was read.
std::vector<Seen> copy(const std::string& from, const std::string& to, WriterOptions options = {}) {
    auto source = open_capture(from);
    EXPECT_TRUE(source) << source.error().what;
    auto writer = CaptureWriter::create(to, **source, std::move(options));
    EXPECT_TRUE(writer) << writer.error().what;
    auto all = read_all(**source, writer->get());
    EXPECT_TRUE((*writer)->commit());
    return all;
}

ByteSpan span_of(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}
void put_packet(pcapng::Bytes& out, std::uint32_t interface, std::int64_t at, std::string_view bytes,
                std::vector<std::string_view> comments) {
    pcapng::PacketHeader header;
    header.interface = interface;
    header.at = Instant{at};
    header.original_length = static_cast<std::uint32_t>(bytes.size() + 5);
    header.comments = std::move(comments);
    header.flags = 2;
    pcapng::append_packet(out, header, span_of(bytes));
}
/// Two interfaces, a later one, a second section, and blocks of other kinds between the packets.
std::string rich_pcapng() {
    pcapng::Bytes out;
    pcapng::append_section(out, {"somebody", "a machine", "a system"});
    pcapng::append_interface(out, {wire::LinkType::Ethernet, 96, "eth0", "left", "tcp"});
    pcapng::append_interface(out, {wire::LinkType::Raw, 0, "tun0", "", ""});
    // An Ethernet frame of a local experimental type, so that its header ends where it should.
    const std::string frame = std::string(12, 'm') + "\x88\xb5" + "first payload";
    put_packet(out, 0, 1'000'000'001, frame, {"a comment", "another"});
    pcapng::append_block(out, pcapng::kNameResolution, span_of("\0\0\0\0"));
    put_packet(out, 1, 2'000'000'002, "second packet", {});
    pcapng::append_block(out, pcapng::kCustom, span_of("\x01\x02\x03\x04hello"));
    pcapng::append_block(out, pcapng::kCustomNotCopied, span_of("\x01\x02\x03\x04secret"));
    pcapng::append_block(out, pcapng::kDecryptionSecrets, span_of("keys"));
    pcapng::append_block(out, 0x00001234, span_of("nobody knows"));
    pcapng::append_statistics(out, {0, Instant{3'000'000'000}, 5, 1, 2});
    pcapng::append_section(out, {"somebody else", "", ""});
    pcapng::append_interface(out, {wire::LinkType::Ethernet, 0, "eth9", "", ""});
    put_packet(out, 0, 4'000'000'004, "fourth", {"a third"});
    return text_of(out);
}
std::vector<std::uint32_t> block_types(const std::string& file) {
    pcapng::BlockReader reader{span_of(file)};
    std::vector<std::uint32_t> types;
    for (auto item = reader.next(); item && *item; item = reader.next())
        types.push_back(load_le32((*item)->block, 0));
    return types;
}

TEST(CaptureWriter, PcapngToPcapngCopiesEveryBlock) {
    const Folder folder;
    const TemporaryFile from(rich_pcapng());
    copy(from.path(), folder.file("out.pcapng"));
    // All but the block that says it must not be copied.
    std::vector<std::uint32_t> expected = block_types(rich_pcapng());
    std::erase(expected, pcapng::kCustomNotCopied);
    EXPECT_EQ(block_types(bytes_of_file(folder.file("out.pcapng"))), expected);
    // And the copy of the copy is the copy, byte by byte.
    copy(folder.file("out.pcapng"), folder.file("again.pcapng"));
    EXPECT_EQ(bytes_of_file(folder.file("again.pcapng")), bytes_of_file(folder.file("out.pcapng")));
}

TEST(CaptureWriter, HeadersOnlyKeepsTimesAndCommentsAndDropsSecrets) {
    const Folder folder;
    const TemporaryFile from(rich_pcapng());
    auto expected = copy(from.path(), folder.file("out.pcapng"), {.headers_only = true});
    const std::string copied = bytes_of_file(folder.file("out.pcapng"));
    EXPECT_THAT(copied, testing::Not(HasSubstr("keys")));
    EXPECT_THAT(copied, testing::Not(HasSubstr("first payload")));
    const auto found = read_file(folder.file("out.pcapng"));
    std::erase_if(expected, [](const Seen& seen) { return seen.bytes.starts_with("secret"); });
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].at, expected[i].at);
        EXPECT_EQ(found[i].original_length, expected[i].original_length);
        EXPECT_EQ(found[i].comments, expected[i].comments);
        EXPECT_EQ(found[i].link, expected[i].link);
    }
}

TEST(CaptureWriter, APcapFileBecomesPcapngAndPcapAgain) {
    const Folder folder;
    pcapng::Bytes out;
    pcapng::append_section(out, {});
    pcapng::append_interface(out, {wire::LinkType::Ethernet, 0, "eth0", "", ""});
    for (int i = 0; i < 50; ++i)
        put_packet(out, 0, 1'700'000'000'000'000'001 + i * 1'000'000'007LL, "some bytes", {});
    const TemporaryFile from(text_of(out));
    auto first = copy(from.path(), folder.file("a.pcap"));
    for (Seen& seen : first)
        seen.link = "/1";  // a pcap file has no names
    EXPECT_EQ(read_file(folder.file("a.pcap")), first);
    EXPECT_EQ(load_le32(span_of(bytes_of_file(folder.file("a.pcap"))), 0), 0xa1b23c4du);
    copy(folder.file("a.pcap"), folder.file("b.pcapng"));
    EXPECT_EQ(read_file(folder.file("b.pcapng")), first);
    copy(folder.file("b.pcapng"), folder.file("c.pcap"));
    EXPECT_EQ(bytes_of_file(folder.file("c.pcap")), bytes_of_file(folder.file("a.pcap")));
}

TEST(CaptureWriter, PcapRefusesASecondLinkType) {
    const Folder folder;
    const TemporaryFile from(rich_pcapng());
    auto source = open_capture(from.path());
    ASSERT_TRUE(source);
    auto writer = CaptureWriter::create(folder.file("out.pcap"), **source, {});
    ASSERT_TRUE(writer);
    std::array<RawPacket, 2> batch;
    ASSERT_EQ((*source)->next_batch(batch).value(), 1u);
    EXPECT_TRUE((*writer)->write(batch[0]));
    ASSERT_EQ((*source)->next_batch(batch).value(), 1u);
    const auto refused = (*writer)->write(batch[0]);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what, HasSubstr("one link type"));
    writer->reset();
    EXPECT_FALSE(std::filesystem::exists(folder.file("out.pcap")));
}

TEST(MergedSource, OrdersByTimeAndKeepsFileOrderOnTies) {
    const auto file = [](const char* name, std::vector<std::int64_t> times) {
        pcapng::Bytes out;
        pcapng::append_section(out, {});
        pcapng::append_interface(out, {wire::LinkType::Ethernet, 0, name, "", "", {"about it"}});
        for (const std::int64_t at : times)
            put_packet(out, 0, at, std::string(name) + std::to_string(at), {"from " + std::string(name)});
        return text_of(out);
    };
    std::vector<std::int64_t> many(200, 5);
    const TemporaryFile a(file("a", {1, 5, 9}));
    const TemporaryFile b(file("b", {0, 5, 4, 20}));
    const TemporaryFile c(file("c", many));
    auto merged = open_captures({a.path(), b.path(), c.path()});
    ASSERT_TRUE(merged);
    const Folder folder;
    auto writer = CaptureWriter::create(folder.file("merged.pcapng"), **merged, {});
    ASSERT_TRUE(writer);
    const auto all = read_all(**merged, writer->get());
    ASSERT_TRUE((*writer)->commit());
    ASSERT_EQ(all.size(), 207u);
    const auto written = open_capture(folder.file("merged.pcapng"));
    ASSERT_TRUE(written);
    (void)(*written)->next();
    EXPECT_EQ((*written)->interface(0).comments, std::vector<std::string>{"about it"});
    EXPECT_EQ(all[0].bytes, "b0");
    EXPECT_EQ(all[1].bytes, "a1");
    EXPECT_EQ(all[2].bytes, "a5");
    EXPECT_EQ(all[3].bytes, "b5");
    EXPECT_EQ(all[4].bytes, "b4");
    EXPECT_EQ(all[5].bytes, "c5");
    EXPECT_EQ(all[205].bytes, "a9");
    EXPECT_EQ(all[206].bytes, "b20");
    EXPECT_THAT(all[206].comments, ElementsAre("from b"));
    EXPECT_EQ(all[206].link, "b/1");
    EXPECT_EQ(read_file(folder.file("merged.pcapng")), all);
}

TEST(MergedSource, DamageInOneFileDoesNotEndTheOthers) {
    pcapng::Bytes out;
    pcapng::append_section(out, {});
    pcapng::append_interface(out, {wire::LinkType::Ethernet, 0, "x", "", ""});
    put_packet(out, 0, 1, "one", {});
    put_packet(out, 0, 3, "three", {});
    const std::string whole = text_of(out);
    const TemporaryFile cut(whole.substr(0, whole.size() - 4));
    const TemporaryFile good(whole);
    auto merged = open_captures({cut.path(), good.path()});
    ASSERT_TRUE(merged);
    std::size_t count = 0;
    Result<std::optional<RawPacket>, UserError> packet = std::optional<RawPacket>{};
    while ((packet = (*merged)->next()) && *packet)
        ++count;
    EXPECT_EQ(count, 3u);
    ASSERT_FALSE(packet);
    EXPECT_THAT(packet.error().where, HasSubstr(cut.path()));
}

/// Every capture that others made, both ways.
TEST(CaptureWriter, TheCorpusSurvivesRoundTrips) {
    const char* named = std::getenv("SYNSCOPE_CORPUS");
    const std::filesystem::path corpus =
        named != nullptr ? std::filesystem::path(named)
                         : std::filesystem::path(SYNSCOPE_SOURCE_ROOT) / ".." / "shared" / "corpus";
    if (!std::filesystem::exists(corpus / "files")) GTEST_SKIP() << "no corpus beside the project";
    const Folder folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus / "files")) {
        if (!entry.is_regular_file()) continue;
        auto source = open_capture(entry.path());
        ASSERT_TRUE(source) << entry.path();
        auto writer = CaptureWriter::create(folder.file("copy.pcapng"), **source, {});
        ASSERT_TRUE(writer);
        std::vector<Seen> expected;
        std::array<RawPacket, 64> batch;
        for (auto count = (*source)->next_batch(batch); count && *count > 0;
             count = (*source)->next_batch(batch)) {
            for (const RawPacket& packet : std::span(batch).first(*count)) {
                ASSERT_TRUE((*writer)->write(packet));
                const bool copied =
                    packet.link_type != pcapng::kCustomBlockLink ||
                    (packet.big_endian ? load_be32(packet.block, 0) : load_le32(packet.block, 0)) !=
                        pcapng::kCustomNotCopied;
                if (copied) expected.push_back(seen_of(**source, packet));
            }
        }
        ASSERT_TRUE((*writer)->commit());
        EXPECT_EQ(read_file(folder.file("copy.pcapng")), expected) << entry.path();
    }
}

}  // namespace
}  // namespace synscope::source
