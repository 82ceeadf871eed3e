#include "net/lab/other_transport.hpp"

#include <string>

#include "net/base/text.hpp"
#include "net/service/service.hpp"
#include "sim/scenario/datagrams.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::lab {

namespace {

constexpr std::string_view kDatagramPrefix = "udp-";

/// Of the same service; the name as it is where there is none for `datagrams`.
std::string service_for(const std::string& name, bool datagrams) {
    const auto* service = service::find_service(name);
    if (service == nullptr || service->datagrams == datagrams) return name;
    const std::string other = datagrams ? concat(kDatagramPrefix, name) : name.substr(kDatagramPrefix.size());
    return service::find_service(other) != nullptr ? other : name;
}

Result<void, UserError> to_datagrams(scenario::Client& client) {
    const auto wrong = scenario::why_not_datagrams(client);
    if (!wrong) {
        client.transport = scenario::Transport::Udp;
        return {};
    }
    std::string where = concat("client '", client.name, '\'');
    if (wrong->step != nullptr && wrong->step->line > 0)
        append(where, concat(", line ", wrong->step->line, ':', wrong->step->column));
    return failure(UserError{concat(where, ": ", wrong->what), {}, wrong->hint});
}

bool serves_datagrams(const scenario::Server& server) {
    const auto* engine = engine::find_engine(server.engine);
    return engine != nullptr && engine->properties.datagrams;
}

bool has_mark(const scenario::Scenario& scenario, const std::string& name) {
    for (const scenario::Client& client : scenario.clients)
        for (const scenario::Step& step : client.steps)
            if (const auto* mark = std::get_if<scenario::Mark>(&step.action);
                mark != nullptr && mark->name == name)
                return true;
    return false;
}

}  // namespace

scenario::Scenario first_server_alone(scenario::Scenario scenario) {
    const bool datagrams = serves_datagrams(scenario.server);
    if (scenario.more_servers.size() != 1 || serves_datagrams(scenario.more_servers[0]) == datagrams)
        return scenario;
    scenario.more_servers.clear();
    auto& clients = scenario.clients;
    for (std::size_t i = 0; i < clients.size();) {
        if ((clients[i].transport == scenario::Transport::Udp) == datagrams) {
            ++i;
            continue;
        }
        const scenario::Client left_out = clients[i];
        clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
        // Whoever waited for it waits for the one before.
        for (scenario::Client& client : clients)
            if (client.after == left_out.name) client.after = left_out.after;
    }
    if (!scenario.server.script.empty()) return scenario;
    std::erase_if(scenario.narration,
                  [&](const scenario::Narration& told) { return !has_mark(scenario, told.at); });
    return scenario;
}

Result<scenario::Scenario, UserError> with_engine(scenario::Scenario scenario,
                                                  const engine::EngineInfo& engine) {
    const bool datagrams = engine.properties.datagrams;
    scenario.server.engine = engine.name;
    scenario.server.service = service_for(scenario.server.service, datagrams);
    bool changed = false;
    for (scenario::Client& client : scenario.clients) {
        if ((client.transport == scenario::Transport::Udp) == datagrams) continue;
        changed = true;
        client.transport = scenario::Transport::Tcp;
        if (!datagrams) continue;
        if (auto fits = to_datagrams(client); !fits) return failure(fits.error());
    }
    if (!changed) return scenario;
    // Whatever else has no meaning now, the reader of files knows.
    if (const auto read = scenario::load_text(scenario::to_yaml(scenario), {}, {}); !read)
        return failure(UserError{read.error().what, {}, read.error().hint});
    return scenario;
}

}  // namespace synscope::lab
