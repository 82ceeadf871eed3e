// Service `echo`: every byte comes back (RFC 862). The peer's end-of-file is answered with ours once
// everything is back. Output waits for its receiver, and while it waits nothing more is read: a client that
// sends and never reads stops itself, and costs no memory.
#include "net/service/service.hpp"

namespace synscope::service {

namespace {

class EchoSession final : public Session {
  public:
    void on_message(ByteSpan message, Effects& effects) override { effects.reply(message); }
};

class Echo final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey, const Endpoint&) override {
        return std::make_unique<EchoSession>();
    }
};

}  // namespace

std::unique_ptr<Service> make_echo() {
    return std::make_unique<Echo>();
}

}  // namespace synscope::service
