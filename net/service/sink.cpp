// Service `sink`: takes everything and answers nothing (RFC 863), until the peer's end-of-file: then one line
// says what came, so that a client which half-closes learns what arrived: "8 messages, 1048576 bytes".
#include "net/base/text.hpp"
#include "net/service/lines.hpp"

namespace synscope::service {

namespace {

class SinkSession final : public Session {
  public:
    void on_boundaries(bool whole_messages) override { whole_messages_ = whole_messages; }
    void on_message(ByteSpan message, Effects& effects) override {
        static_cast<void>(effects);
        ++messages_;
        bytes_ += message.size();
    }
    void on_eof(Effects& effects) override {
        const std::string_view unit = whole_messages_ ? " messages, " : " reads, ";
        say_line(concat(messages_, unit, bytes_, " bytes"), whole_messages_, effects);
        effects.add(Close{});
    }

  private:
    bool whole_messages_ = false;
    std::uint64_t messages_ = 0;
    std::uint64_t bytes_ = 0;
};

class Sink final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey, const Endpoint&) override {
        return std::make_unique<SinkSession>();
    }
};

}  // namespace

std::unique_ptr<Service> make_sink() {
    return std::make_unique<Sink>();
}

}  // namespace synscope::service
