// engines, services, framings, views: what there is, one per line: name, tab, one sentence.
#include <optional>
#include <string>

#include "net/base/text.hpp"
#include "net/engine/engine.hpp"
#include "net/framing/framing.hpp"
#include "net/service/service.hpp"
#include "ui/app/command.hpp"
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

}  // namespace

void add_lists(Command& parent) {
    add_list(parent, "engines", "The ways a server can wait, and what each declares", engines_text);
    add_list(parent, "services", "What a server can do with bytes",
             [] { return entries_text(service::services()); });
    add_list(parent, "framings", "Message boundaries in a byte stream",
             [] { return entries_text(framing::framings()); });
    add_list(parent, "views", "The pictures there are", [] { return entries_text(render::views()); });
}

}  // namespace synscope::app
