// Service `chat`: everybody hears everybody. The first line is one's name, every other line goes to all who
// are there; "/names" lists them and "/quit" leaves, also while others read slowly or not at all: what such a
// one cannot take is dropped, its sender is told once, and it hears how much it missed as soon as it reads
// again.
//
//   nc 127.0.0.1 PORT      ann            bob joins     bob: hello
#include <algorithm>
#include <map>
#include <utility>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/service/lines.hpp"

namespace synscope::service {

namespace {

constexpr std::size_t kLongestName = 32;
constexpr std::size_t kMostMembers = 10000;

struct Member {
    std::string name;
    bool whole_messages = false;
    std::uint64_t missed = 0;  ///< messages dropped since it last got one
};
/// The service's turn is held around every use.
struct Room {
    std::map<ConnectionKey, Member> members;  ///< in the order of their coming
    std::vector<std::string> vanished;        ///< whose connection broke, and who has not been told of yet
};

/// One word, so that it can be addressed, and nothing that acts on a terminal.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kLongestName && text.front() != '/' &&
           text.find(' ') == std::string_view::npos && text.find(':') == std::string_view::npos &&
           escaped(text, Medium::Terminal) == text;
}

class ChatSession final : public Session {
  public:
    ChatSession(Room& room, ConnectionKey key) : room_(room), key_(key) {}
    ChatSession(const ChatSession&) = delete;
    ChatSession& operator=(const ChatSession&) = delete;
    /// Of one whose connection broke the others hear when somebody speaks next: a session that ends can say
    /// nothing.
    ~ChatSession() override {
        if (room_.members.erase(key_) > 0) room_.vanished.push_back(name_);
    }

    void on_boundaries(bool whole_messages) override {
        whole_messages_ = whole_messages;
        lines_ = Lines{whole_messages};
    }
    void on_open(Effects& effects) override { say("your name?", effects); }
    void on_message(ByteSpan message, Effects& effects) override {
        if (left_) return;
        told_.clear();
        const bool fine = lines_.feed(message, [&](std::string_view line) { on_line(line, effects); });
        if (fine || left_) return;
        say("a line that is too long", effects);
        leave(effects);
    }
    void on_eof(Effects& effects) override {
        told_.clear();
        if (!left_) leave(effects);
    }

    /// A message was dropped: the request is its place in told_.
    void on_effect_result(const EffectResult& result, Effects& effects) override {
        const Told& told = told_[result.request.value];
        const auto found = room_.members.find(told.to);
        if (found == room_.members.end()) return;
        Member& member = found->second;
        const bool first = member.missed == 0 && told.missed == 0;
        member.missed += std::max<std::uint64_t>(told.missed, 1);
        if (first) say(concat("* ", member.name, " does not read, and misses this"), effects);
    }

  private:
    void on_line(std::string_view line, Effects& effects) {
        if (left_) return;
        if (name_.empty()) return come(line, effects);
        if (line == "/quit") return leave(effects);
        if (line == "/names") return say(names(), effects);
        if (line.starts_with('/')) return say("/names and /quit are what there is", effects);
        tell_others(concat(name_, ": ", escaped(line, Medium::Terminal)), effects);
    }

    void come(std::string_view name, Effects& effects) {
        const auto same = [&](const auto& entry) { return entry.second.name == name; };
        if (!is_name(name)) return say("a name is one word of at most 32 bytes; your name?", effects);
        if (std::any_of(room_.members.begin(), room_.members.end(), same))
            return say(concat(name, " is here already; your name?"), effects);
        if (room_.members.size() == kMostMembers) {
            say("the room is full", effects);
            return leave(effects);
        }
        name_ = name;
        room_.members[key_] = {name_, whole_messages_, 0};
        say(names(), effects);
        tell_others(concat("* ", name_, " joins"), effects);
    }

    void leave(Effects& effects) {
        left_ = true;
        if (!name_.empty()) {
            room_.members.erase(key_);
            tell_others(concat("* ", name_, " leaves"), effects);
        }
        effects.add(Close{});
    }

    [[nodiscard]] std::string names() const {
        std::string out{"* here:"};
        for (const auto& [key, member] : room_.members)
            append(out, concat(' ', member.name));
        return out;
    }

    void tell_others(std::string_view text, Effects& effects) {
        for (const std::string& name : std::exchange(room_.vanished, {}))
            tell_each(concat("* ", name, " has vanished"), effects);
        tell_each(text, effects);
    }
    void tell_each(std::string_view text, Effects& effects) {
        for (auto& [key, member] : room_.members) {
            if (key == key_) continue;
            if (const std::uint64_t missed = std::exchange(member.missed, 0); missed > 0)
                tell(key, member, concat("* you missed ", missed, " messages"), missed, effects);
            tell(key, member, text, 0, effects);
        }
    }
    void tell(ConnectionKey to, const Member& member, std::string_view text, std::uint64_t missed,
              Effects& effects) {
        effects.send_to(to, bytes_of(line_text(text, member.whole_messages)),
                        RequestId{static_cast<std::uint32_t>(told_.size())});
        told_.push_back({to, missed});
    }
    void say(std::string_view text, Effects& effects) const { say_line(text, whole_messages_, effects); }

    Room& room_;
    ConnectionKey key_;
    Lines lines_;
    std::string name_;
    /// One message to somebody; `missed` is 0, or the number that it tells of.
    struct Told {
        ConnectionKey to;
        std::uint64_t missed = 0;
    };
    std::vector<Told> told_;  ///< what came of the last message of ours
    bool whole_messages_ = false;
    bool left_ = false;
};

class Chat final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey key, const Endpoint&) override {
        return std::make_unique<ChatSession>(room_, key);
    }

  private:
    Room room_;
};

}  // namespace

std::unique_ptr<Service> make_chat() {
    return std::make_unique<Chat>();
}

}  // namespace synscope::service
