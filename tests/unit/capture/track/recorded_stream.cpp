#include "tests/unit/capture/track/recorded_stream.hpp"

#include "net/base/text.hpp"

namespace synscope::track {

namespace {

std::string_view word(GapReason reason) {
    switch (reason) {
        case GapReason::Acknowledged:
            return "lost";
        case GapReason::NotCaptured:
            return "cut";
        case GapReason::NeverSeen:
            return "never";
        case GapReason::Limit:
            return "limit";
        case GapReason::Jump:
            return "jump";
    }
    return "?";
}

std::string_view word(StreamOddity kind) {
    switch (kind) {
        case StreamOddity::Conflict:
            return "conflict";
        case StreamOddity::Late:
            return "late";
        case StreamOddity::BeforeStart:
            return "before";
        case StreamOddity::AfterFin:
            return "after fin";
        case StreamOddity::OffRange:
            return "off";
        case StreamOddity::ResetText:
            return "reset";
    }
    return "?";
}

}  // namespace

void Transcript::bytes(std::uint64_t offset, ByteSpan run) {
    without_hole = without_hole && offset == next;
    without_empty = without_empty && !run.empty();
    next = offset + run.size();
    text.append(reinterpret_cast<const char*>(run.data()), run.size());
}

void Transcript::gap(const StreamGap& gap) {
    without_hole = without_hole && gap.bytes.begin == next;
    without_empty = without_empty && !gap.bytes.empty();
    next = gap.bytes.end;
    gap_bytes += gap.bytes.size();
    append(text, concat('[', gap.bytes.size(), ' ', word(gap.reason), ']'));
}

void Transcript::notice(const StreamNotice& notice) {
    append(text, concat('{', word(notice.kind), ' ', notice.bytes.begin, '+', notice.bytes.size()));
    if (notice.kind == StreamOddity::Conflict) append(text, concat(" of which ", notice.differing));
    append(text, '}');
}

RecordedStream& RecordedStream::feed(std::int64_t seq, std::uint16_t flags, std::uint32_t length,
                                     std::string_view data) {
    const Seq32 raw = Seq32{isn_} + static_cast<std::uint32_t>(static_cast<std::uint64_t>(seq));
    stream.segment({raw, wire::TcpFlags{flags}, length, bytes_of(data)}, out);
    return *this;
}

RecordedStream& RecordedStream::syn(std::string_view data) {
    return feed(0, wire::TcpFlags::kSyn, static_cast<std::uint32_t>(data.size()), data);
}
RecordedStream& RecordedStream::data(std::int64_t seq, std::string_view data) {
    return feed(seq, wire::TcpFlags::kAck, static_cast<std::uint32_t>(data.size()), data);
}
RecordedStream& RecordedStream::fin(std::int64_t seq, std::string_view data) {
    return feed(seq, wire::TcpFlags::kAck | wire::TcpFlags::kFin, static_cast<std::uint32_t>(data.size()),
                data);
}
RecordedStream& RecordedStream::reset(std::int64_t seq, std::string_view data) {
    return feed(seq, wire::TcpFlags::kRst, static_cast<std::uint32_t>(data.size()), data);
}
RecordedStream& RecordedStream::cut(std::int64_t seq, std::uint32_t length, std::string_view data) {
    return feed(seq, wire::TcpFlags::kAck, length, data);
}
RecordedStream& RecordedStream::ack(std::int64_t next, bool with_syn) {
    stream.acknowledged(Seq32{isn_} + static_cast<std::uint32_t>(static_cast<std::uint64_t>(next)), with_syn,
                        out);
    return *this;
}
std::string RecordedStream::end() {
    stream.finish(out);
    return out.text;
}

}  // namespace synscope::track
