#pragma once
// Where the bytes of `synscope follow` go: a conversation as it was (raw), as lines of text, or as messages;
// and what is missing from it, told on standard error. Thread rule: one thread.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "capture/track/reassembly.hpp"
#include "net/framing/framing.hpp"
#include "ui/app/output.hpp"
#include "ui/render/stream_text.hpp"

namespace synscope::app {

enum class FollowForm : std::uint8_t { Raw, Text, Messages };

/// Says what is wrong with one direction: the first kMost things as they turn up, the rest as a number.
class Complaints {
  public:
    static constexpr std::uint64_t kMost = 20;
    explicit Complaints(Direction direction) : direction_(direction) {}
    void say(const std::string& sentence);
    void finish() const;

  private:
    Direction direction_;
    std::uint64_t count_ = 0;
};

class FollowOutput;

/// One direction of a stream on its way to the output.
class FollowedStream final : public track::StreamSink {
  public:
    /// Without `framing`, bytes; with it, messages. `output` must outlive the stream.
    FollowedStream(Direction direction, FollowOutput& output, const framing::FramingInfo* framing);
    void bytes(std::uint64_t offset, ByteSpan run) override;
    void gap(const track::StreamGap& gap) override;
    void notice(const track::StreamNotice& notice) override;
    /// Nothing more will come: says what the end cuts off.
    void finish();

    track::StreamReassembler reassembler;
    Complaints complaints;

  private:
    void hand_out_messages();
    void say_framing_error(const framing::FrameError& error);
    Direction direction_;
    FollowOutput& output_;
    const framing::FramingInfo* framing_;
    std::unique_ptr<framing::Decoder> decoder_;
    std::uint64_t gap_bytes_ = 0;  ///< the decoder's offsets do not count them
    bool lost_place_ = false;
};

class FollowOutput {
  public:
    FollowOutput(TextOutput out, FollowForm form);
    void bytes(Direction direction, std::uint64_t offset, ByteSpan run);
    void message(Direction direction, std::uint64_t index, std::uint64_t offset, ByteSpan body);
    /// False once nobody reads any more or writing failed.
    [[nodiscard]] bool wanted() const noexcept { return wanted_; }
    Result<void, UserError> finish();

  private:
    void write(std::string_view text);
    TextOutput out_;
    FollowForm form_;
    render::StreamText lines_;
    std::string text_;  ///< one call's lines
    bool wanted_ = true;
};

}  // namespace synscope::app
