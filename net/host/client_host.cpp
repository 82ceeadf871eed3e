#include "net/host/client_host.hpp"

#include <csignal>

#include "net/host/errors.hpp"
#include "net/host/event_sink.hpp"
#include "net/host/script.hpp"

namespace synscope::host {

Result<void, UserError> run_client_host(const ClientHostOptions& options) {
    const auto framing = framing::framing_named(options.client.framing);
    if (!framing) return failure(unknown_name("framing", options.client.framing, framing::framings()));
    std::signal(SIGPIPE, SIG_IGN);  // a reader of the stream that went away is EPIPE

    std::unique_ptr<EventSink> sink;
    if (options.event_fd >= 0)
        sink = std::make_unique<EventSink>(options.event_fd, ActorRole::Client, options.client.name);
    if (sink) sink->start();
    engine::Calls calls{sink.get(), options.observe};
    const Result<void, UserError> result =
        ScriptRunner{calls, options.client, *framing, options.server}.run();
    if (sink) sink->finish(KernelProbe::kPatience);
    return result;
}

}  // namespace synscope::host
