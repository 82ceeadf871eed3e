// The walk that only names the protocols against the dissection itself: on the seeds of the fuzz target, on
// frames cut at every byte, and on seeds with bytes changed at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capture/dissect/dissect.hpp"

namespace synscope::dissect {
namespace {

using wire::LinkType;
using Frame = std::vector<std::byte>;

constexpr std::array kLinks{LinkType::Null,  LinkType::Ethernet,  LinkType::Ppp,      LinkType::Raw,
                            LinkType::Ipv4,  LinkType::Ipv6,      LinkType::LinuxSll, LinkType::LinuxSll2,
                            LinkType::Loop,  LinkType::CiscoHdlc, LinkType::PppEther, LinkType::PppSerial,
                            LinkType{0x0fff}};

/// Without the byte that names the link type: every one is tried.
std::vector<Frame> seeds() {
    std::vector<Frame> frames;
    const auto folder =
        std::filesystem::path(SYNSCOPE_SOURCE_ROOT) / "tests" / "fuzz" / "seeds" / "fuzz_dissect";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        if (text.empty()) continue;
        const auto bytes = std::as_bytes(std::span(text)).subspan(1);
        frames.emplace_back(bytes.begin(), bytes.end());
    }
    return frames;
}

/// Both tables of fragments see the same frames in the same order.
class BothWays {
  public:
    void compare(LinkType link, ByteSpan frame, std::uint32_t length) {
        std::string names = "before ";
        append_protocols(names, link, frame, length, &walked_, Instant{});
        ASSERT_EQ(names, "before " + dissect(link, frame, length, dissected_, Instant{}).protocols());
        names.clear();
        append_protocols(names, link, frame, length, nullptr, Instant{});
        ASSERT_EQ(names, dissect(link, frame, length).protocols());
    }

  private:
    wire::FragmentTable walked_;
    wire::FragmentTable dissected_;
};

TEST(Protocols, TheWalkSaysWhatTheDissectionSays) {
    const auto frames = seeds();
    ASSERT_GT(frames.size(), 20u);
    for (const LinkType link : kLinks) {
        BothWays both;
        for (const Frame& frame : frames) {
            const auto length = static_cast<std::uint32_t>(frame.size());
            ASSERT_NO_FATAL_FAILURE(both.compare(link, frame, length));
            ASSERT_NO_FATAL_FAILURE(both.compare(link, frame, length + 1000));
        }
    }
}

/// IPv4 and TCP around a payload, from port 1000.
Frame tcp_frame(std::uint8_t port, std::string_view payload) {
    const std::string header = std::string("\x45\0\0", 3) + static_cast<char>(40 + payload.size()) +
                               std::string("\0\1\0\0\x40\x06\0\0\x0a\0\0\1\x0a\0\0\2\x03\xe8\0", 19) +
                               static_cast<char>(port) +
                               std::string("\0\0\0\1\0\0\0\1\x50\x18\1\0\0\0\0\0", 16);
    const std::string whole = header + std::string(payload);
    const auto bytes = std::as_bytes(std::span(whole));
    return {bytes.begin(), bytes.end()};
}

TEST(Protocols, TheWalkFindsWhatFollowsInTheSameSegment) {
    const std::string query("\0\x11\x12\x34\1\0\0\1\0\0\0\0\0\0\0\0\x02\0\x01", 19);
    struct Case {
        std::uint8_t port;
        std::string payload;
        std::string_view protocols;
    };
    const Case cases[] = {
        {80, "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody", "raw:ip:tcp:http:data"},
        {80, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "raw:ip:tcp:http"},
        {80, std::string("\x17\3\3\0\2ab\x17\3\3\0\2cd", 14), "raw:ip:tcp:tls"},
        {80, std::string("\x17\3\3\0\2abcd", 9), "raw:ip:tcp:tls:data"},
        {53, query, "raw:ip:tcp:dns"},
        {53, query + query, "raw:ip:tcp:dns:dns"},
        {53, query + "x", "raw:ip:tcp:dns:data"},
    };
    for (const Case& one : cases) {
        const Frame frame = tcp_frame(one.port, one.payload);
        BothWays both;
        ASSERT_NO_FATAL_FAILURE(both.compare(LinkType::Raw, frame, static_cast<std::uint32_t>(frame.size())));
        std::string names;
        append_protocols(names, LinkType::Raw, frame, static_cast<std::uint32_t>(frame.size()), nullptr,
                         Instant{});
        EXPECT_EQ(names, one.protocols);
    }
}

TEST(Protocols, TheWalkSaysTheSameOfFramesThatWereCut) {
    BothWays both;
    for (const Frame& frame : seeds())
        for (std::size_t size = 0; size < std::min<std::size_t>(frame.size(), 150); ++size)
            ASSERT_NO_FATAL_FAILURE(both.compare(LinkType::Ethernet, ByteSpan(frame).first(size),
                                                 static_cast<std::uint32_t>(frame.size())));
}

TEST(Protocols, TheWalkSaysTheSameOfFramesThatAreWrong) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto frames = seeds();
    BothWays both;
    for (int i = 0; i < 3000; ++i) {
        Frame frame = frames[random() % frames.size()];
        if (frame.empty()) continue;
        for (std::uint32_t change = random() % 4; change > 0; --change)
            frame[random() % std::min<std::size_t>(frame.size(), 80)] = static_cast<std::byte>(random());
        const LinkType link = i % 2 == 0 ? LinkType::Ethernet : kLinks[random() % kLinks.size()];
        ASSERT_NO_FATAL_FAILURE(both.compare(link, frame, static_cast<std::uint32_t>(frame.size())));
    }
}

}  // namespace
}  // namespace synscope::dissect
