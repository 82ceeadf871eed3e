#include "net/host/client_host.hpp"

#include <csignal>

#include "net/base/text.hpp"
#include "net/host/crowd.hpp"
#include "net/host/errors.hpp"
#include "net/host/event_sink.hpp"
#include "net/host/script.hpp"

namespace synscope::host {

namespace {

Result<void, UserError> run_alone(engine::Calls& calls, const ClientHostOptions& options,
                                  const framing::FramingInfo& framing) {
    std::vector<std::byte> buffer(65536);
    ScriptRunner script{{calls, options.client, framing, options.server, buffer,
                         concat("client '", options.client.name, "'"), nullptr}};
    Task<void> task = script.run();
    task.start();
    return script.outcome();
}

}  // namespace

Result<void, UserError> run_client_host(const ClientHostOptions& options) {
    const auto framing = framing::framing_named(options.client.framing);
    if (!framing) return failure(unknown_name("framing", options.client.framing, framing::framings()));
    std::signal(SIGPIPE, SIG_IGN);  // a reader of the stream that went away is EPIPE

    std::unique_ptr<EventSink> sink;
    if (options.event_fd >= 0)
        sink = std::make_unique<EventSink>(options.event_fd, ActorRole::Client, options.client.name);
    if (sink) sink->start();
    engine::Calls calls{sink.get(), options.observe};
    const Result<void, UserError> result = options.client.count > 1
                                               ? run_crowd(calls, options.client, *framing, options.server)
                                               : run_alone(calls, options, *framing);
    if (sink) sink->finish(KernelProbe::kPatience);
    return result;
}

Result<void, UserError> check_transport(const scenario::Client& client, const engine::EngineInfo& engine) {
    const bool datagrams = client.transport == scenario::Transport::Udp;
    if (datagrams == engine.properties.datagrams) return {};
    return failure(
        UserError{concat("client '", client.name, "' talks ", datagrams ? "UDP" : "TCP", ", and engine '",
                         engine.name, "' serves ", datagrams ? "connections" : "datagrams"),
                  {},
                  concat("transport: ", datagrams ? "tcp" : "udp",
                         " on the client, or another engine; see 'synscope engines'")});
}

}  // namespace synscope::host
