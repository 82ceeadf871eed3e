#pragma once
// Message boundaries in a byte stream: one codec for the sender, the receiver and the analyser.
//
//     auto decoder = framing->decoder({});
//     decoder->feed(what_recv_returned);                       // any cut of the stream
//     while (auto message = decoder->next()) use(*message);    // whole messages, with their place in the
//     stream
//
// A framing that has lost its place cannot find it again: after an error the decoder stays where it is. What
// is kept between reads is what arrived and is no whole message yet; it grows with what arrived, never with
// what a header claims. Ownership: a message is the decoder's, and its content points into the fed bytes or
// into the decoder; both hold until the following next() or feed(). Thread rule: pure; each object belongs to
// one thread.
//
// Two framings need more than one call after the other, and only callers that want those need to know:
//   - `ready` lets the receiver answer each header before the body comes. What one direction's decoder learns
//     (signal()) is for the other direction's encoder at the same end (hear()); while that one is waiting(),
//     nothing may be encoded. An analyser, which sends nothing, ignores the signals.
//   - `http` has messages that end with the stream: call finish() at its end, and next() once more.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"
#include "net/framing/declaration.hpp"

namespace synscope::framing {

struct Limits {
    std::uint64_t max_body = std::uint64_t{16} << 20;  ///< bytes; a header that claims more is an error
};

enum class Fault : std::uint8_t {
    NegativeLength,  ///< the header claims a length below zero
    TooLong,         ///< the body is longer than the limit
    Truncated,       ///< the stream ended inside a message
    Malformed,       ///< no such message exists: `reason` says why
};
struct FrameError {
    Fault fault = Fault::Truncated;
    std::uint64_t offset = 0;   ///< in the stream: where the message in question begins
    std::int64_t length = 0;    ///< what its header claims; for Truncated: how many of its bytes arrived
    std::string_view reason{};  ///< for Malformed, as a noun: "a header that is not JSON"; lives for ever
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
    ByteSpan content;  ///< what encode() was given: the body; with `http`, head and body
};

/// What a receiver learns that its own side's sender must know.
enum class Signal : std::uint8_t {
    Asked,    ///< the peer has announced a message and waits for our "ready"
    GoAhead,  ///< the peer has said "ready"
};

/// One direction's sender. It counts the bytes it made: their order on the stream is the order of the calls.
class Encoder {
  public:
    virtual ~Encoder() = default;
    /// Appends the message to `out`, or as much of it as may be sent now (see waiting). Fails, leaving `out`
    /// alone, with a body longer than the limit, or one that this framing cannot carry.
    virtual Result<Placed, FrameError> encode(ByteSpan body, std::vector<std::byte>& out) = 0;
    /// The last message is not out yet: its receiver has to say something first. Encode nothing meanwhile.
    [[nodiscard]] virtual bool waiting() const { return false; }
    /// Something that the decoder of the other direction learned; appends what it makes us say.
    virtual void hear(Signal signal, std::vector<std::byte>& out);
};

/// One direction's receiver.
class Decoder {
  public:
    virtual ~Decoder() = default;
    /// The next bytes of the stream. Call next() until it has nothing before feeding again.
    virtual void feed(ByteSpan bytes) = 0;
    /// The next whole message; null when more bytes are needed, or after an error.
    [[nodiscard]] virtual const Message* next() = 0;
    [[nodiscard]] const std::optional<FrameError>& error() const noexcept { return error_; }
    /// What it means that the stream ends here: Truncated, the earlier error, or nothing.
    [[nodiscard]] virtual std::optional<FrameError> at_end() const = 0;
    /// The stream ends here; next() may have one more message.
    virtual void finish() {}
    /// The next thing for the other direction's encoder, in the order of the stream; it holds until the
    /// following feed().
    [[nodiscard]] virtual std::optional<Signal> signal() { return std::nullopt; }

  protected:
    std::optional<FrameError> error_;  ///< from then on nothing is found
    Message found_;                    ///< what next() has found last
};

struct FramingInfo {
    std::string_view name;
    std::string_view sentence;
    /// Whether it marks where messages begin and end. Without, a "message" is whatever one read returned, and
    /// nobody should speak of messages.
    bool boundaries = false;
    std::unique_ptr<Encoder> (*make_encoder)(Limits limits) = nullptr;  ///< null when it is declared
    std::unique_ptr<Decoder> (*make_decoder)(Limits limits) = nullptr;
    /// A few messages that it can carry, the awkward ones among them: for tests and demonstrations.
    std::span<const std::string_view> examples{};
    std::optional<Declaration> declared{};
    /// Its receiver speaks in the middle of a message. Without, no decoder has a signal() and no encoder is
    /// waiting(): nobody needs to ask.
    bool takes_turns = false;

    [[nodiscard]] std::unique_ptr<Encoder> encoder(Limits limits) const;
    [[nodiscard]] std::unique_ptr<Decoder> decoder(Limits limits) const;
};
/// All framings, in the order in which they are listed.
[[nodiscard]] std::span<const FramingInfo> framings() noexcept;
/// Null when there is none of that name.
[[nodiscard]] const FramingInfo* find_framing(std::string_view name) noexcept;
/// The framing of that name, or the one that the text declares (declaration.hpp); nothing when it is neither.
[[nodiscard]] std::optional<FramingInfo> framing_named(std::string_view text) noexcept;

// One file each.
[[nodiscard]] std::unique_ptr<Encoder> make_none_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_none_decoder(Limits limits);
[[nodiscard]] std::unique_ptr<Encoder> make_line_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_line_decoder(Limits limits);
[[nodiscard]] std::unique_ptr<Encoder> make_len32_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_len32_decoder(Limits limits);
[[nodiscard]] std::unique_ptr<Encoder> make_len32be_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_len32be_decoder(Limits limits);
[[nodiscard]] std::unique_ptr<Encoder> make_ready_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_ready_decoder(Limits limits);
[[nodiscard]] std::unique_ptr<Encoder> make_json_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_json_decoder(Limits limits);
[[nodiscard]] std::unique_ptr<Encoder> make_http_encoder(Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_http_decoder(Limits limits);

}  // namespace synscope::framing
