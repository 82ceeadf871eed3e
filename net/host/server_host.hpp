#pragma once
// A server of a scenario, run for real: listener, engine, service, framing, and the stream of what happened.
//
// The event stream is pcapng (see capture/pcapng); its first event declares the server as actor 0, and the
// SocketNamed event of role Listener says where it listens. Thread rule: call it once per process, from a
// process that has one thread; it starts threads of its own and joins them before it returns. It changes no
// signal handling but ignores SIGPIPE. An engine that makes processes runs in a process that is forked before
// the first thread is started; it ends with this one, however that ends.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/result.hpp"
#include "net/engine/engine.hpp"
#include "net/host/files.hpp"
#include "net/service/service.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::host {

/// What the address of a Unix socket begins with; its path follows.
inline constexpr std::string_view kUnixPrefix = "unix:";

struct ServerHostOptions {
    scenario::Server server;
    /// To bind to, without port; "::" is every address of both families; "unix:PATH" is a Unix socket, where
    /// there are no packets.
    std::string address = "127.0.0.1";
    int event_fd = -1;  ///< receives the event stream, is not closed; -1: nobody watches
    int stop_fd = -1;   ///< readable or at its end: stop; -1: only by ending the process
    std::string root;   ///< the one folder services may use files in; empty: none
    /// What RunCommand n runs: program path and arguments. Empty: the harmless ones of
    /// net/service/commands.hpp.
    std::vector<std::vector<std::string>> commands;
    UploadLimits uploads{};
    engine::ObserveLevel observe = engine::ObserveLevel::Full;
    /// Called once, when clients can connect. Family 0 for a Unix socket.
    std::function<void(const Endpoint&)> on_listening;
    Duration grace = Duration::seconds(1);  ///< after a stop: how long output may take to drain
};
/// Returns after a stop, when everything is drained and the stream is written. Errors: an unknown engine,
/// service or framing (the known ones are listed), an address that is none or cannot be listened on.
[[nodiscard]] Result<void, UserError> run_server_host(const ServerHostOptions& options);

/// Why this engine cannot run that service truly; nothing when it can.
[[nodiscard]] std::optional<std::string> why_not_together(const engine::EngineInfo& engine,
                                                          const service::ServiceInfo& service);

/// Whether the names a scenario's server uses (engine, service, framings) are known and can be had here; the
/// error is the one that run_server_host would give.
[[nodiscard]] Result<void, UserError> check_server(const scenario::Server& server);

}  // namespace synscope::host
