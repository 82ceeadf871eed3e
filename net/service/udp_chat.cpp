// Chat over datagrams: a member joins with its first datagram and leaves with "/quit" or by silence; what it
// says goes to all others. Nobody is told whether a datagram arrived, so no message relies on an earlier one:
// each says who speaks.
#include <algorithm>
#include <map>
#include <string>

#include "net/base/text.hpp"
#include "net/service/service.hpp"

namespace synscope::service {

namespace {

/// With its sender's name in front it still fits into one datagram that is not fragmented (RFC 8085 section
/// 3.2 and the 1280 bytes that every IPv6 link carries).
constexpr std::size_t kMostText = 1100;

ByteSpan as_bytes(const std::string& text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

class Room final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey key, const Endpoint& peer) override;

    void join(ConnectionKey key, const std::string& name) { members_[key] = name; }
    void leave(ConnectionKey key) { members_.erase(key); }
    [[nodiscard]] std::size_t others() const { return members_.size() - 1; }
    void tell_others(ConnectionKey from, const std::string& text, Effects& effects) const {
        for (const auto& [key, name] : members_)
            if (key != from) effects.send_to(key, as_bytes(text));
    }

  private:
    std::map<ConnectionKey, std::string> members_;
};

class Member final : public Session {
  public:
    Member(Room& room, ConnectionKey key, const Endpoint& peer) : room_(room), key_(key), name_(peer.text()) {
        room_.join(key_, name_);
    }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member() override { room_.leave(key_); }

    void on_open(Effects& effects) override {
        room_.tell_others(key_, concat("* ", name_, " joined\n"), effects);
    }
    void on_message(ByteSpan message, Effects& effects) override {
        std::string text;
        for (const std::byte b : message)
            text.push_back(static_cast<char>(b));
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
            text.pop_back();
        if (text == "/quit") return go("left", effects);
        if (text.size() > kMostText)
            return effects.reply(as_bytes(concat("* too long: at most ", kMostText, " bytes\n")));
        if (room_.others() == 0) return effects.reply(as_bytes("* nobody else is here\n"));
        room_.tell_others(key_, concat(name_, ": ", text, '\n'), effects);
    }
    void on_eof(Effects& effects) override { go("fell silent", effects); }

  private:
    void go(std::string_view how, Effects& effects) {
        room_.tell_others(key_, concat("* ", name_, ' ', how, '\n'), effects);
        effects.add(Close{});
    }

    Room& room_;
    const ConnectionKey key_;
    const std::string name_;
};

std::unique_ptr<Session> Room::open(ConnectionKey key, const Endpoint& peer) {
    return std::make_unique<Member>(*this, key, peer);
}

}  // namespace

std::unique_ptr<Service> make_udp_chat() {
    return std::make_unique<Room>();
}

}  // namespace synscope::service
