// engines, services, framings, views: what there is, one per line: name, tab, one sentence.
#include <cstdio>
#include <optional>
#include <string>

#include "net/base/text.hpp"
#include "net/engine/engine.hpp"
#include "net/framing/framing.hpp"
#include "net/service/service.hpp"
#include "ui/app/command.hpp"
#include "ui/render/views.hpp"

namespace synscope::app {

namespace {

void add_list(CLI::App& app, Action& chosen, const char* name, const char* description, void (*print)()) {
    app.add_subcommand(name, description)->callback([print, &chosen] {
        chosen = [print] {
            print();
            return kDone;
        };
    });
}

template <class Entries>
void print_entries(const Entries& entries) {
    for (const auto& entry : entries)
        std::fputs(concat(entry.name, '\t', entry.sentence, '\n').c_str(), stdout);
}

/// An engine declares what it can do; that belongs to its line.
void print_engines() {
    for (const engine::EngineInfo& entry : engine::engines()) {
        std::string line =
            concat(entry.name, '\t', entry.sentence,
                   " (clients at once: ", engine::clients_at_once_text(entry.properties.clients), "; ",
                   entry.properties.shared_state ? "clients share memory" : "clients share nothing",
                   "; a silent client ", engine::silent_client_text(entry.properties.silent_client), ')');
        if (const auto reason = entry.unavailable ? entry.unavailable() : std::nullopt)
            append(line, concat(" Not here: ", *reason));
        std::fputs(concat(line, '\n').c_str(), stdout);
    }
}

}  // namespace

void add_lists(CLI::App& app, Action& chosen) {
    add_list(app, chosen, "engines", "The ways a server can wait, and what each declares", print_engines);
    add_list(app, chosen, "services", "What a server can do with bytes",
             [] { print_entries(service::services()); });
    add_list(app, chosen, "framings", "Message boundaries in a byte stream",
             [] { print_entries(framing::framings()); });
    add_list(app, chosen, "views", "The pictures there are", [] { print_entries(render::views()); });
}

}  // namespace synscope::app
