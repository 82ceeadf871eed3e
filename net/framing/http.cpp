// Framing `http`: HTTP/1.x messages (RFC 9112), requests or responses. A head ends with an empty line; how
// long the body behind it is says Content-Length, or the chunks say it themselves, or the connection's end.
//
// A message's content is the whole of it, head and body as they were sent: the head says what it is. One
// direction cannot know everything: a response to HEAD carries the length of a body that never comes, and is
// waited for in vain.
#include <algorithm>
#include <limits>

#include "net/framing/http_decoder.hpp"

namespace synscope::framing {

namespace {

constexpr std::size_t kMostEmptyLines = 8;  ///< before a message (RFC 9112 section 2.2 asks for one)
constexpr std::size_t kMostStartLine = 8192;
constexpr std::size_t kMostChunkLine = 1024;  ///< extensions are rarely used and easily abused
constexpr std::size_t kMostTrailer = 16384;

class HttpEncoder final : public Encoder {
  public:
    explicit HttpEncoder(Limits limits) : limits_(limits) {}

    Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) override {
        HttpDecoder check{limits_};
        check.feed(body);
        check.finish();
        const Message* message = check.next();
        if (auto error = check.error()) {
            error->offset = offset_;
            return failure(*error);
        }
        if (!message || message->content.size() != body.size())
            return failure(FrameError{Fault::Malformed, offset_, static_cast<std::int64_t>(body.size()),
                                      "what is not exactly one HTTP message"});
        out.insert(out.end(), body.begin(), body.end());
        const ByteRange bytes{offset_, offset_ + body.size()};
        offset_ = bytes.end;
        return Placed{index_++, bytes, {bytes.begin + message->body.begin, bytes.end}};
    }

  private:
    Limits limits_;
    std::uint64_t offset_ = 0;
    std::uint32_t index_ = 0;
};

}  // namespace

std::string_view HttpDecoder::text() const {
    const ByteSpan view = held_.view();
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}

std::string_view HttpDecoder::head() const {
    return head_ > 0 ? text().substr(skipped_, head_ - skipped_) : std::string_view{};
}

const Message* HttpDecoder::next() {
    if (error_) return nullptr;
    while (part_ != Part::Whole && step()) {
    }
    if (part_ != Part::Whole) {
        held_.wait();
        return nullptr;
    }
    const ByteRange bytes{offset_, offset_ + at_};
    found_ = {{index_++, bytes, {bytes.begin + head_, bytes.end}},
              held_.view().subspan(skipped_, at_ - skipped_)};
    held_.use(at_);
    offset_ = bytes.end;
    forget();
    return &found_;
}

std::optional<FrameError> HttpDecoder::at_end() const {
    const std::size_t rest = held_.view().size();
    const bool by_end = part_ == Part::Body && body_ == HttpBody::UntilEnd;
    if (error_ || rest == skipped_ || by_end) return error_;
    return FrameError{Fault::Truncated, offset_, static_cast<std::int64_t>(rest)};
}

/// Takes one part further; false when more bytes are needed, or something is wrong.
bool HttpDecoder::step() {
    switch (part_) {
        case Part::Head:
            return find_head();
        case Part::Body:
            return read_body();
        case Part::ChunkSize:
            return read_chunk_size();
        case Part::ChunkData:
            return read_chunk_data();
        case Part::Trailer:
            return read_trailer();
        case Part::Whole:
            break;
    }
    return false;
}

/// Moves searched_ behind the end of the line that begins at at_. `most` bytes may lie between at_ and there;
/// with more, `status` answers.
HttpDecoder::Line HttpDecoder::find_line(std::size_t most, int status, std::string_view what) {
    const std::string_view all = text();
    searched_ = std::max(searched_, at_);
    const std::size_t end = all.find('\n', searched_);
    if (std::min(end, all.size()) - at_ >= most) {
        too_long(status, at_ + most);
        return Line::Refused;
    }
    if (end == std::string_view::npos) {
        searched_ = all.size();
        return Line::Unfinished;
    }
    // RFC 9112 section 2.2 lets a receiver take a bare LF for a line's end; two receivers then disagree.
    if (end == at_ || all[end - 1] != '\r') {
        malformed(400, what);
        return Line::Refused;
    }
    searched_ = end + 1;
    return Line::Whole;
}

bool HttpDecoder::find_head() {
    const std::size_t seen = at_ - skipped_;
    const std::size_t most = seen == 0 ? kMostStartLine : kMostHttpHead - std::min(seen, kMostHttpHead);
    if (find_line(most, seen == 0 ? 414 : 431, "a line that ends without CR") != Line::Whole) return false;
    const bool empty = searched_ - at_ == 2;
    at_ = searched_;
    if (!empty) return true;
    if (seen > 0) return read_head();
    skipped_ += 2;
    return skipped_ <= 2 * kMostEmptyLines || malformed(400, "empty lines instead of a message");
}

bool HttpDecoder::read_head() {
    head_ = at_;
    const auto head = read_http_head(this->head());
    if (!head) return malformed(head.error().status, head.error().what);
    body_ = head->body;
    left_ = head->length;
    if (body_ == HttpBody::Length && left_ > max_) return too_long(413, left_);
    part_ = body_ == HttpBody::None ? Part::Whole : body_ == HttpBody::Chunked ? Part::ChunkSize : Part::Body;
    return true;
}

bool HttpDecoder::read_body() {
    const std::size_t there = held_.view().size() - at_;
    if (body_ == HttpBody::Length) {
        if (there < left_) return false;
        at_ += static_cast<std::size_t>(left_);
    } else {
        if (there > max_) return too_long(413, max_ + 1);
        if (!ended_) return false;
        at_ += there;
    }
    part_ = Part::Whole;
    return true;
}

/// chunk-size [ chunk-ext ] CRLF (RFC 9112 section 7.1).
bool HttpDecoder::read_chunk_size() {
    if (find_line(kMostChunkLine, 400, "a chunk size that ends without CR") != Line::Whole) return false;
    std::string_view line = text().substr(at_, searched_ - at_ - 2);
    line = line.substr(0, line.find(';'));
    const auto end = line.find_last_not_of(" \t");
    const auto size = whole_number(line.substr(0, end == std::string_view::npos ? 0 : end + 1), 16);
    if (!size) return malformed(400, "a chunk size that is no number");
    at_ = searched_;
    total_ += *size;
    if (*size > max_ || total_ > max_) return too_long(413, total_);
    left_ = *size;
    part_ = *size > 0 ? Part::ChunkData : Part::Trailer;
    return true;
}

bool HttpDecoder::read_chunk_data() {
    const std::string_view all = text();
    const auto size = static_cast<std::size_t>(left_);
    if (all.size() - at_ < size + 2) return false;
    if (all.substr(at_ + size, 2) != "\r\n") return malformed(400, "a chunk that is not as long as it says");
    at_ += size + 2;
    part_ = Part::ChunkSize;
    return true;
}

/// Fields behind the last chunk; nothing here uses them.
bool HttpDecoder::read_trailer() {
    if (find_line(kMostTrailer, 431, "a trailer line that ends without CR") != Line::Whole) return false;
    const bool empty = searched_ - at_ == 2;
    left_ += searched_ - at_;
    at_ = searched_;
    if (left_ > kMostTrailer) return too_long(431, left_);
    if (empty) part_ = Part::Whole;
    return true;
}

bool HttpDecoder::malformed(int status, std::string_view what) {
    error_ = FrameError{Fault::Malformed, offset_, 0, what};
    status_ = status;
    return false;
}
bool HttpDecoder::too_long(int status, std::uint64_t length) {
    const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    error_ = FrameError{Fault::TooLong, offset_, static_cast<std::int64_t>(std::min(length, most))};
    status_ = status;
    return false;
}

void HttpDecoder::forget() {
    part_ = Part::Head;
    body_ = HttpBody::None;
    skipped_ = at_ = searched_ = head_ = 0;
    left_ = total_ = 0;
}

std::unique_ptr<Encoder> make_http_encoder(Limits limits) {
    return std::make_unique<HttpEncoder>(limits);
}
std::unique_ptr<Decoder> make_http_decoder(Limits limits) {
    return std::make_unique<HttpDecoder>(limits);
}

}  // namespace synscope::framing
