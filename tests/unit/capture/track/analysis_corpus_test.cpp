// Captures that were not made by us, and what tshark 4.0.17 says of every packet: the numbers to which the
// analyser agrees with it. They are no part of the project; the test looks for them beside it, or where
// SYNSCOPE_CORPUS says, and skips without them. Differences where the oracle is wrong are in
// docs/ANALYSIS.md.

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "capture/source/file.hpp"
#include "capture/track/analysis.hpp"
#include "net/base/text.hpp"
#include "net/wire/segment_finder.hpp"

namespace synscope::track {
namespace {

std::filesystem::path corpus() {
    if (const char* named = std::getenv("SYNSCOPE_CORPUS")) return named;
    return std::filesystem::path(SYNSCOPE_SOURCE_ROOT) / ".." / "shared" / "corpus";
}

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::size_t at = 0;
    for (std::size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t', at)) {
        cells.push_back(line.substr(at, tab - at));
        at = tab + 1;
    }
    cells.push_back(line.substr(at));
    return cells;
}

/// Rows of a compressed table, each from column name to cell.
std::vector<std::map<std::string, std::string>> oracle_rows(const std::filesystem::path& path) {
    std::string text;
    if (gzFile file = gzopen(path.c_str(), "rb")) {
        std::array<char, 65536> piece;
        for (int n = gzread(file, piece.data(), piece.size()); n > 0;
             n = gzread(file, piece.data(), piece.size()))
            text.append(piece.data(), static_cast<std::size_t>(n));
        gzclose(file);
    }
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    const auto names = cells_of(line);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(lines, line)) {
        const auto cells = cells_of(line);
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < std::min(names.size(), cells.size()); ++i)
            row[names[i]] = cells[i];
    }
    return rows;
}

/// What our analysis says of a packet, in the oracle's words.
std::vector<std::optional<Verdict>> verdicts_of(const std::string& path, Analyzer& analyzer) {
    std::vector<std::optional<Verdict>> verdicts;
    auto source = synscope::source::open_capture(path);
    if (!source) return verdicts;
    wire::SegmentFinder finder;
    for (auto packet = (*source)->next(); packet && *packet; packet = (*source)->next()) {
        const synscope::source::RawPacket& raw = **packet;
        auto& verdict = verdicts.emplace_back();
        const auto found = finder.find_all(raw.link_type, raw.bytes, raw.original_length, raw.at);
        if (found.tcp) verdict = analyzer.add(raw.at, *found.tcp);
        if (found.named) analyzer.name(raw.at, *found.named);
    }
    return verdicts;
}

struct Count {
    std::size_t both = 0;
    std::size_t ours = 0;
    std::size_t oracle = 0;
};

struct Agreement {
    std::array<Count, kAnalysisFlagCount> flags;
    std::map<std::string, Count> fields;  ///< `both`: equal; `oracle`: of so many

    void field(const std::string& name, const std::string& ours, const std::string& theirs) {
        if (theirs.empty() || theirs == "*") return;
        ++fields[name].oracle;
        if (ours == theirs) ++fields[name].both;
    }
    void packet(const std::optional<Verdict>& v, const Analyzer& analyzer,
                std::map<std::string, std::string>& row);
};

void Agreement::packet(const std::optional<Verdict>& v, const Analyzer& analyzer,
                       std::map<std::string, std::string>& row) {
    if (row["tcp.stream"].empty() || row["tcp.stream"] == "*") return;
    const std::string said = "," + row["tcp.analysis"] + ",";
    for (std::size_t i = 0; i < kAnalysisFlagCount; ++i) {
        const auto flag = static_cast<AnalysisFlag>(i);
        const bool ours = v && v->flags.has(flag);
        const bool theirs = said.find(concat(',', name(flag), ',')) != std::string::npos;
        Count& count = flags[i];
        if (ours && theirs) ++count.both;
        if (ours && !theirs) ++count.ours;
        if (!ours && theirs) ++count.oracle;
    }
    const auto number = [](std::uint32_t n) { return std::to_string(n); };
    field("seq", v ? number(v->seq) : "", row["tcp.seq"]);
    field("ack", v ? number(v->ack) : "", row["tcp.ack"]);
    field("window", v ? number(v->window) : "", row["tcp.window_size"]);
    field("stream", v ? number(v->connection.value) : "", row["tcp.stream"]);
    field("completeness", v ? number(analyzer.completeness(v->connection)) : "", row["tcp.completeness"]);
    field("duplicate_ack_num", v && v->duplicate_ack_number ? number(v->duplicate_ack_number) : "",
          row["tcp.analysis.duplicate_ack_num"]);
    field("bytes_in_flight", v && v->bytes_in_flight ? number(*v->bytes_in_flight) : "",
          row["tcp.analysis.bytes_in_flight"]);
    const std::string& rtt = row["tcp.analysis.ack_rtt"];
    if (!v || !v->ack_rtt || rtt.empty() || rtt == "*") return;
    ++fields["ack_rtt"].oracle;
    const double apart =
        std::abs(static_cast<double>(v->ack_rtt->ns) / 1e9 - std::strtod(rtt.c_str(), nullptr));
    if (apart < 1e-6) ++fields["ack_rtt"].both;
}

Agreement compare_all() {
    Agreement agreement;
    std::ifstream index(corpus() / "INDEX.tsv");
    std::string line;
    std::getline(index, line);
    while (std::getline(index, line)) {
        const std::string file = line.substr(0, line.find('\t'));
        Analyzer analyzer;
        const auto verdicts = verdicts_of(corpus() / "files" / file, analyzer);
        auto rows = oracle_rows(corpus() / "oracle" / (file + ".tsv.gz"));
        for (std::size_t i = 0; i < std::min(rows.size(), verdicts.size()); ++i)
            agreement.packet(verdicts[i], analyzer, rows[i]);
    }
    return agreement;
}

/// A flag that the corpus has 200 times or more: 99 % of ours right, 99 % of the oracle's found. A rarer one:
/// two differences at most. Beside them what docs/ANALYSIS.md lists as the oracle's error.
std::size_t listed_errors(AnalysisFlag flag) {
    switch (flag) {
        case AnalysisFlag::Retransmission:
            return 20;
        case AnalysisFlag::OutOfOrder:
        case AnalysisFlag::SpuriousRetransmission:
            return 2;
        default:
            return 0;
    }
}

TEST(Corpus, TheAnalysisAgreesWithTsharks) {
    if (!std::filesystem::exists(corpus() / "INDEX.tsv")) GTEST_SKIP() << "no corpus beside the project";
    Agreement agreement = compare_all();
    for (std::size_t i = 0; i < kAnalysisFlagCount; ++i) {
        const auto flag = static_cast<AnalysisFlag>(i);
        const Count& c = agreement.flags[i];
        const std::size_t wrong = c.ours + c.oracle;
        const std::size_t total = c.both + c.oracle;
        const std::size_t allowed = (total >= 200 ? total / 100 : 2) + listed_errors(flag);
        EXPECT_LE(wrong, allowed) << name(flag) << ": both " << c.both << ", ours only " << c.ours
                                  << ", oracle only " << c.oracle;
        EXPECT_GT(c.both, 0u) << name(flag);
    }
    for (const auto& [name, share] : {std::pair<const char*, double>{"seq", 0.997},
                                      {"ack", 0.997},
                                      {"window", 0.997},
                                      {"stream", 0.999},
                                      {"completeness", 0.995},
                                      {"duplicate_ack_num", 0.995},
                                      {"bytes_in_flight", 0.997},
                                      {"ack_rtt", 0.989}}) {
        const Count& c = agreement.fields[name];
        EXPECT_GE(static_cast<double>(c.both), share * static_cast<double>(c.oracle))
            << name << ": " << c.both << " of " << c.oracle;
        EXPECT_GT(c.oracle, 500u) << name;
    }
}

}  // namespace
}  // namespace synscope::track
