#include "ui/app/follow_output.hpp"

#include <cstdio>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::app {

void Complaints::say(const std::string& sentence) {
    if (++count_ > kMost) return;
    const std::string line = concat("synscope: ", render::direction_text(direction_), ": ", sentence, '\n');
    std::fputs(line.c_str(), stderr);
}

void Complaints::finish() const {
    if (count_ <= kMost) return;
    const std::string line = concat("synscope: ", render::direction_text(direction_), ": and ",
                                    count_ - kMost, " more such places\n");
    std::fputs(line.c_str(), stderr);
}

FollowedStream::FollowedStream(Direction direction, FollowOutput& output, const framing::FramingInfo* framing)
    : complaints(direction),
      direction_(direction),
      output_(output),
      framing_(framing),
      decoder_(framing != nullptr ? framing->decoder({}) : nullptr) {}

void FollowedStream::bytes(std::uint64_t offset, ByteSpan run) {
    if (!decoder_) {
        output_.bytes(direction_, offset, run);
        return;
    }
    if (lost_place_) return;
    decoder_->feed(run);
    hand_out_messages();
    if (const auto error = decoder_->error()) say_framing_error(*error);
}

void FollowedStream::hand_out_messages() {
    while (const auto message = decoder_->next())
        output_.message(direction_, message->index, message->bytes.begin + gap_bytes_, message->content);
}

void FollowedStream::gap(const track::StreamGap& gap) {
    complaints.say(render::gap_text(gap));
    gap_bytes_ += gap.bytes.size();
    // What begins behind the gap may be the middle of a message.
    if (decoder_ && framing_->boundaries && !std::exchange(lost_place_, true))
        complaints.say(concat("no messages behind offset ", gap.bytes.begin,
                              ": where the next one begins cannot be told"));
}

void FollowedStream::notice(const track::StreamNotice& notice) {
    complaints.say(render::notice_text(notice));
}

void FollowedStream::say_framing_error(const framing::FrameError& error) {
    if (!std::exchange(lost_place_, true))
        complaints.say(concat("no messages from here on: ", framing::fault_text(error)));
}

void FollowedStream::finish() {
    reassembler.finish(*this);
    if (decoder_ && !lost_place_) {
        decoder_->finish();
        hand_out_messages();
        if (const auto error = decoder_->at_end()) say_framing_error(*error);
    }
    complaints.finish();
}

FollowOutput::FollowOutput(TextOutput out, FollowForm form) : out_(std::move(out)), form_(form) {
    if (form_ == FollowForm::Messages) write(render::message_header());
}

void FollowOutput::write(std::string_view text) {
    if (wanted_) wanted_ = out_.write(text);
}

void FollowOutput::bytes(Direction direction, std::uint64_t offset, ByteSpan run) {
    if (form_ == FollowForm::Raw) {
        write({reinterpret_cast<const char*>(run.data()), run.size()});
        return;
    }
    lines_.bytes(direction, offset, run, text_);
    write(std::exchange(text_, {}));
}

void FollowOutput::message(Direction direction, std::uint64_t index, std::uint64_t offset, ByteSpan body) {
    if (form_ == FollowForm::Raw) {
        write({reinterpret_cast<const char*>(body.data()), body.size()});
        return;
    }
    render::append_message(text_, direction, index, offset, body);
    write(std::exchange(text_, {}));
}

Result<void, UserError> FollowOutput::finish() {
    lines_.flush(text_);
    write(text_);
    return out_.finish();
}

}  // namespace synscope::app
