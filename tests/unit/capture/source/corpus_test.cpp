// Captures that were not made by us: the number of packets must be what tshark found. They are no part of the
// project; the test looks for them beside it, or where SYNSCOPE_CORPUS says, and skips without them.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "capture/source/file.hpp"

namespace synscope::source {
namespace {

struct Listed {
    std::string file;
    std::size_t packets = 0;
};

std::filesystem::path corpus() {
    if (const char* named = std::getenv("SYNSCOPE_CORPUS")) return named;
    return std::filesystem::path(SYNSCOPE_SOURCE_ROOT) / ".." / "shared" / "corpus";
}

std::vector<Listed> listed() {
    std::ifstream index(corpus() / "INDEX.tsv");
    std::vector<Listed> all;
    std::string line;
    std::getline(index, line);  // the names of the columns
    while (std::getline(index, line)) {
        std::istringstream cells(line);
        Listed one;
        std::getline(cells, one.file, '\t');
        cells >> one.packets;
        all.push_back(one);
    }
    return all;
}

/// Read in batches, one by one and into a store: three ways that must agree.
TEST(Corpus, EveryFileHasAsManyPacketsAsTsharkFinds) {
    if (!std::filesystem::exists(corpus() / "INDEX.tsv")) GTEST_SKIP() << "no corpus beside the project";
    const auto files = listed();
    ASSERT_GT(files.size(), 100u);
    // tshark 4.0 refuses a file whose link type (281) it does not know; its packets can be read all the same.
    constexpr std::string_view kRefused = "the-tcpdump-group+libpcap/tests/filter/brcm-tag-stp.pcap";
    for (Listed one : files) {
        if (one.file == kRefused) one.packets = 4;
        const std::string path = corpus() / "files" / one.file;
        auto source = open_capture(path);
        ASSERT_TRUE(source) << one.file << ": " << source.error().what;
        std::array<RawPacket, 64> batch;
        std::size_t count = 0;
        for (;;) {
            const auto read = (*source)->next_batch(batch);
            if (!read || *read == 0) break;
            for (const RawPacket& packet : std::span(batch).first(*read))
                EXPECT_EQ(packet.link_type, (*source)->interface(packet.interface).link_type);
            count += *read;
        }
        EXPECT_EQ(count, one.packets) << one.file;

        auto singly = open_capture(path);
        ASSERT_TRUE(singly);
        std::size_t single = 0;
        for (auto packet = (*singly)->next(); packet && *packet; packet = (*singly)->next())
            ++single;
        EXPECT_EQ(single, one.packets) << one.file;

        trace::Store store;
        const auto report = load_capture(path, store);
        ASSERT_TRUE(report) << one.file << ": " << report.error().what;
        EXPECT_EQ(report->packets, one.packets) << one.file;
    }
}

}  // namespace
}  // namespace synscope::source
