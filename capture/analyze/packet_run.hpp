#pragma once
// One pass over a capture: packets in batches, each with its TCP segment and what the analysis says of it.
//
//     analyze::PacketRun run(*source, source::BpfFilter(""));
//     while (auto batch = run.next()) { if (batch->empty()) break; for (const Packet& p : *batch) ... }
//
// Nothing is stored: memory is the analyzer's, which grows with connections, not with packets. A packet that
// the capture filter refuses is not analysed at all, as if it had never been captured; its number is still
// counted. Thread rule: one thread per run.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "capture/analyze/totals.hpp"
#include "capture/source/bpf.hpp"
#include "capture/source/packet_source.hpp"
#include "capture/track/analysis.hpp"
#include "net/base/result.hpp"
#include "net/wire/segment_finder.hpp"

namespace synscope::analyze {

/// A packet on its way through. The pointers hold until the run is asked again.
struct Packet {
    std::uint64_t number = 0;  ///< from 1, in the file, also where a filter drops others
    const source::RawPacket* raw = nullptr;
    const wire::TcpSegment* segment = nullptr;  ///< null when it holds none
    const track::Verdict* verdict = nullptr;    ///< null without a segment
};

/// Of the connections of a capture, those that fall to one of several runs over it.
struct Share {
    std::uint32_t index = 0;
    std::uint32_t of = 1;
};

class PacketRun {
  public:
    /// The source must outlive the run.
    PacketRun(source::PacketSource& source, source::BpfFilter filter) : PacketRun(source, filter, {}) {}
    /// Judges only its share: segments of other connections come without a verdict. Only the run with index 0
    /// counts totals.
    PacketRun(source::PacketSource& source, source::BpfFilter filter, Share share);
    ~PacketRun();
    PacketRun(const PacketRun&) = delete;
    PacketRun& operator=(const PacketRun&) = delete;

    /// Never asks the source for more than one of its batches at a time: for those who listen to its other
    /// blocks (PacketSource::listen).
    void keep_to_batches() noexcept { gathering_ = false; }
    /// The next packets that pass the filter; empty at the end. After an error only the same error follows.
    [[nodiscard]] Result<std::span<const Packet>, UserError> next();
    /// Read so far, refused ones included.
    [[nodiscard]] std::uint64_t packets_read() const noexcept { return read_; }
    /// Of the packets that passed.
    [[nodiscard]] const Totals& totals() const noexcept { return totals_; }
    [[nodiscard]] const track::Analyzer& analyzer() const noexcept { return analyzer_; }
    /// The number of the first packet of each connection.
    [[nodiscard]] std::span<const std::uint64_t> first_packets() const noexcept { return first_packets_; }

  private:
    struct Batch;
    Result<void, UserError> fill();
    Result<void, UserError> take();
    void judge(std::size_t segments);

    source::PacketSource& source_;
    source::BpfFilter filter_;
    bool filtering_;
    bool gathering_ = true;
    Share share_;
    wire::SegmentFinder finder_;
    track::Analyzer analyzer_;
    Totals totals_;
    std::vector<std::uint64_t> first_packets_;
    std::uint64_t read_ = 0;
    std::unique_ptr<Batch> batch_;
};

}  // namespace synscope::analyze
