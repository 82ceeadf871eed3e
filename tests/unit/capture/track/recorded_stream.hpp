#pragma once
// A stream for tests: segments written as "1:6 hello", what came out written as one line.

#include <string>
#include <string_view>

#include "capture/track/reassembly.hpp"

namespace synscope::track {

inline ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// Writes what it is given: bytes as they are, "[3 lost]" for a gap, "{conflict 2+1}" for a notice.
class Transcript : public StreamSink {
  public:
    void bytes(std::uint64_t offset, ByteSpan run) override;
    void gap(const StreamGap& gap) override;
    void notice(const StreamNotice& notice) override;
    std::string text;
    std::uint64_t next = 0;     ///< where the following call must go on
    bool without_hole = true;   ///< runs and gaps followed one another
    bool without_empty = true;  ///< no run and no gap of nothing
    std::uint64_t gap_bytes = 0;
};

class RecordedStream {
  public:
    explicit RecordedStream(std::uint32_t isn, StreamLimits limits = {}) : stream(limits), isn_(isn) {}

    /// Relative numbers: the SYN is 0, the first byte 1.
    RecordedStream& syn(std::string_view data = {});
    RecordedStream& data(std::int64_t seq, std::string_view data);
    RecordedStream& fin(std::int64_t seq, std::string_view data = {});
    RecordedStream& reset(std::int64_t seq, std::string_view data = {});
    /// `length` bytes on the wire of which only `data` was captured.
    RecordedStream& cut(std::int64_t seq, std::uint32_t length, std::string_view data);
    RecordedStream& ack(std::int64_t next, bool with_syn = false);
    /// The transcript after the end of the stream.
    std::string end();

    StreamReassembler stream;
    Transcript out;

  private:
    RecordedStream& feed(std::int64_t seq, std::uint16_t flags, std::uint32_t length, std::string_view data);
    std::uint32_t isn_;
};

}  // namespace synscope::track
