#pragma once
// Message boundaries in a byte stream: one codec for the sender, the receiver and the analyser.
//
//     auto decoder = framing->decoder({});
//     decoder->feed(what_recv_returned);                       // any cut of the stream
//     while (auto message = decoder->next()) use(*message);    // whole messages, with their place in the
//     stream
//
// A framing that has lost its place cannot find it again: after an error the decoder stays where it is. What
// is kept between reads is the incomplete message alone, and it grows with what arrived, never with what a
// header claims. Ownership: a message's content points into the fed bytes or into the decoder; it holds until
// the following next() or feed(). Thread rule: pure; each object belongs to one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"

namespace synscope::framing {

struct Limits {
    std::uint64_t max_body = std::uint64_t{16} << 20;  ///< bytes; a header that claims more is an error
};

enum class Fault : std::uint8_t {
    NegativeLength,  ///< the header claims a length below zero
    TooLong,         ///< the body is longer than the limit
    Truncated,       ///< the stream ended inside a message
};
struct FrameError {
    Fault fault = Fault::Truncated;
    std::uint64_t offset = 0;  ///< in the stream: where the message in question begins
    std::int64_t length = 0;   ///< what its header claims; for Truncated: how many of its bytes arrived
    friend bool operator==(const FrameError&, const FrameError&) = default;
};
/// "a length of -1 at byte 12 of the stream": for notes and messages.
[[nodiscard]] std::string fault_text(const FrameError& error);

/// Where a message lies in its stream: header and body, and the body alone.
struct Placed {
    std::uint32_t index = 0;  ///< per stream, from 0
    ByteRange bytes;
    ByteRange body;
    friend bool operator==(const Placed&, const Placed&) = default;
};
struct Message : Placed {
    ByteSpan content;  ///< the body
};

/// One direction's sender. It counts the bytes it made: their order on the stream is the order of the calls.
class Encoder {
  public:
    virtual ~Encoder() = default;
    /// Appends the message to `out`. Fails, leaving `out` alone, with a body longer than the limit.
    virtual Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) = 0;
};

/// One direction's receiver.
class Decoder {
  public:
    virtual ~Decoder() = default;
    /// The next bytes of the stream. Call next() until it has nothing before feeding again.
    virtual void feed(ByteSpan bytes) = 0;
    /// The next whole message; nothing when more bytes are needed, or after an error.
    [[nodiscard]] virtual std::optional<Message> next() = 0;
    [[nodiscard]] virtual std::optional<FrameError> error() const = 0;
    /// What it means that the stream ends here: Truncated, the earlier error, or nothing.
    [[nodiscard]] virtual std::optional<FrameError> at_end() const = 0;
};

struct FramingInfo {
    std::string_view name;
    std::string_view sentence;
    /// Whether it marks where messages begin and end. Without, a "message" is whatever one read returned, and
    /// nobody should speak of messages.
    bool boundaries = false;
    std::unique_ptr<Encoder> (*encoder)(Limits limits) = nullptr;
    std::unique_ptr<Decoder> (*decoder)(Limits limits) = nullptr;
};
/// All framings, in the order in which they are listed.
[[nodiscard]] std::span<const FramingInfo> framings() noexcept;
/// Null when there is none of that name.
[[nodiscard]] const FramingInfo* find_framing(std::string_view name) noexcept;

// One file each.
[[nodiscard]] std::unique_ptr<Encoder> make_none_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_none_decoder(Limits limits);
[[nodiscard]] std::unique_ptr<Encoder> make_len32_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_len32_decoder(Limits limits);

}  // namespace synscope::framing
