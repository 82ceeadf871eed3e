#include "capture/source/unpack.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "capture/source/byte_window.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr std::uint16_t kGzipMagic = 0x1f8b;          // RFC 1952 section 2.3.1
constexpr std::uint32_t kZstdMagic = 0xfd2fb528;      // RFC 8878 section 3.1.1
constexpr std::uint32_t kZstdSkippable = 0x184d2a50;  // section 3.1.2: the last four bits are free
constexpr int kZstdWindowLog = 27;                    // 128 MiB, what `zstd -d` accepts unasked
constexpr std::size_t kMagicBytes = 4;

enum class Packing { None, Gzip, Zstd };

Packing packing_of(ByteSpan bytes) {
    if (bytes.size() >= 2 && load_be16(bytes, 0) == kGzipMagic) return Packing::Gzip;
    if (bytes.size() < kMagicBytes) return Packing::None;
    const std::uint32_t magic = load_le32(bytes, 0);
    if (magic == kZstdMagic || (magic & 0xfffffff0u) == kZstdSkippable) return Packing::Zstd;
    return Packing::None;
}

/// What one step of a decoder did.
struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool between = false;  ///< a member or frame is complete
    std::string damage;    ///< why it cannot go on
};

class Decoder {
  public:
    virtual ~Decoder() = default;
    virtual Step step(ByteSpan in, MutableByteSpan out) = 0;
    /// After a complete member or frame: another begins.
    virtual void restart() = 0;
};

class GzipDecoder final : public Decoder {
  public:
    GzipDecoder() { ready_ = ::inflateInit2(&stream_, kWindowBits + kGzipOnly) == Z_OK; }
    GzipDecoder(const GzipDecoder&) = delete;
    GzipDecoder& operator=(const GzipDecoder&) = delete;
    ~GzipDecoder() override { ::inflateEnd(&stream_); }

    Step step(ByteSpan in, MutableByteSpan out) override {
        if (!ready_) return {0, 0, false, "there is no memory to unpack the capture"};
        constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
        const auto in_size = static_cast<uInt>(std::min(in.size(), kMost));
        const auto out_size = static_cast<uInt>(std::min(out.size(), kMost));
        // zlib does not write to its input; its interface is older than const. Bytes as bytes.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
        stream_.avail_in = in_size;
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = out_size;
        const int status = ::inflate(&stream_, Z_NO_FLUSH);
        Step step{in_size - stream_.avail_in, out_size - stream_.avail_out, status == Z_STREAM_END, ""};
        if (status == Z_NEED_DICT || status == Z_DATA_ERROR || status == Z_STREAM_ERROR)
            step.damage = concat("the compressed capture is damaged",
                                 stream_.msg != nullptr ? concat(" (", stream_.msg, ")") : std::string());
        if (status == Z_MEM_ERROR) step.damage = "there is no memory to unpack the capture";
        return step;
    }
    void restart() override { ::inflateReset(&stream_); }

  private:
    static constexpr int kWindowBits = 15;
    static constexpr int kGzipOnly = 16;  // zlib.h: "add 16 to decode only the gzip format"
    z_stream stream_{};
    bool ready_ = false;
};

class ZstdDecoder final : public Decoder {
  public:
    ZstdDecoder() : context_(ZSTD_createDCtx()) {
        if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kZstdWindowLog);
    }
    ZstdDecoder(const ZstdDecoder&) = delete;
    ZstdDecoder& operator=(const ZstdDecoder&) = delete;
    ~ZstdDecoder() override { ZSTD_freeDCtx(context_); }

    Step step(ByteSpan in, MutableByteSpan out) override {
        if (context_ == nullptr) return {0, 0, false, "there is no memory to unpack the capture"};
        ZSTD_inBuffer input{in.data(), in.size(), 0};
        ZSTD_outBuffer output{out.data(), out.size(), 0};
        const std::size_t status = ZSTD_decompressStream(context_, &output, &input);
        Step step{input.pos, output.pos, status == 0, ""};
        if (ZSTD_isError(status) != 0)
            step.damage = concat("the compressed capture is damaged (", ZSTD_getErrorName(status), ")");
        return step;
    }
    void restart() override { ZSTD_DCtx_reset(context_, ZSTD_reset_session_only); }

  private:
    ZSTD_DCtx* context_;
};

class UnpackedFeed final : public ByteFeed {
  public:
    UnpackedFeed(std::unique_ptr<ByteFeed> packed, std::unique_ptr<Decoder> decoder, Packing packing,
                 std::string name)
        : packed_(std::move(packed)),
          decoder_(std::move(decoder)),
          packing_(packing),
          name_(std::move(name)) {}

    Result<ByteSpan, UserError> peek(std::size_t count) override {
        while (window_.size() < count && !finished_ && !error_)
            unpack_more();
        if (window_.size() < count && error_) return failure(*error_);
        return window_.bytes();
    }
    void skip(std::size_t count) override { window_.skip(count); }
    std::uint64_t offset() const noexcept override { return window_.offset(); }
    bool mapped() const noexcept override { return false; }
    bool unpacked() const noexcept override { return true; }

  private:
    void fail(std::string what) {
        error_ =
            UserError{std::move(what), concat(name_, ", byte ", packed_->offset(), " of the compressed file"),
                      "what came before it is kept"};
    }

    /// One step: either bytes come out, or the end, or an error.
    void unpack_more() {
        const auto in = packed_->peek(between_ ? kMagicBytes : 1);
        if (!in) {
            error_ = in.error();
            return;
        }
        if (between_) {
            if (in->empty() || only_zeros(*in)) {
                finished_ = true;
                return;
            }
            if (packing_of(*in) != packing_) return fail("something else follows the compressed capture");
            decoder_->restart();
            between_ = false;
        }
        const Step step = decoder_->step(in->first(std::min(in->size(), kMostAtOnce)), window_.room());
        window_.filled(step.produced);
        // A file that is cut while it is read gives zeros: what was made of them is not the capture's.
        if (packed_->offset() + step.consumed > packed_->intact())
            return fail("the file was cut off while it was read");
        packed_->skip(step.consumed);
        between_ = step.between;
        if (!step.damage.empty()) return fail(step.damage);
        if (step.consumed == 0 && step.produced == 0 && !between_)
            fail(in->empty() ? "the compressed capture is cut off" : "the compressed capture is damaged");
    }

    /// Blocks of tapes and some downloads are padded with zeros.
    static bool only_zeros(ByteSpan bytes) {
        return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
    }

    /// So that what is read at once of a mapped file stays checked in small steps.
    static constexpr std::size_t kMostAtOnce = 256 * 1024;

    std::unique_ptr<ByteFeed> packed_;
    std::unique_ptr<Decoder> decoder_;
    Packing packing_;
    std::string name_;
    ByteWindow window_;
    bool between_ = false;
    bool finished_ = false;
    std::optional<UserError> error_;
};

}  // namespace

Result<std::unique_ptr<ByteFeed>, UserError> unpacked(std::unique_ptr<ByteFeed> feed, std::string name) {
    const auto bytes = feed->peek(kMagicBytes);
    if (!bytes) return failure(bytes.error());
    const Packing packing = packing_of(*bytes);
    if (packing == Packing::None) return feed;
    std::unique_ptr<Decoder> decoder;
    if (packing == Packing::Gzip)
        decoder = std::make_unique<GzipDecoder>();
    else
        decoder = std::make_unique<ZstdDecoder>();
    return std::make_unique<UnpackedFeed>(std::move(feed), std::move(decoder), packing, std::move(name));
}

}  // namespace synscope::source
