#pragma once
// One connection above the socket: framing in, service, effects, framing out. The same on real sockets
// (net/host) and in virtual time (sim/run).
//
//     Conversation talk{key, framing, around};
//     talk.begin(service.open(key, peer));
//     talk.feed(what_recv_returned);
//     while (const auto message = talk.next()) talk.answer();  // between the two the server may think
//     ... send talk.output(), then talk.sent(n), until demand() says close ...
//
// Memory is bounded: a conversation that holds more than kHighWater bytes of output takes no more input and
// starts no more file reads until its peer has read some. Ownership: the session is the conversation's,
// Surroundings the caller's. Thread rule: pure; one call at a time.

#include <list>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "net/base/event.hpp"
#include "net/framing/framing.hpp"
#include "net/service/service.hpp"

namespace synscope::service {

/// What a conversation needs of whoever carries it. Called from within the conversation's functions; must not
/// call back.
class Surroundings {
  public:
    virtual ~Surroundings() = default;
    /// Whether framed_out() tells anybody anything.
    [[nodiscard]] bool follows_messages() const noexcept { return follows_messages_; }
    /// A message was put into the outgoing stream.
    virtual void framed_out(const framing::Placed& placed) = 0;
    /// The stream makes no sense from here on; the conversation will be closed.
    virtual void broken(const framing::FrameError& error) = 0;
    /// For another connection of the same server; why not, when it was dropped.
    virtual std::optional<Refusal> send_to(ConnectionKey to, ByteSpan message) = 0;
    /// Files and commands; the answer is given to the session at once.
    virtual EffectResult open_file(const OpenFile& request) = 0;
    /// The bytes hold until the next call.
    virtual EffectResult read_file(const ReadFile& request) = 0;
    virtual EffectResult append_file(const AppendFile& request, ByteSpan bytes) = 0;
    virtual EffectResult commit_file(const CommitFile& request) = 0;
    virtual void close_file(const CloseFile& request) = 0;
    virtual EffectResult list_folder(const ListFolder& request) = 0;
    virtual EffectResult run_command(const RunCommand& request) = 0;

  protected:
    explicit Surroundings(bool follows_messages = true) noexcept : follows_messages_(follows_messages) {}

  private:
    const bool follows_messages_;
};

class Conversation {
  public:
    static constexpr std::size_t kHighWater = std::size_t{256} << 10;

    /// Where effects are done, for the length of a call. Nearly always all of them are, and then one place
    /// may serve all conversations of a thread: the processor still has it at hand, and a thousand silent
    /// conversations hold none. Effects that have to wait stay with the conversation that they are of.
    struct Workplace {
        Effects asked;       ///< by the session, not begun
        Effects doing;       ///< being done, from `at` on
        std::size_t at = 0;  ///< in `doing`
        [[nodiscard]] bool done() const noexcept { return at == doing.list().size() && asked.list().empty(); }
    };

    /// `shared`: outlives it, and no other conversation uses it at the same time; null: one of its own.
    Conversation(ConnectionKey key, const framing::FramingInfo& framing, Surroundings& around,
                 Workplace* shared = nullptr);
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    /// The connection is there; a service that speaks first speaks now.
    void begin(std::unique_ptr<Session> session);
    /// The session ends before the conversation does, where a service's turn must be held for it.
    void end() noexcept { session_.reset(); }

    // ---- in
    void feed(ByteSpan bytes) {
        if (!deaf_) decoder_->feed(bytes);
    }
    /// The next whole message, which answer() will give to the service; null when more bytes are needed, or
    /// nothing more is answered. Holds until the next call.
    [[nodiscard]] const framing::Placed* next();
    void answer();
    /// The peer will send no more.
    void eof();
    /// A message to the peer: of the session, or one that another connection has left for this one (whoever
    /// passes those on asks has_room() first).
    void reply(ByteSpan body);
    [[nodiscard]] bool has_room() const noexcept { return held() < kHighWater; }

    // ---- out
    /// What is to be sent next; holds until the next call on this object.
    [[nodiscard]] ByteSpan output() const { return ByteSpan{output_}.subspan(written_); }
    void sent(std::size_t bytes);
    /// Something waited for the output to be read, and need not any longer: call go_on().
    [[nodiscard]] bool can_go_on() const noexcept { return waiting_ && held() < kHighWater; }
    void go_on();
    void half_closed() noexcept { half_closed_ = true; }

    [[nodiscard]] bool wants_to_write() const noexcept { return written_ < output_.size(); }
    [[nodiscard]] bool wants_to_read() const noexcept {
        return output_.size() - written_ < kHighWater && (!closing_ || unsaid());
    }
    [[nodiscard]] bool wants_half_close() const noexcept {
        return half_close_asked_ && !half_closed_ && !wants_to_write() && !unsaid();
    }
    [[nodiscard]] bool wants_to_close() const noexcept { return closing_ && !wants_to_write() && !unsaid(); }
    [[nodiscard]] bool saw_eof() const noexcept { return saw_eof_; }

  private:
    /// Bytes for the peer that it has not read.
    [[nodiscard]] std::size_t held() const noexcept { return output_.size() - written_ + queued_bytes_; }
    /// The peer has to say something before it gets the rest (framing `ready`), and still may.
    [[nodiscard]] bool unsaid() const noexcept {
        return takes_turns_ && !saw_eof_ && !broken_ && !deaf_ && encoder_->waiting();
    }
    [[nodiscard]] bool may_encode() const {
        return !takes_turns_ || (!encoder_->waiting() && queued_.empty());
    }
    class Working;
    void hear();
    void encode(ByteSpan body);
    void broken(const framing::FrameError& error);
    void carry_out();
    void carry_out(const Effect& effect);
    void carry_out(const Reply& e) { reply(work_->doing.bytes(e.bytes)); }
    void carry_out(const SendTo& e);
    void carry_out(const Close&) { closing_ = true; }
    void carry_out(const HalfClose&) { half_close_asked_ = true; }
    void carry_out(const OpenFile& e) { tell(around_.open_file(e)); }
    void carry_out(const ReadFile& e) { tell(around_.read_file(e)); }
    void carry_out(const AppendFile& e) { tell(around_.append_file(e, work_->doing.bytes(e.bytes))); }
    void carry_out(const CommitFile& e) { tell(around_.commit_file(e)); }
    void carry_out(const CloseFile& e) { around_.close_file(e); }
    void carry_out(const ListFolder& e) { tell(around_.list_folder(e)); }
    void carry_out(const RunCommand& e) { tell(around_.run_command(e)); }
    void carry_out(const WaitForRoom& e) { tell({e.request, HasRoom{}}); }
    void tell(const EffectResult& result) { session_->on_effect_result(result, work_->asked); }

    ConnectionKey key_;
    Surroundings& around_;
    bool boundaries_;
    bool takes_turns_;
    std::unique_ptr<framing::Encoder> encoder_;
    std::unique_ptr<framing::Decoder> decoder_;
    std::unique_ptr<Session> session_;
    const framing::Message* message_ = nullptr;  ///< the decoder's: found, not answered
    Workplace* shared_;
    Workplace* work_ = nullptr;           ///< while a call lasts
    std::unique_ptr<Workplace> waiting_;  ///< effects that wait for room; null: none
    std::vector<std::byte> output_;
    std::size_t written_ = 0;                   ///< of output_
    std::list<std::vector<std::byte>> queued_;  ///< bodies behind one that waits for its receiver
    std::size_t queued_bytes_ = 0;
    bool broken_ = false;
    bool closing_ = false;
    /// It closes, and the rest of what was fed was not looked at: the decoder refers to it and must not be
    /// used again.
    bool deaf_ = false;
    bool half_close_asked_ = false;
    bool half_closed_ = false;
    bool saw_eof_ = false;
};

}  // namespace synscope::service
