#include "net/service/conversation.hpp"

#include <utility>

namespace synscope::service {

Conversation::Conversation(ConnectionKey key, const framing::FramingInfo& framing, Surroundings& around)
    : key_(key),
      around_(around),
      boundaries_(framing.boundaries),
      encoder_(framing.encoder({})),
      decoder_(framing.decoder({})) {}

void Conversation::begin(std::unique_ptr<Session> session) {
    session_ = std::move(session);
    session_->on_boundaries(boundaries_);
    session_->on_open(asked_);
    carry_out();
}

std::optional<framing::Placed> Conversation::next() {
    do {
        message_.reset();
        deaf_ = closing_ && !unsaid();
        if (deaf_) return std::nullopt;
        message_ = decoder_->next();
        hear();
        // Who is about to close takes no more messages; it only waits for leave to send the rest.
    } while (message_ && closing_);
    if (message_) return *message_;
    if (const auto error = decoder_->error(); error && !broken_) broken(*error);
    return std::nullopt;
}

/// What the receiving side learned that the sending side must know.
void Conversation::hear() {
    while (const auto signal = decoder_->signal())
        encoder_->hear(*signal, output_);
    while (!queued_.empty() && !encoder_->waiting()) {
        encode(queued_.front());
        queued_bytes_ -= queued_.front().size();
        queued_.pop_front();
    }
}

void Conversation::answer() {
    session_->on_message(message_->content, asked_);
    carry_out();
}

void Conversation::eof() {
    saw_eof_ = true;
    if (closing_) return;
    if (const auto error = decoder_->at_end()) return broken(*error);
    session_->on_eof(asked_);
    carry_out();
}

void Conversation::sent(std::size_t bytes) {
    written_ += bytes;
    if (written_ == output_.size()) {
        output_.clear();
        written_ = 0;
    } else if (written_ >= kHighWater) {
        output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(written_));
        written_ = 0;
    }
}

void Conversation::reply(ByteSpan body) {
    if (!encoder_->waiting() && queued_.empty()) return encode(body);
    if (saw_eof_) return;  // nobody will ask for it
    queued_.emplace_back(body.begin(), body.end());
    queued_bytes_ += body.size();
}

void Conversation::encode(ByteSpan body) {
    if (broken_) return;
    if (const auto placed = encoder_->encode(body, output_))
        around_.framed_out(*placed);
    else
        broken(placed.error());
}

/// The stream makes no sense from here on: what was answered is still written, then the connection goes.
void Conversation::broken(const framing::FrameError& error) {
    around_.broken(error);
    closing_ = true;
    broken_ = true;
}

/// Does what the session asked for, in order, and what it asks for on hearing the results.
void Conversation::carry_out() {
    for (;;) {
        if (broken_) {
            // A session that asks for room to say more would be told for ever that there is some.
            doing_.clear();
            asked_.clear();
            at_ = 0;
            return;
        }
        if (at_ == doing_.list().size()) {
            doing_.clear();
            at_ = 0;
            if (asked_.list().empty()) return;
            std::swap(doing_, asked_);
        }
        const Effect& effect = doing_.list()[at_];
        // A file is read, and a long answer made, no faster than its receiver reads us; go_on() continues
        // here.
        const bool asks_for_room =
            std::holds_alternative<ReadFile>(effect) || std::holds_alternative<WaitForRoom>(effect);
        if (asks_for_room && held() >= kHighWater) return;
        ++at_;
        std::visit([this](const auto& e) { carry_out(e); }, effect);
    }
}

void Conversation::carry_out(const SendTo& e) {
    if (e.to == key_) return reply(doing_.bytes(e.bytes));
    const auto refusal = around_.send_to(e.to, doing_.bytes(e.bytes));
    if (refusal && e.request) tell({*e.request, Refused{*refusal, 0}});
}

}  // namespace synscope::service
