#include "capture/source/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "capture/pcapng/block_writer.hpp"
#include "tests/unit/capture/source/temporary_file.hpp"

namespace synscope::source {
namespace {

using testing::HasSubstr;

std::string le32(std::uint32_t value) {
    std::string out;
    for (int i = 0; i < 4; ++i)
        out += static_cast<char>((value >> (8 * i)) & 0xff);
    return out;
}
/// Two packets, "one" and "three", at 5 s and 6 s.
std::string pcap_file() {
    return le32(0xa1b2c3d4) + le32(0x00040002) + le32(0) + le32(0) + le32(96) + le32(1) + le32(5) + le32(0) +
           le32(3) + le32(60) + "one" + le32(6) + le32(0) + le32(5) + le32(5) + "three";
}
std::string pcapng_file() {
    pcapng::Bytes out;
    pcapng::append_section(out, {"test", "", ""});
    pcapng::append_interface(out, {wire::LinkType::Ethernet, 96, "eth7", "", ""});
    for (const std::string_view text : {"one", "three"}) {
        pcapng::PacketHeader header;
        header.at = Instant{(text == "one" ? 5 : 6) * std::int64_t{1'000'000'000}};
        header.original_length = text == "one" ? 60 : 5;
        pcapng::append_packet(out, header, std::as_bytes(std::span(text.data(), text.size())));
    }
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::size_t captured_events(const trace::Store& store) {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < store.size(); ++i)
        count += std::holds_alternative<PacketCaptured>(store.event(EventId{i}).body) ? 1u : 0u;
    return count;
}

class BothFormats : public testing::TestWithParam<bool> {
  protected:
    std::string bytes() const { return GetParam() ? pcapng_file() : pcap_file(); }
};

TEST_P(BothFormats, LoadIntoATrace) {
    const TemporaryFile file(bytes());
    trace::Store store;
    const auto report = load_capture(file.path(), store);
    ASSERT_TRUE(report) << report.error().what;
    EXPECT_FALSE(report->damage);
    EXPECT_EQ(report->packets, 2u);
    ASSERT_EQ(store.packet_count(), 2u);
    EXPECT_EQ(captured_events(store), 2u);
    EXPECT_EQ(text_of(store.packet(PacketId{0}).bytes), "one");
    EXPECT_EQ(store.packet(PacketId{0}).original_length, 60u);
    EXPECT_EQ(store.packet(PacketId{1}).at.ns, 6'000'000'000);
    EXPECT_EQ(text_of(store.packet(PacketId{1}).bytes), "three");
    EXPECT_EQ(store.interface(InterfaceId{0}).link_type, wire::LinkType::Ethernet);
    EXPECT_EQ(store.interface(InterfaceId{0}).snap_length, 96u);
}

TEST_P(BothFormats, OpenAsASource) {
    const TemporaryFile file(bytes());
    auto source = open_capture(file.path());
    ASSERT_TRUE(source) << source.error().what;
    for (const std::string_view expected : {"one", "three"}) {
        const auto packet = (*source)->next();
        ASSERT_TRUE(packet && *packet);
        EXPECT_EQ(text_of((**packet).bytes), expected);
        EXPECT_EQ((*source)->link_type(), wire::LinkType::Ethernet);
    }
    const auto end = (*source)->next();
    ASSERT_TRUE(end);
    EXPECT_FALSE(*end);
    EXPECT_EQ((*source)->stats().received, 2u);
}

TEST_P(BothFormats, ACutFileGivesItsFirstPacketAndTheDamage) {
    std::string cut = bytes();
    cut.resize(cut.size() - 4);
    const TemporaryFile file(cut);
    trace::Store store;
    const auto report = load_capture(file.path(), store);
    ASSERT_TRUE(report);
    ASSERT_TRUE(report->damage);
    EXPECT_THAT(report->damage->where, HasSubstr(file.path()));
    EXPECT_THAT(report->damage->what + report->damage->where, HasSubstr("byte"));
    EXPECT_EQ(store.packet_count(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Files, BothFormats, testing::Bool(),
                         [](const auto& one) { return one.param ? "pcapng" : "pcap"; });

TEST(LoadCaptures, MergesByTimeAndKeepsTheBytes) {
    const TemporaryFile pcap(pcap_file());
    const TemporaryFile pcapng(pcapng_file());
    trace::Store store;
    const auto report = load_captures({pcap.path(), pcapng.path()}, store);
    ASSERT_TRUE(report) << report.error().what;
    EXPECT_FALSE(report->damage);
    ASSERT_EQ(store.packet_count(), 4u);
    std::string order;
    for (std::uint64_t i = 0; i < 4; ++i)
        order += text_of(store.packet(PacketId{i}).bytes) + ' ';
    EXPECT_EQ(order, "one one three three ");
    EXPECT_EQ(captured_events(store), 4u);
    EXPECT_EQ(store.interface_count(), 2u);
}

TEST(LoadCaptures, AFileThatIsNoneIsNamed) {
    const TemporaryFile good(pcap_file());
    const TemporaryFile bad("nothing of the kind");
    trace::Store store;
    const auto report = load_captures({good.path(), bad.path()}, store);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().where, bad.path());
}

TEST(LoadCapture, SaysWhatIsWrongWithTheFile) {
    trace::Store store;
    EXPECT_THAT(load_capture("/nonexistent/x.pcap", store).error().what, HasSubstr("No such file"));
    EXPECT_THAT(load_capture("/tmp", store).error().what, HasSubstr("directory"));
    const TemporaryFile empty("");
    EXPECT_THAT(load_capture(empty.path(), store).error().what, HasSubstr("empty"));
    const TemporaryFile text("hello, I am no capture");
    EXPECT_THAT(load_capture(text.path(), store).error().what, HasSubstr("neither a pcap nor a pcapng"));
    EXPECT_EQ(store.size(), 0u);
}

}  // namespace
}  // namespace synscope::source
