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

}  // namespace

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
