// Service `command`: the names of a few harmless commands, each answered with what the command wrote. Never a
// shell, never an argument from the peer: a line is looked up in a list, or refused. "help" says the list.
#include <array>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "net/service/commands.hpp"
#include "net/service/lines.hpp"

namespace synscope::service {

namespace {

constexpr std::array<std::string_view, 1> kUtc{"-u"};
constexpr std::array<std::string_view, 1> kSystem{"-srm"};
constexpr std::array<HarmlessCommand, 7> kCommands{{
    {"date", "date", kUtc},
    {"uptime", "uptime", {}},
    {"uname", "uname", kSystem},
    {"whoami", "whoami", {}},
    {"id", "id", {}},
    {"hostname", "hostname", {}},
    {"nproc", "nproc", {}},
}};

class CommandSession final : public Session {
  public:
    void on_boundaries(bool whole_messages) override {
        whole_messages_ = whole_messages;
        lines_ = Lines{whole_messages};
    }
    void on_message(ByteSpan message, Effects& effects) override {
        if (closed_) return;
        closed_ = !lines_.feed(message, [&](std::string_view line) { on_line(line, effects); });
        if (!closed_) return;
        say("a line that is too long", effects);
        effects.add(Close{});
    }
    void on_effect_result(const EffectResult& result, Effects& effects) override {
        const std::string_view name = kCommands[result.request.value].name;
        const auto* ended = std::get_if<CommandEnded>(&result.outcome);
        if (ended == nullptr) return say(concat(name, " cannot be run here"), effects);
        std::string text{reinterpret_cast<const char*>(ended->output.data()), ended->output.size()};
        if (text.ends_with('\n')) text.pop_back();
        if (ended->truncated) append(text, "\n(and more)");
        if (ended->exit_code != 0) append(text, concat("\n(exit code ", ended->exit_code, ')'));
        say(text, effects);
    }

  private:
    void on_line(std::string_view line, Effects& effects) {
        for (std::uint32_t n = 0; n < kCommands.size(); ++n)
            if (kCommands[n].name == line) return effects.add(RunCommand{RequestId{n}, n});
        std::string known;
        for (const HarmlessCommand& command : kCommands)
            append(known, concat(known.empty() ? "" : ", ", command.name));
        if (line == "help") return say(known, effects);
        say(concat("refused: '", escaped(line, Medium::Terminal), "' is none of ", known), effects);
    }
    void say(std::string_view text, Effects& effects) const { say_line(text, whole_messages_, effects); }

    Lines lines_;
    bool whole_messages_ = false;
    bool closed_ = false;
};

class Command final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey, const Endpoint&) override {
        return std::make_unique<CommandSession>();
    }
};

}  // namespace

std::span<const HarmlessCommand> harmless_command_list() noexcept {
    return kCommands;
}

std::unique_ptr<Service> make_command() {
    return std::make_unique<Command>();
}

}  // namespace synscope::service
