#pragma once
// A service spoken to through conversations, without a socket: what a client would get. Files and commands
// are those of FakeHost.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/service/conversation.hpp"

namespace synscope::service {

inline ByteSpan as_bytes(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
inline std::string as_text(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What surrounds all conversations of a service: messages between them, files in memory, no commands.
class FakeHost {
  public:
    class Talk;

    explicit FakeHost(std::string_view service, std::string_view framing = "none")
        : service_(find_service(service)->make()), framing_(*framing::find_framing(framing)) {}

    Talk& connect();
    /// The connection is gone without a word.
    void vanish(Talk& talk);
    [[nodiscard]] const framing::FramingInfo& framing() const { return framing_; }

    std::vector<std::string> notes;
    std::map<std::uint64_t, Refusal> deaf;  ///< connections that take no messages

  private:
    friend class Talk;
    std::unique_ptr<Service> service_;
    const framing::FramingInfo& framing_;
    std::vector<std::unique_ptr<Talk>> talks_;
    std::uint64_t next_key_ = 1;
};

class FakeHost::Talk final : private Surroundings {
  public:
    Talk(FakeHost& host, ConnectionKey key) : host_(host), key_(key), talk_(key, host.framing_, *this) {
        talk_.begin(host.service_->open(key, {}));
    }
    Talk(const Talk&) = delete;
    Talk& operator=(const Talk&) = delete;

    /// These bytes arrive; what the service says to it, and to others, is in said().
    void hear(std::string_view bytes) {
        const std::string own{bytes};
        talk_.feed(as_bytes(own));
        while (talk_.next())
            talk_.answer();
    }
    void eof() { talk_.eof(); }
    /// Reads everything there is to read, as a peer that keeps up.
    std::string said() {
        std::string out;
        while (talk_.wants_to_write()) {
            out += as_text(talk_.output());
            talk_.sent(talk_.output().size());
            if (talk_.can_go_on()) talk_.go_on();
        }
        return out;
    }
    /// Reads so much and not more.
    std::string said(std::size_t most) {
        const std::string out = as_text(talk_.output()).substr(0, most);
        talk_.sent(out.size());
        if (talk_.can_go_on()) talk_.go_on();
        return out;
    }
    /// A request and its answer.
    std::string ask(std::string_view bytes) {
        hear(bytes);
        return said();
    }
    [[nodiscard]] bool closes() const { return talk_.wants_to_close(); }
    [[nodiscard]] Conversation& conversation() { return talk_; }

  private:
    friend class FakeHost;
    void framed_out(const framing::Placed&) override {}
    void broken(const framing::FrameError& error) override {
        host_.notes.push_back(framing::fault_text(error));
    }
    std::optional<Refusal> send_to(ConnectionKey to, ByteSpan message) override {
        if (const auto refusal = host_.deaf.find(to.value); refusal != host_.deaf.end())
            return refusal->second;
        for (const auto& other : host_.talks_)
            if (other->key_ == to) {
                other->talk_.reply(message);
                return std::nullopt;
            }
        return Refusal::NotFound;
    }
    static EffectResult refused(RequestId request) { return {request, Refused{Refusal::NotAllowed, 0}}; }
    EffectResult open_file(const OpenFile& r) override { return refused(r.request); }
    EffectResult read_file(const ReadFile& r) override { return refused(r.request); }
    EffectResult append_file(const AppendFile& r, ByteSpan) override { return refused(r.request); }
    EffectResult commit_file(const CommitFile& r) override { return refused(r.request); }
    void close_file(const CloseFile&) override {}
    EffectResult run_command(const RunCommand& r) override { return refused(r.request); }

    FakeHost& host_;
    ConnectionKey key_;
    Conversation talk_;
};

inline FakeHost::Talk& FakeHost::connect() {
    return *talks_.emplace_back(std::make_unique<Talk>(*this, ConnectionKey{next_key_++}));
}
inline void FakeHost::vanish(Talk& talk) {
    std::erase_if(talks_, [&](const auto& one) { return one.get() == &talk; });
}

}  // namespace synscope::service
