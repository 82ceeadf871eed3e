#include "net/service/conversation.hpp"

#include <utility>

namespace synscope::service {

/// A call: has a place to work while it lasts.
class Conversation::Working {
  public:
    explicit Working(Conversation& talk) : talk_(talk) {
        if (!talk_.waiting_ && talk_.shared_ == nullptr) talk_.waiting_ = std::make_unique<Workplace>();
        talk_.work_ = talk_.waiting_ ? talk_.waiting_.get() : talk_.shared_;
    }
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;
    ~Working() {
        Workplace& work = *std::exchange(talk_.work_, nullptr);
        if (work.done())
            talk_.waiting_.reset();
        else if (!talk_.waiting_)
            talk_.waiting_ = std::make_unique<Workplace>(std::exchange(work, {}));
    }

  private:
    Conversation& talk_;
};

Conversation::Conversation(ConnectionKey key, const framing::FramingInfo& framing, Surroundings& around,
                           Workplace* shared)
    : key_(key),
      around_(around),
      boundaries_(framing.boundaries),
      takes_turns_(framing.takes_turns),
      encoder_(framing.encoder({})),
      decoder_(framing.decoder({})),
      shared_(shared) {}

void Conversation::begin(std::unique_ptr<Session> session) {
    session_ = std::move(session);
    session_->on_boundaries(boundaries_);
    const Working working{*this};
    session_->on_open(work_->asked);
    carry_out();
}

const framing::Placed* Conversation::next() {
    do {
        message_ = nullptr;
        deaf_ = closing_ && !unsaid();
        if (deaf_) return nullptr;
        message_ = decoder_->next();
        if (takes_turns_) hear();
        // Who is about to close takes no more messages; it only waits for leave to send the rest.
    } while (message_ != nullptr && closing_);
    if (message_ == nullptr && decoder_->error() && !broken_) broken(*decoder_->error());
    return message_;
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
    const Working working{*this};
    session_->on_message(message_->content, work_->asked);
    carry_out();
}

void Conversation::eof() {
    saw_eof_ = true;
    if (closing_) return;
    if (const auto error = decoder_->at_end()) return broken(*error);
    const Working working{*this};
    session_->on_eof(work_->asked);
    carry_out();
}

void Conversation::go_on() {
    const Working working{*this};
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
    if (may_encode()) return encode(body);
    if (saw_eof_) return;  // nobody will ask for it
    queued_.emplace_back(body.begin(), body.end());
    queued_bytes_ += body.size();
}

void Conversation::encode(ByteSpan body) {
    if (broken_) return;
    const auto placed = encoder_->encode(body, output_);
    if (!placed) return broken(placed.error());
    if (around_.follows_messages()) around_.framed_out(*placed);
}

/// The stream makes no sense from here on: what was answered is still written, then the connection goes.
void Conversation::broken(const framing::FrameError& error) {
    around_.broken(error);
    closing_ = true;
    broken_ = true;
}

/// Does what the session asked for, in order, and what it asks for on hearing the results.
void Conversation::carry_out() {
    auto& [asked, doing, at] = *work_;
    for (;;) {
        if (broken_) {
            // A session that asks for room to say more would be told for ever that there is some.
            doing.clear();
            asked.clear();
            at = 0;
            return;
        }
        if (at == doing.list().size()) {
            doing.clear();
            at = 0;
            if (asked.list().empty()) return;
            std::swap(doing, asked);
        }
        const Effect& effect = doing.list()[at];
        // A file is read, and a long answer made, no faster than its receiver reads us; go_on() continues
        // here.
        const bool asks_for_room =
            std::holds_alternative<ReadFile>(effect) || std::holds_alternative<WaitForRoom>(effect);
        if (asks_for_room && held() >= kHighWater) return;
        ++at;
        carry_out(effect);
    }
}

void Conversation::carry_out(const Effect& effect) {
    if (const auto* reply = std::get_if<Reply>(&effect)) return carry_out(*reply);  // nearly always
    std::visit([this](const auto& e) { carry_out(e); }, effect);
}

void Conversation::carry_out(const SendTo& e) {
    if (e.to == key_) return reply(work_->doing.bytes(e.bytes));
    const auto refusal = around_.send_to(e.to, work_->doing.bytes(e.bytes));
    if (refusal && e.request) tell({*e.request, Refused{*refusal, 0}});
}

}  // namespace synscope::service
