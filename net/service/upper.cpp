// Service `upper`: the bytes a to z become A to Z, every other byte stays. A byte at a time, so it does not
// matter where a stream without framing was cut, and UTF-8 passes unharmed: its bytes above 0x7f are never
// letters of ASCII.
#include <algorithm>

#include "net/service/service.hpp"

namespace synscope::service {

namespace {

class UpperSession final : public Session {
  public:
    void on_message(ByteSpan message, Effects& effects) override {
        std::transform(
            message.begin(), message.end(), effects.reply(message.size()).begin(),
            [](std::byte b) { return b >= std::byte{'a'} && b <= std::byte{'z'} ? b ^ std::byte{0x20} : b; });
    }
};

class Upper final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey, const Endpoint&) override {
        return std::make_unique<UpperSession>();
    }
};

}  // namespace

std::unique_ptr<Service> make_upper() {
    return std::make_unique<Upper>();
}

}  // namespace synscope::service
