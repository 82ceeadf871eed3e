#pragma once
// A client of a scenario, run for real: its script step by step on a blocking socket, or on many that do not
// block (crowd.hpp), and the stream of what happened. Thread rule as for server_host.hpp.

#include "net/base/address.hpp"
#include "net/base/result.hpp"
#include "net/engine/engine.hpp"
#include "net/engine/observe.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::host {

struct ClientHostOptions {
    scenario::Client client;
    Endpoint server;
    int event_fd = -1;  ///< receives the event stream, is not closed; -1: nobody watches
    engine::ObserveLevel observe = engine::ObserveLevel::Full;
};
/// Returns when the script has ended and the kernel's sockets have reached TIME-WAIT or are gone (2 s at
/// most). Fails at the first step that fails: `where` is the scenario's line, `what` the step and the reason.
/// The stream is whole either way.
[[nodiscard]] Result<void, UserError> run_client_host(const ClientHostOptions& options);

/// Fails where a client talks UDP and the engine serves connections, or the other way round.
[[nodiscard]] Result<void, UserError> check_transport(const scenario::Client& client,
                                                      const engine::EngineInfo& engine);

}  // namespace synscope::host
