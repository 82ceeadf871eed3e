#pragma once
// What a capture holds, for a person: the file, what its packets are, and of its TCP connections what one
// wants to know first. A few connections are listed one by one; of many only the remarkable ones.
//
//     CaptureSummary summary(file);
//     for (every connection) summary.add(facts);
//     out.write(summary.text());
//
// Memory: a few connections per list, and 8 bytes for each round trip. Thread rule: one thread.

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "capture/trace/store.hpp"
#include "capture/track/analysis.hpp"

namespace synscope::render {

/// What is known without looking at connections.
struct CaptureFacts {
    std::string name = {};  ///< as given on the command line, not escaped
    std::vector<trace::Interface> interfaces = {};
    std::uint64_t packets = 0;
    std::uint64_t original_bytes = 0;  ///< on the wire
    std::uint64_t captured_bytes = 0;
    Instant first_at = {};  ///< both 0 without packets
    Instant last_at = {};
    bool out_of_order = false;  ///< some packet is earlier than the one before it
    /// Protocols with the packets that carry them, most frequent first.
    std::vector<std::pair<std::string, std::uint64_t>> protocols = {};
    std::vector<std::string> notes = {};  ///< further sentences about the file, each a line
};

class CaptureSummary {
  public:
    explicit CaptureSummary(CaptureFacts facts);
    void add(const track::ConnectionFacts& connection);
    [[nodiscard]] std::string text() const;

  private:
    /// A connection and how bad it is in one respect.
    struct Remarkable {
        std::uint64_t weight = 0;
        track::ConnectionFacts connection;
    };
    using Worst = std::vector<Remarkable>;
    static void consider(Worst& list, std::uint64_t weight, const track::ConnectionFacts& connection);
    void append_file(std::string& out) const;
    void append_counts(std::string& out) const;
    void append_flags(std::string& out) const;
    void append_worst(std::string& out) const;

    CaptureFacts facts_;
    std::uint64_t connections_ = 0;
    std::array<std::uint64_t, 4> endings_{};
    std::uint64_t joined_midway_ = 0;
    std::uint64_t one_sided_ = 0;
    std::uint64_t reused_ports_ = 0;
    std::uint64_t named_ = 0;  ///< without a segment of their own
    std::array<std::uint64_t, track::kAnalysisFlagCount> segments_with_{};
    std::array<std::uint64_t, track::kAnalysisFlagCount> connections_with_{};
    std::vector<std::int64_t> initial_rtts_ns_;
    std::vector<track::ConnectionFacts> first_;  ///< listed when these are all
    Worst retransmitting_;
    Worst zero_windows_;
    Worst reset_;
    Worst slowest_;
};

}  // namespace synscope::render
