// The table of fields against those who fill it, and against the document.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "capture/filter/field_table.hpp"
#include "capture/track/analysis.hpp"
#include "net/base/text.hpp"
#include "tests/unit/capture/filter/made_packet.hpp"

namespace synscope::filter {
namespace {

const std::filesystem::path kRoot = SYNSCOPE_SOURCE_DIR;

std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether what a dissector gave is of the kind that the table promises.
bool fits(Kind kind, const dissect::FieldData& data) {
    if (kind == Kind::Label || std::holds_alternative<std::monostate>(data))
        return true;  // nothing to compare
    if (std::holds_alternative<std::uint64_t>(data)) return kind == Kind::Boolean || is_number(kind);
    if (const auto* address = std::get_if<IpAddress>(&data))
        return kind == (address->family == 4 ? Kind::Ipv4 : Kind::Ipv6);
    if (std::holds_alternative<wire::MacAddress>(data)) return kind == Kind::Mac;
    if (std::holds_alternative<dissect::IsText>(data)) return kind == Kind::Text;
    if (std::holds_alternative<dissect::IsBytes>(data)) return is_bytes(kind);
    return false;
}

TEST(FieldTable, IsInOrderAndFindsItsRows) {
    const auto rows = field_rows();
    ASSERT_FALSE(rows.empty());
    for (std::size_t i = 1; i < rows.size(); ++i)
        EXPECT_LT(rows[i - 1].name, rows[i].name);
    for (const FieldRow& row : rows) {
        EXPECT_EQ(find_row(row.name), &row);
        if (is_number(row.kind)) {
            EXPECT_NE(row.bits, 0) << row.name;
        }
        if (row.origin == Origin::Either) {
            ASSERT_NE(find_row(row.first), nullptr) << row.name;
            ASSERT_NE(find_row(row.second), nullptr) << row.name;
            EXPECT_EQ(find_row(row.first)->kind, row.kind) << row.name;
            EXPECT_EQ(find_row(row.second)->kind, row.kind) << row.name;
        }
    }
    EXPECT_EQ(find_row("tcp.por"), nullptr);
    EXPECT_EQ(find_row(""), nullptr);
}

TEST(FieldTable, SuggestsTheNearestName) {
    EXPECT_EQ(nearest_name("tcp.prot"), "tcp.port");
    EXPECT_EQ(nearest_name("ip.adr"), "ip.addr");
    EXPECT_EQ(nearest_name("tcp.analysis.retransmision"), "tcp.analysis.retransmission");
    EXPECT_EQ(nearest_name("quite.something.else"), std::nullopt);
    EXPECT_EQ(nearest_name(std::string(100'000, 'a')), std::nullopt);
}

TEST(FieldTable, HasEveryFlagOfTheAnalysis) {
    for (std::size_t i = 0; i < track::kAnalysisFlagCount; ++i) {
        const auto* row = find_row(concat("tcp.analysis.", track::name(static_cast<track::AnalysisFlag>(i))));
        ASSERT_NE(row, nullptr) << i;
        EXPECT_EQ(row->origin, Origin::Analysis);
    }
}

// The seeds of the dissectors' fuzz target reach every dissector: a link type's index, then a frame.
TEST(FieldTable, KnowsWhateverTheDissectorsGive) {
    using wire::LinkType;
    constexpr LinkType kLinks[] = {LinkType::Null, LinkType::Ethernet, LinkType::Ppp,
                                   LinkType::Raw,  LinkType::Loop,     LinkType::LinuxSll,
                                   LinkType::Ipv4, LinkType::Ipv6,     LinkType::LinuxSll2};
    std::size_t seeds = 0;
    std::set<std::string> seen;
    for (const auto& entry : std::filesystem::directory_iterator(kRoot / "tests/fuzz/seeds/fuzz_dissect")) {
        const std::string bytes = read(entry.path());
        if (bytes.empty()) continue;
        ++seeds;
        const ByteSpan frame = std::as_bytes(std::span{bytes}).subspan(1);
        const test::MadePacket packet({frame.begin(), frame.end()},
                                      kLinks[static_cast<unsigned char>(bytes[0]) % std::size(kLinks)]);
        for (const dissect::Layer& layer : packet.dissection().layers) {
            const FieldRow* row = find_row(layer.protocol);
            EXPECT_TRUE(row != nullptr && row->origin == Origin::Layer) << layer.protocol;
            for (const dissect::Field& field : layer.fields) {
                const FieldRow* known = find_row(field.name);
                ASSERT_NE(known, nullptr) << field.name << " is not in capture/filter/field_table.cpp";
                EXPECT_TRUE(fits(known->kind, field.data)) << field.name << " is no " << name(known->kind);
                seen.emplace(field.name);
            }
        }
    }
    EXPECT_GT(seeds, 5u);
    EXPECT_GT(seen.size(), 50u);
}

// Also the fields that no seed reaches: a literal like "ip.ttl" among the dissectors names a field or a
// layer.
TEST(FieldTable, KnowsEveryNameInTheSourcesOfTheDissectors) {
    const std::regex literal("\"([a-z][a-z0-9_]*(\\.[a-z0-9_]+)+)\"");
    std::size_t names = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kRoot / "capture/dissect")) {
        if (entry.path().extension() != ".cpp") continue;
        std::istringstream source(read(entry.path()));
        for (std::string line; std::getline(source, line);) {
            for (std::sregex_iterator it(line.begin(), line.end(), literal), end; it != end; ++it) {
                EXPECT_NE(find_row((*it)[1].str()), nullptr) << entry.path().filename() << ": " << (*it)[1]
                                                             << " is not in capture/filter/field_table.cpp";
                ++names;
            }
        }
    }
    EXPECT_GT(names, 100u);
}

TEST(FieldTable, IsTheTableOfTheDocument) {
    std::istringstream document(read(kRoot / "docs/FILTERS.md"));
    std::set<std::string> documented;
    bool in_table = false;
    for (std::string line; std::getline(document, line);) {
        in_table = in_table || line == "## Fields";
        if (!in_table || !line.starts_with("| `")) continue;
        const auto end = line.find('`', 3);
        const std::string field = line.substr(3, end - 3);
        const FieldRow* row = find_row(field);
        if (row == nullptr) {
            ADD_FAILURE() << field << " is documented and not in the table";
            continue;
        }
        documented.insert(field);
        EXPECT_NE(line.find(name(row->kind)), std::string::npos)
            << line << " should say: " << name(row->kind);
    }
    for (const FieldRow& row : field_rows())
        EXPECT_TRUE(documented.contains(std::string(row.name)))
            << row.name << " is missing in docs/FILTERS.md";
}

}  // namespace
}  // namespace synscope::filter
