#pragma once
// The decoder of framing `http`, for those who need more than messages: what a refused one is answered with,
// and the head of one whose body has not come. Ownership and thread rule as for framing.hpp.

#include "net/framing/framing.hpp"
#include "net/framing/held.hpp"
#include "net/framing/http_head.hpp"

namespace synscope::framing {

class HttpDecoder final : public HoldingDecoder {
  public:
    explicit HttpDecoder(Limits limits) : max_(limits.max_body) {}

    const Message* next() override;
    std::optional<FrameError> at_end() const override;
    void finish() override { ended_ = true; }
    /// What was fed may change from here on, although next() was not called until it had nothing.
    void keep() {
        if (!error_) held_.wait();
    }

    /// After an error: the status of the answer that says so (400, 413, 414, 431, 501, 505).
    [[nodiscard]] int status() const noexcept { return status_; }
    /// The head of the message that is still to come; empty when not even that is there. With its last empty
    /// line; holds until the following next() or feed().
    [[nodiscard]] std::string_view head() const;

  private:
    enum class Part : std::uint8_t { Head, Body, ChunkSize, ChunkData, Trailer, Whole };
    bool step();
    bool find_head();
    bool read_head();
    bool read_body();
    bool read_chunk_size();
    bool read_chunk_data();
    bool read_trailer();
    enum class Line : std::uint8_t { Whole, Unfinished, Refused };
    Line find_line(std::size_t most, int status, std::string_view what);
    [[nodiscard]] std::string_view text() const;
    bool malformed(int status, std::string_view what);
    bool too_long(int status, std::uint64_t length);
    void forget();

    std::uint64_t max_;
    bool ended_ = false;
    int status_ = 0;

    // The next message, as far as it is there. Places count from its first byte.
    Part part_ = Part::Head;
    std::size_t skipped_ = 0;   ///< empty lines before it
    std::size_t at_ = 0;        ///< everything before has been understood
    std::size_t searched_ = 0;  ///< no line feed between at_ and here
    std::size_t head_ = 0;      ///< where the body begins
    HttpBody body_ = HttpBody::None;
    std::uint64_t left_ = 0;   ///< of the body or chunk, to come
    std::uint64_t total_ = 0;  ///< of all chunks
};

}  // namespace synscope::framing
