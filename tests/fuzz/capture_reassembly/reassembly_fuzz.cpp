// One direction of a connection, made to be hostile, beside a plain model of it: an array that holds, for
// each offset, the byte that was seen there first.
//
// The input: the initial sequence number (4 bytes), how the stream begins and its limits (1 byte), then
// records of five: kind, position (2, of which 12 bits), length (1), how many bytes were captured (1).
// Genuine bytes are a function of their offset, forged ones differ.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "capture/track/reassembly.hpp"

using namespace synscope;

namespace {

constexpr std::uint32_t kMaxPosition = 0xfff;
constexpr std::size_t kOffsets = kMaxPosition + 0x100;

void require(bool condition) {
    if (!condition) std::abort();
}

std::byte genuine(std::uint64_t offset) {
    return static_cast<std::byte>((offset * 31 + (offset >> 8)) & 0xff);
}

/// The model, and the sink that is held against it.
class Model final : public track::StreamSink {
  public:
    void bytes(std::uint64_t offset, ByteSpan run) override {
        advance(offset, offset + run.size());
        require(!run.empty());
        if (jumped) return;
        for (std::size_t i = 0; i < run.size(); ++i)
            require(first[offset + i] == run[i]);
    }
    void gap(const track::StreamGap& gap) override {
        advance(gap.bytes.begin, gap.bytes.end);
        require(!gap.bytes.empty());
        jumped = jumped || gap.reason == track::GapReason::Jump;
        if (jumped) return;
        for (std::uint64_t i = gap.bytes.begin; i < std::min<std::uint64_t>(gap.bytes.end, kOffsets); ++i) {
            require(!first[i]);
            given_up[i] = true;
        }
    }
    void notice(const track::StreamNotice& notice) override {
        if (notice.kind != track::StreamOddity::Conflict) return;
        require(notice.differing > 0 && notice.differing <= notice.bytes.size());
        differing += notice.differing;
    }
    /// A segment is about to be fed: how many of its bytes differ from those seen first.
    std::uint64_t see(std::uint64_t offset, ByteSpan bytes) {
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            auto& kept = first[offset + i];
            if (given_up[offset + i]) continue;
            if (!kept) kept = bytes[i];
            count += *kept != bytes[i] ? 1 : 0;
        }
        return count;
    }

    std::vector<std::optional<std::byte>> first = std::vector<std::optional<std::byte>>(kOffsets);
    std::vector<bool> given_up = std::vector<bool>(kOffsets);
    std::uint64_t next = 0;
    std::optional<std::uint64_t> fin;  ///< whose number is no byte
    bool fin_somewhere = false;        ///< one is being fed at a place that the model does not know
    std::uint64_t differing = 0;
    bool jumped = false;

  private:
    void advance(std::uint64_t begin, std::uint64_t end) {
        const bool behind_fin = begin == next + 1 && (fin_somewhere || (fin && next == *fin));
        require(begin == next || behind_fin);
        next = end;
    }
};

struct Record {
    std::uint8_t kind = 0;
    std::uint32_t raw = 0;  ///< the two bytes of the position
    std::uint32_t position = 0;
    std::uint32_t length = 0;
    std::uint32_t captured = 0;
};

class Run {
  public:
    Run(std::uint32_t isn, std::uint8_t mode)
        : isn_(isn),
          midway_((mode & 1) != 0),
          limits_{mode & 2 ? std::size_t{2000} : std::size_t{1} << 30,
                  mode & 4 ? std::size_t{100} : std::size_t{1} << 20},
          stream_(limits_) {
        if (!midway_) segment({}, wire::TcpFlags::kSyn, Seq32{isn_});
    }

    void record(const Record& r) {
        const Seq32 seq = Seq32{isn_} + 1 + r.position;
        switch (r.kind % 8) {
            case 5:
                stream_.acknowledged(seq, (r.length & 1) != 0, model_);
                break;
            case 6:
                segment(r, wire::TcpFlags::kAck | wire::TcpFlags::kFin, seq);
                break;
            case 7:  // somewhere else in the number space, or odd flags
                stray(r);
                break;
            default:
                segment(r, wire::TcpFlags::kAck, seq);
        }
        model_.fin = stream_.fin();
        require(stream_.waiting() <= limits_.waiting);
    }

    void finish() {
        stream_.finish(model_);
        require(stream_.waiting() == 0);
    }

  private:
    void segment(const Record& r, std::uint16_t flags, Seq32 seq) {
        const bool forged = r.kind % 8 == 4;
        std::array<std::byte, 256> bytes{};
        const std::uint32_t captured = std::min(r.length, r.captured);
        for (std::uint32_t i = 0; i < captured; ++i)
            bytes[i] = genuine(r.position + i) ^ (forged ? std::byte{0x55} : std::byte{0});
        const ByteSpan payload = std::span(bytes).first(captured);
        const bool modelled = !midway_ && !strayed_;
        model_.fin_somewhere = !modelled && (flags & wire::TcpFlags::kFin) != 0;
        if (modelled && !model_.fin && (flags & wire::TcpFlags::kFin) != 0)
            model_.fin = r.position + r.length;
        const std::uint64_t before = model_.differing;
        const std::uint64_t expected = modelled ? model_.see(r.position, payload) : 0;
        if (!modelled) model_.jumped = true;
        stream_.segment({seq, wire::TcpFlags{flags}, r.length, payload}, model_);
        // One byte may be a keep-alive; bytes may be forgotten; all else is reported to the byte.
        if (modelled && r.length != 1 && limits_.remembered > 100)
            require(model_.differing - before == expected);
    }

    void stray(const Record& r) {
        strayed_ = true;
        const auto flags = static_cast<std::uint16_t>(r.raw >> 4);
        segment(r, flags, Seq32{isn_} + (r.raw << 16) + (r.raw & 0xff));
    }

    std::uint32_t isn_;
    bool midway_;
    track::StreamLimits limits_;
    track::StreamReassembler stream_;
    Model model_;
    bool strayed_ = false;  ///< from here on only the shape of what comes out is checked
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan input = std::as_bytes(std::span(data, size));
    if (input.size() < 5) return 0;
    Run run{load_be32(input, 0), load_u8(input, 4)};
    for (std::size_t i = 5; i + 5 <= input.size(); i += 5)
        run.record(
            {load_u8(input, i), load_be16(input, i + 1), load_u8(input, i + 3), load_u8(input, i + 4)});
    run.finish();
    return 0;
}
