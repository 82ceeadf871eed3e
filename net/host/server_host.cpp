#include "net/host/server_host.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

#include "net/base/text.hpp"
#include "net/engine/unix_socket.hpp"
#include "net/host/command.hpp"
#include "net/host/connection.hpp"
#include "net/host/engine_process.hpp"
#include "net/host/errors.hpp"
#include "net/host/event_sink.hpp"

namespace synscope::host {

namespace {

/// The names of a scenario's server, looked up.
struct Parts {
    const engine::EngineInfo* engine = nullptr;
    const service::ServiceInfo* service = nullptr;
    framing::FramingInfo framing;
    std::vector<framing::FramingInfo> own;               ///< of single connections
    std::vector<const framing::FramingInfo*> overrides;  ///< for the first, second, ... connection; into own
};

/// The framing of that name, if the server's service can be had in it.
Result<framing::FramingInfo, UserError> framing_for(const Parts& parts, const std::string& name) {
    const auto framing = framing::framing_named(name);
    if (!framing) return failure(unknown_name("framing", name, framing::framings()));
    if (const auto reason = service::why_not_framed(*parts.service, *framing))
        return failure(UserError{*reason, {}, "leave the framing out"});
    return *framing;
}

Result<Parts, UserError> find_parts(const scenario::Server& server) {
    Parts parts;
    parts.engine = engine::find_engine(server.engine);
    if (parts.engine == nullptr) return failure(unknown_name("engine", server.engine, engine::engines()));
    if (const auto reason = parts.engine->unavailable())
        return failure(UserError{concat("engine '", server.engine, "' cannot run here: ", *reason), {}, {}});
    parts.service = service::find_service(server.service);
    if (parts.service == nullptr)
        return failure(unknown_name("service", server.service, service::services()));
    if (const auto reason = why_not_together(*parts.engine, *parts.service))
        return failure(
            UserError{*reason, {}, "'synscope engines' and 'synscope services' say what goes together"});
    const auto named = framing_for(parts, server.framing);
    if (!named) return failure(named.error());
    parts.framing = *named;
    parts.own.reserve(server.connections.size());
    for (const scenario::PerConnection& own : server.connections) {
        parts.overrides.push_back(nullptr);
        if (!own.framing) continue;
        const auto one = framing_for(parts, *own.framing);
        if (!one) return failure(one.error());
        parts.overrides.back() = &parts.own.emplace_back(*one);
    }
    return parts;
}

std::string hint_for_address(int error) {
    switch (error) {
        case EADDRINUSE:
            return "another program listens there; choose another port, or 0 for any free one";
        case EACCES:
            return "ports below 1024 are for root; choose a higher one, or 0 for any free one";
        case EADDRNOTAVAIL:
            return "no interface of this machine has that address";
        default:
            return {};
    }
}

/// A Unix socket is a file: what stands in its way is another file, or the folder.
std::string hint_for_path(int error) {
    switch (error) {
        case EADDRINUSE:
            return "there is a file of that name, or another program listens there; choose another path";
        case EACCES:
        case EPERM:
        case EROFS:
            return "no file can be made in that folder; choose another path";
        case ENOENT:
        case ENOTDIR:
            return "the folder of that path does not exist";
        case ENAMETOOLONG:
            return "the path of a Unix socket has 107 bytes at most (unix(7))";
        default:
            return {};
    }
}

UserError cannot_listen(const OsError& error, const engine::ListenOptions& place) {
    const std::string words = errno_words(error.error);
    if (error.operation == "setsockopt") return {concat("socket option ", error.detail, ": ", words), {}, {}};
    if (place.unix_path.empty())
        return {concat("cannot listen on ", place.address.text(), ": ", words),
                {},
                hint_for_address(error.error)};
    return {concat("cannot listen on ", kUnixPrefix, place.unix_path, ": ", words),
            {},
            hint_for_path(error.error)};
}

Result<engine::ListenOptions, UserError> find_place(const ServerHostOptions& options, bool datagrams) {
    engine::ListenOptions place;
    place.backlog = options.server.backlog;
    place.options = options.server.options;
    if (options.address.starts_with(kUnixPrefix)) {
        place.unix_path = options.address.substr(kUnixPrefix.size());
        if (datagrams)
            return failure(UserError{"datagrams are served on an address, not on a Unix socket", {}, {}});
        if (place.unix_path.empty())
            return failure(UserError{"a Unix socket needs a path", {}, "for example unix:/tmp/server"});
        return place;
    }
    const auto address = IpAddress::parse(options.address);
    if (!address)
        return failure(UserError{concat("'", options.address, "' is no address"),
                                 {},
                                 "for example 127.0.0.1, ::1, or unix:/tmp/server"});
    place.address = {*address, options.server.port};
    return place;
}

/// Waits for the caller's stop descriptor beside an engine that cannot, and passes it on: request, and after
/// the grace period force.
class StopWatcher {
  public:
    StopWatcher(int stop_fd, engine::StopSignal& stop, engine::Calls& calls, Duration grace)
        : done_(::eventfd(0, EFD_CLOEXEC)), thread_([this, stop_fd, &stop, &calls, grace] {
              if (!wait(stop_fd, -1)) return;
              stop.request(calls);
              const auto grace_ms = static_cast<int>(grace.ns / 1'000'000);
              if (wait(-1, grace_ms)) stop.force(calls);
          }) {}
    StopWatcher(const StopWatcher&) = delete;
    StopWatcher& operator=(const StopWatcher&) = delete;
    ~StopWatcher() {
        engine::make_readable(done_);
        thread_.join();
    }

  private:
    /// True when `fd` became readable or the time was over (-1: without end), false when we are to end.
    bool wait(int fd, int timeout_ms) const {
        const std::int64_t until = engine::monotonic_ns() + std::int64_t{timeout_ms} * 1'000'000;
        for (;;) {
            // Signals must not stretch the time.
            const std::int64_t left_ms = (until - engine::monotonic_ns() + 999'999) / 1'000'000;
            pollfd fds[2]{{fd, POLLIN, 0}, {done_.get(), POLLIN, 0}};
            const int ready =
                ::poll(fds, 2, timeout_ms < 0 ? -1 : static_cast<int>(std::max<std::int64_t>(left_ms, 0)));
            if (ready < 0 && errno == EINTR) continue;
            return fds[1].revents == 0;
        }
    }
    engine::UniqueFd done_;
    std::thread thread_;
};

UserError told(const OsError& error) {
    const auto cause = error.error != 0 ? concat(": ", errno_words(error.error)) : std::string{};
    return {error.operation + cause, error.detail, {}};
}

/// What lies between the listener and the end: everything that lives as long as the engine runs.
Result<void, UserError> serve(const ServerHostOptions& options, const Parts& parts, engine::Calls& calls,
                              engine::Socket& listener, EventSink* sink) {
    engine::UniqueFd root;
    if (parts.service->needs_root && options.root.empty())
        return failure(UserError{concat("service '", parts.service->name, "' needs a directory"),
                                 {},
                                 "give it one with --root DIR; it uses no file outside"});
    if (!options.root.empty()) {
        root = engine::UniqueFd{::open(options.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
        if (!root)
            return failure(
                UserError{concat("cannot open the folder: ", errno_words(errno)), options.root, {}});
    }
    const bool watches_stop = parts.engine->properties.watches_stop;
    auto stop = watches_stop ? engine::StopSignal::create_following(options.stop_fd, options.grace)
                             : engine::StopSignal::create();
    if (!stop) return failure(UserError{errno_words(stop.error().error), {}, {}});
    const auto service = parts.service->make();
    const auto commands = options.commands.empty() ? harmless_commands() : options.commands;
    Connections connections{{options.server, *parts.service, *service, parts.framing, parts.overrides, calls,
                             (*stop)->fd(), root.get(), commands, options.uploads}};
    const auto run = [&] {
        return parts.engine->make()->run({listener, connections, **stop, calls, options.server.read_size});
    };
    std::optional<EngineProcess> process;
    if (!parts.engine->properties.shared_state) {
        const std::array kept{options.event_fd,    listener.fd.get(),     (*stop)->fd(),
                              (*stop)->force_fd(), connections.wake_fd(), root.get()};
        auto begun = EngineProcess::begin(run, kept, sink);
        if (!begun) return failure(told(begun.error()));
        process = std::move(*begun);
        listener.fd = engine::UniqueFd{};  // it is the engine's
    }
    if (sink != nullptr) sink->start();
    std::optional<StopWatcher> watcher;
    if (!watches_stop) watcher.emplace(options.stop_fd, **stop, calls, options.grace);
    if (options.on_listening) options.on_listening(listener.local);
    const auto done = process ? process->wait() : run();
    if (!done) return failure(told(done.error()));
    return {};
}

}  // namespace

Result<void, UserError> run_server_host(const ServerHostOptions& options) {
    const auto parts = find_parts(options.server);
    if (!parts) return failure(parts.error());
    const auto place = find_place(options, parts->engine->properties.datagrams);
    if (!place) return failure(place.error());
    if (options.server.read_size == 0) return failure(UserError{"a read size of 0 reads nothing", {}, {}});
    std::signal(SIGPIPE, SIG_IGN);  // a reader of the stream that went away is EPIPE

    std::unique_ptr<EventSink> sink;
    if (options.event_fd >= 0)
        sink = std::make_unique<EventSink>(options.event_fd, ActorRole::Server,
                                           concat(options.server.engine, " engine"));
    engine::Calls calls{sink.get(), options.observe};
    auto listener = parts->engine->properties.datagrams ? engine::datagrams_on(calls, *place)
                                                        : engine::listen_on(calls, *place);
    Result<void, UserError> result;
    if (listener) {
        const engine::SocketFile file{place->unix_path};
        result = serve(options, *parts, calls, *listener, sink.get());
    } else {
        result = failure(cannot_listen(listener.error(), *place));
    }
    // Long enough for the last ACK to a FIN of ours; a peer that keeps its side open is not waited for.
    if (sink) sink->finish(Duration::milliseconds(300));
    return result;
}

std::optional<std::string> why_not_together(const engine::EngineInfo& engine,
                                            const service::ServiceInfo& service) {
    if (engine.properties.datagrams != service.datagrams)
        return concat("engine '", engine.name, "' serves ",
                      engine.properties.datagrams ? "datagrams" : "connections", ", service '", service.name,
                      "' answers ", service.datagrams ? "datagrams" : "streams");
    if (service.shares_state && !engine.properties.shared_state)
        return concat("the clients of service '", service.name, "' share state, and engine '", engine.name,
                      "' gives each a memory of its own");
    return std::nullopt;
}

Result<void, UserError> check_server(const scenario::Server& server) {
    const auto parts = find_parts(server);
    if (!parts) return failure(parts.error());
    return {};
}

}  // namespace synscope::host
