#pragma once
// The same script over TCP and over UDP: what has to change in a scenario so that an engine can serve it.
// Thread rule: pure functions.

#include "net/base/result.hpp"
#include "net/engine/engine.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::lab {

/// The scenario with this engine: its clients talk what the engine serves, and the service is the one for
/// that (upper and udp-upper, chat and udp-chat), where there is one. Fails with the step that has no meaning
/// there, and its line.
[[nodiscard]] Result<scenario::Scenario, UserError> with_engine(scenario::Scenario scenario,
                                                                const engine::EngineInfo& engine);

/// Of a scenario with a server of connections and one of datagrams: the first, and the clients that talk what
/// it serves, with what is told at their marks. Any other scenario as it is.
[[nodiscard]] scenario::Scenario first_server_alone(scenario::Scenario scenario);

}  // namespace synscope::lab
