#include "net/host/connection.hpp"

#include "net/base/text.hpp"
#include "net/host/command.hpp"
#include "net/host/files.hpp"
#include "net/host/pause.hpp"

namespace synscope::host {

using namespace service;

namespace {

constexpr std::size_t kMostCommandOutput = std::size_t{64} << 10;

class ServiceConnection final : public engine::Connection {
  public:
    ServiceConnection(Connections& all, engine::Socket& socket, const framing::FramingInfo& framing)
        : all_(all),
          setup_(all.setup()),
          socket_(socket),
          framing_(framing),
          encoder_(framing.encoder({})),
          decoder_(framing.decoder({})),
          files_(setup_.root_fd) {
        all_.outboxes().add(socket_.id);
        const auto turn = all_.service_turn();
        session_ = setup_.service.open(ConnectionKey{socket_.id.value}, socket_.remote);
        session_->on_open(asked_);
        carry_out();
    }
    ServiceConnection(const ServiceConnection&) = delete;
    ServiceConnection& operator=(const ServiceConnection&) = delete;
    ~ServiceConnection() override {
        all_.outboxes().remove(socket_.id);
        const auto turn = all_.service_turn();
        session_.reset();
    }

    engine::Demand demand() const override {
        engine::Demand d;
        d.write = held() > 0;
        d.read = held() < Connections::kHighWater && !closing_;
        d.half_close = !d.write && half_close_asked_ && !half_closed_;
        d.close = !d.write && closing_;
        return d;
    }
    void before_read() override { busy("server.busy", setup_.server.busy); }
    void on_bytes(ByteSpan bytes) override {
        decoder_->feed(bytes);
        while (!closing_) {
            const auto message = decoder_->next();
            if (!message) break;
            framed(*message, false);
            busy("server.think", setup_.server.think);
            const auto turn = all_.service_turn();
            session_->on_message(message->content, asked_);
            carry_out();
        }
        if (const auto error = decoder_->error(); error && !closing_) broken(*error);
    }
    void on_eof() override {
        saw_eof_ = true;
        if (closing_) return;
        if (const auto error = decoder_->at_end()) return broken(*error);
        const auto turn = all_.service_turn();
        session_->on_eof(asked_);
        carry_out();
    }
    ByteSpan output() override { return ByteSpan{output_}.subspan(written_); }
    void sent(std::size_t bytes) override {
        written_ += bytes;
        if (written_ == output_.size()) {
            output_.clear();
            written_ = 0;
        } else if (written_ >= Connections::kHighWater) {
            output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(written_));
            written_ = 0;
        }
        if (stalled() && held() < Connections::kHighWater) {
            const auto turn = all_.service_turn();
            carry_out();
        }
    }
    void half_closed() override { half_closed_ = true; }
    void before_close() override {
        if (saw_eof_) busy("server.close_delay", setup_.server.close_delay);
    }
    void collect() override {
        for (const auto& message : all_.outboxes().take(socket_.id))
            reply(message);
    }

  private:
    [[nodiscard]] std::size_t held() const noexcept { return output_.size() - written_; }
    [[nodiscard]] bool stalled() const noexcept {
        return at_ < doing_.list().size() || !asked_.list().empty();
    }

    void busy(std::string_view reason, Duration duration) {
        be_busy(setup_.calls.observer(), reason, duration, socket_.id, setup_.stop_fd);
    }
    void framed(const framing::Placed& placed, bool outgoing) {
        engine::Observer* observer = setup_.calls.observer();
        if (observer == nullptr || !framing_.boundaries) return;
        observer->emit(engine::monotonic_ns(), std::nullopt,
                       MessageFramed{socket_.id, outgoing, placed.index, placed.bytes, placed.body,
                                     observer->intern(framing_.name)});
    }
    /// The stream makes no sense from here on: what was answered is still written, then the connection goes.
    void broken(const framing::FrameError& error) {
        all_.note(Severity::Warning,
                  concat("connection from ", socket_.remote.text(), ": ", framing::fault_text(error),
                         " (framing ", framing_.name, "); closed"));
        closing_ = true;
    }
    void reply(ByteSpan body) {
        if (const auto placed = encoder_->encode(body, output_))
            framed(*placed, true);
        else
            broken(placed.error());
    }

    /// Does what the session asked for, in order, and what it asks for on hearing the results.
    void carry_out() {
        for (;;) {
            if (at_ == doing_.list().size()) {
                doing_.clear();
                at_ = 0;
                if (asked_.list().empty()) return;
                std::swap(doing_, asked_);
            }
            const Effect& effect = doing_.list()[at_];
            // A file is read no faster than its receiver reads us; sent() goes on from here.
            if (std::holds_alternative<ReadFile>(effect) && held() >= Connections::kHighWater) return;
            ++at_;
            std::visit([this](const auto& e) { carry_out(e); }, effect);
        }
    }
    void carry_out(const Reply& e) { reply(doing_.bytes(e.bytes)); }
    void carry_out(const SendTo& e) {
        const SocketId to{static_cast<std::uint32_t>(e.to.value)};
        if (to == socket_.id) return reply(doing_.bytes(e.bytes));
        switch (all_.outboxes().post(to, doing_.bytes(e.bytes))) {
            case Outboxes::Posted::Yes:
                return;
            case Outboxes::Posted::NoSuchConnection:
                return all_.note(Severity::Info,
                                 concat("a message for connection ", e.to.value, ", which has gone"));
            case Outboxes::Posted::Full:
                return all_.note(Severity::Warning, concat("connection ", e.to.value,
                                                           " does not read: a message for it was dropped"));
        }
    }
    void carry_out(const Close&) { closing_ = true; }
    void carry_out(const HalfClose&) { half_close_asked_ = true; }
    void carry_out(const OpenFile& e) { tell(files_.open(e)); }
    void carry_out(const ReadFile& e) { tell(files_.read(e)); }
    void carry_out(const AppendFile& e) { tell(files_.append(e, doing_.bytes(e.bytes))); }
    void carry_out(const CommitFile& e) { tell(files_.commit(e)); }
    void carry_out(const CloseFile& e) { files_.close(e); }
    void carry_out(const RunCommand& e) {
        if (e.command >= setup_.commands.size()) return tell({e.request, Refused{Refusal::NotAllowed, 0}});
        const CommandOutcome outcome = run_command(setup_.commands[e.command], kMostCommandOutput);
        if (outcome.error != 0) return tell({e.request, Refused{Refusal::Failed, outcome.error}});
        tell({e.request, CommandEnded{outcome.exit_code, outcome.output, outcome.truncated}});
    }
    void tell(const EffectResult& result) { session_->on_effect_result(result, asked_); }

    Connections& all_;
    const ConnectionSetup& setup_;
    engine::Socket& socket_;
    const framing::FramingInfo& framing_;
    std::unique_ptr<framing::Encoder> encoder_;
    std::unique_ptr<framing::Decoder> decoder_;
    std::unique_ptr<Session> session_;
    Files files_;
    Effects asked_;       ///< by the session, not begun
    Effects doing_;       ///< being done, from at_ on
    std::size_t at_ = 0;  ///< in doing_
    std::vector<std::byte> output_;
    std::size_t written_ = 0;  ///< of output_
    bool closing_ = false;
    bool half_close_asked_ = false;
    bool half_closed_ = false;
    bool saw_eof_ = false;
};

}  // namespace

std::unique_ptr<engine::Connection> Connections::open(engine::Socket& socket) {
    const std::size_t n = accepted_.fetch_add(1, std::memory_order_relaxed);
    const framing::FramingInfo* own = n < setup_.overrides.size() ? setup_.overrides[n] : nullptr;
    return std::make_unique<ServiceConnection>(*this, socket, own != nullptr ? *own : setup_.framing);
}

void Connections::note(Severity severity, std::string_view text) {
    if (engine::Observer* observer = setup_.calls.observer(); observer != nullptr)
        observer->emit(engine::monotonic_ns(), std::nullopt, Note{severity, observer->intern(text)});
}

std::unique_lock<std::mutex> Connections::service_turn() {
    return setup_.info.shares_state ? std::unique_lock{service_mutex_} : std::unique_lock<std::mutex>{};
}

}  // namespace synscope::host
