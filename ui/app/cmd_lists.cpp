// engines, services, framings, views: what there is, one per line: name, tab, one sentence.
#include <memory>
#include <optional>
#include <string>

#include "net/base/text.hpp"
#include "net/engine/engine.hpp"
#include "net/framing/crash_test.hpp"
#include "net/service/service.hpp"
#include "ui/app/command.hpp"
#include "ui/app/framing_option.hpp"
#include "ui/app/output.hpp"
#include "ui/render/views.hpp"

namespace synscope::app {

namespace {

void add_list(Command& parent, const char* name, const char* description, std::string (*text)()) {
    parent.add_command(name, description).runs([text] { return print_text(text()); });
}

template <class Entries>
std::string entries_text(const Entries& entries) {
    std::string text;
    for (const auto& entry : entries)
        append(text, concat(entry.name, '\t', entry.sentence, '\n'));
    return text;
}

/// An engine declares what it can do; that belongs to its line.
std::string engines_text() {
    std::string text;
    for (const engine::EngineInfo& entry : engine::engines()) {
        append(text,
               concat(entry.name, '\t', entry.sentence,
                      " (clients at once: ", engine::clients_at_once_text(entry.properties.clients), "; ",
                      entry.properties.shared_state ? "clients share memory" : "clients share nothing",
                      "; a silent client ", engine::silent_client_text(entry.properties.silent_client), ')'));
        if (const auto reason = entry.unavailable ? entry.unavailable() : std::nullopt)
            append(text, concat(" Not here: ", *reason));
        text += '\n';
    }
    return text;
}

/// With --crash-test, what cuts do to one of them.
int framings(const std::string& crash_test) {
    if (crash_test.empty()) return print_text(entries_text(framing::framings()));
    const auto info = framing_option(crash_test);
    if (!info) return report(info.error());
    return print_text(framing::crash_test_text(*info, stdout_is_terminal()));
}

void add_framings(Command& parent) {
    const auto crash_test = std::make_shared<std::string>();
    Command command = parent.add_command("framings", "Message boundaries in a byte stream");
    command.option("--crash-test", *crash_test,
                   "Cut a stream of this framing everywhere, and show who still finds the messages");
    command.runs([crash_test] { return framings(*crash_test); });
}

}  // namespace

void add_lists(Command& parent) {
    add_list(parent, "engines", "The ways a server can wait, and what each declares", engines_text);
    add_list(parent, "services", "What a server can do with bytes",
             [] { return entries_text(service::services()); });
    add_framings(parent);
    add_list(parent, "views", "The pictures there are", [] { return entries_text(render::views()); });
}

}  // namespace synscope::app
