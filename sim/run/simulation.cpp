#include "sim/run/simulation.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/base/text.hpp"
#include "sim/run/crowd.hpp"
#include "sim/run/datagram_server.hpp"
#include "sim/run/network.hpp"
#include "sim/run/server.hpp"

namespace synscope::sim {

namespace {

constexpr std::uint32_t kFirstPid = 1000;
/// Servers listen before the first client calls, as in the lab.
constexpr Instant kClientsBegin{100'000};

struct ServerParts {
    const service::ServiceInfo* service = nullptr;
    framing::FramingInfo framing;
    std::vector<framing::FramingInfo> own;               ///< of single connections
    std::vector<const framing::FramingInfo*> overrides;  ///< for the first, second, ... connection; into own
};

UserError no_such(std::string_view what, std::string_view name) {
    return {concat("there is no ", what, " '", name, "'"), {}, concat("see 'synscope ", what, "s'")};
}

/// The framing of that name, if the server's service can be had in it.
Result<framing::FramingInfo, UserError> framing_for(const ServerParts& parts, const std::string& name) {
    const auto framing = framing::framing_named(name);
    if (!framing) return failure(no_such("framing", name));
    const auto reason =
        parts.service != nullptr ? service::why_not_framed(*parts.service, *framing) : std::nullopt;
    if (reason) return failure(UserError{*reason, {}, "leave the framing out"});
    return *framing;
}

constexpr std::string_view kDatagramEngine = "udp";

/// Datagrams are served by the one engine for them, and by no other.
std::optional<UserError> why_not_together(const scenario::Server& server,
                                          const service::ServiceInfo* service) {
    const bool datagrams = server.engine == kDatagramEngine;
    if (service == nullptr && datagrams)
        return UserError{
            "a script leads connections, and engine 'udp' serves datagrams", {}, "leave one of both out"};
    if (service == nullptr || service->datagrams == datagrams) return std::nullopt;
    return UserError{
        concat("engine '", server.engine, "' serves ", datagrams ? "datagrams" : "connections", ", service '",
               server.service, "' answers ", service->datagrams ? "datagrams" : "streams"),
        {},
        "see 'synscope engines' and 'synscope services'"};
}

/// A client that names no place of its own talks to a server of the scenario: is there one for it?
std::optional<UserError> finds_nobody(const scenario::Scenario& scenario, const scenario::Client& client) {
    const bool datagrams = client.transport == scenario::Transport::Udp;
    const auto fits = [&](const scenario::Server& server) {
        return (server.engine == kDatagramEngine) == datagrams;
    };
    if (scenario.no_server || fits(scenario.server) ||
        std::any_of(scenario.more_servers.begin(), scenario.more_servers.end(), fits))
        return std::nullopt;
    for (const scenario::Step& step : client.steps) {
        const auto* connect = std::get_if<scenario::Connect>(&step.action);
        if (connect == nullptr || connect->port) continue;
        return UserError{
            concat("client '", client.name, "' talks ", datagrams ? "UDP" : "TCP", ", and no server ",
                   datagrams ? "takes datagrams" : "takes connections"),
            step.line > 0 ? concat("scenario line ", step.line, ", column ", step.column) : std::string{},
            datagrams ? "engine: udp and service: udp-upper on the server, or a port to connect to"
                      : "transport: udp on the client, or another engine"};
    }
    return std::nullopt;
}

Result<ServerParts, UserError> parts_of(const scenario::Server& server) {
    ServerParts parts;
    if (server.script.empty()) {
        parts.service = service::find_service(server.service);
        if (parts.service == nullptr) return failure(no_such("service", server.service));
    }
    if (auto wrong = why_not_together(server, parts.service)) return failure(std::move(*wrong));
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

std::string in_language(const scenario::Translated& texts, const std::string& language) {
    if (const auto found = texts.find(language); found != texts.end()) return found->second;
    if (const auto found = texts.find("en"); found != texts.end()) return found->second;
    return texts.empty() ? std::string{} : texts.begin()->second;
}

}  // namespace

struct Simulation::Impl final : ServerHome {
    /// A program with the calls it makes.
    struct Program {
        std::unique_ptr<Process> process;
        std::unique_ptr<Calls> calls;
    };
    struct ServerProgram {
        std::size_t program = 0;
        std::unique_ptr<ServerParts> parts;
        std::unique_ptr<ServerSetup> setup;
        std::unique_ptr<Server> server;  ///< or:
        std::unique_ptr<DatagramServer> datagrams;
    };
    struct ClientProgram {
        const scenario::Client* client = nullptr;
        std::size_t program = 0;
        std::unique_ptr<Script> script;  ///< or:
        std::unique_ptr<Crowd> crowd;
        bool finished = false;
    };

    SimulationOptions options;
    Recorder recorder;
    World world;
    Network network;
    std::vector<Program> programs;
    std::vector<ServerProgram> servers;
    std::vector<ClientProgram> clients;
    ActorId running;  ///< whose program runs now
    Result<void, UserError> outcome;
    std::optional<Instant> quiet_since;  ///< all clients have finished, and nothing is on its way
    bool over = false;

    Impl(SimulationOptions given, Recording& out)
        : options(std::move(given)),
          recorder(out),
          world({options.scenario.seed, options.shuffle_seed, &recorder}) {}

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    /// Programs hold conversations, which end before the services and sockets they are about.
    ~Impl() override {
        for (const Program& program : programs)
            program.process->stop();
    }

    // ---- making the programs

    std::size_t add_program(Machine& machine, ActorRole role, std::string_view name,
                            std::optional<ActorId> actor = std::nullopt) {
        const auto index = static_cast<std::uint32_t>(programs.size());
        const std::uint32_t pid = kFirstPid + index;
        Process::Identity identity{index, actor.value_or(ActorId{}), ThreadId{pid}};
        if (!actor) {
            identity.actor = recorder.out().add_actor();
            recorder.out().emit(world.now(), identity.actor, std::nullopt,
                                ActorDeclared{role, recorder.out().intern(name), pid});
        }
        Program program;
        program.process = std::make_unique<Process>(machine, identity);
        program.calls = std::make_unique<Calls>(*program.process, recorder, options.file);
        programs.push_back(std::move(program));
        return index;
    }

    Result<void, UserError> add_server(const scenario::Server& server) {
        auto parts = parts_of(server);
        if (!parts) return failure(parts.error());
        if (server.host == options.outside) {
            if (const auto there = network.directory.address_of(server.host); there && server.port != 0)
                network.directory.add_server(
                    server.host, {*there, server.port},
                    server.engine == kDatagramEngine ? scenario::Transport::Udp : scenario::Transport::Tcp);
            return {};
        }
        const std::string name = parts->service != nullptr ? concat(server.engine, " engine") : server.host;
        ServerProgram made;
        made.program = add_program(*network.by_name.at(server.host), ActorRole::Server, name);
        made.parts = std::make_unique<ServerParts>(std::move(*parts));
        made.setup = std::make_unique<ServerSetup>(
            ServerSetup{*programs[made.program].calls, network.directory, *this, server, made.parts->service,
                        made.parts->framing, made.parts->overrides, 0});
        if (server.engine == kDatagramEngine) {
            made.datagrams = std::make_unique<DatagramServer>(*made.setup);
            programs[made.program].process->run(made.datagrams->run(), Instant{});
        } else {
            made.server = std::make_unique<Server>(*made.setup);
            programs[made.program].process->run(made.server->run(), Instant{});
        }
        servers.push_back(std::move(made));
        return {};
    }

    Result<void, UserError> add_client(const scenario::Client& client) {
        const auto framing = framing::framing_named(client.framing);
        if (!framing) return failure(no_such("framing", client.framing));
        if (client.host == options.outside) return {};
        if (auto nobody = finds_nobody(options.scenario, client)) return failure(std::move(*nobody));
        ClientProgram made;
        made.client = &client;
        made.program = add_program(*network.by_name.at(client.host), ActorRole::Client, client.name);
        ScriptSetup setup{*programs[made.program].calls,
                          network.directory,
                          *framing,
                          client.options,
                          client.steps,
                          concat("client '", client.name, "'"),
                          {},
                          nullptr,
                          client.transport};
        if (client.count > 1)
            made.crowd = std::make_unique<Crowd>(setup, client.count);
        else
            made.script = std::make_unique<Script>(std::move(setup));
        clients.push_back(std::move(made));
        return {};
    }

    Task<void> run_client(std::size_t index) {
        Result<void, UserError> done;
        if (clients[index].crowd != nullptr)
            done = co_await clients[index].crowd->run();
        else
            done = co_await clients[index].script->run();
        if (!done) failed(done.error());
        clients[index].finished = true;
        for (std::size_t i = 0; i < clients.size(); ++i)
            if (clients[i].client->after == clients[index].client->name) start_client(i, world.now());
    }

    void start_client(std::size_t index, Instant when) {
        programs[clients[index].program].process->run(run_client(index), when);
    }

    Result<void, UserError> build() {
        for (const scenario::Narration& said : options.scenario.narration)
            network.directory.tell(said.at, {in_language(said.title, options.language),
                                             in_language(said.text, options.language)});
        if (auto built = build_network(options.scenario, options.outside, world, recorder, network); !built)
            return built;
        if (!options.scenario.no_server) {
            if (auto added = add_server(options.scenario.server); !added) return added;
            for (const scenario::Server& server : options.scenario.more_servers)
                if (auto added = add_server(server); !added) return added;
        }
        for (const scenario::Client& client : options.scenario.clients)
            if (auto added = add_client(client); !added) return added;
        for (std::size_t i = 0; i < clients.size(); ++i)
            if (clients[i].client->after.empty() || is_left_out(clients[i].client->after))
                start_client(i, kClientsBegin);
        return {};
    }

    [[nodiscard]] bool is_left_out(const std::string& client) const {
        return std::none_of(clients.begin(), clients.end(),
                            [&](const ClientProgram& own) { return own.client->name == client; });
    }

    // ---- ServerHome

    void lead(const SimSocket& socket, std::size_t accepted) override {
        for (ServerProgram& server : servers) {
            Process& first = *programs[server.program].process;
            if (first.identity().actor == running) {
                const std::size_t program = add_program(first.machine(), ActorRole::Server, {}, running);
                programs[program].process->run(
                    Server::lead(*server.setup, *programs[program].calls, socket, accepted), world.now());
                return;
            }
        }
    }

    void failed(UserError error) override {
        recorder.out().emit(world.now(), running, std::nullopt,
                            Note{Severity::Error, recorder.out().intern(error.what)});
        if (outcome) outcome = failure(std::move(error));
    }

    // ---- running

    void wake(std::uint64_t alarm) {
        Process& process = *programs[Machine::process_of(alarm)].process;
        running = process.identity().actor;
        process.alarm(Machine::number_of(alarm));
        settle(process.machine().box());
    }

    /// Programs look at their host as long as one of them gives the others something to see.
    void settle(BoxId box) {
        constexpr int kMostRounds = 1000;
        Host& host = world.host(box);
        for (int round = 0; round < kMostRounds && host.take_woken(); ++round)
            look(box);
    }

    void look(BoxId box) {
        for (std::size_t i = 0; i < programs.size(); ++i) {
            Process& process = *programs[i].process;
            if (process.machine().box() != box) continue;
            running = process.identity().actor;
            process.look();
        }
    }

    bool step() {
        const auto done = world.step(options.until);
        if (!done) {
            finish_at_limit();
            return false;
        }
        follow(*done);
        return !too_many_events() && !is_over();
    }

    bool run_until(Instant end) {
        const Instant stop = std::min(end, options.until);
        while (const auto done = world.step(stop)) {
            follow(*done);
            if (too_many_events()) return false;
        }
        return stop < options.until;
    }

    /// What the world did concerns programs.
    void follow(const World::Step& done) {
        if (done.alarm) wake(*done.alarm);
        const std::vector<BoxId> woken = std::exchange(world.woken(), {});
        for (const BoxId box : woken) {
            look(box);
            settle(box);
        }
    }

    void finish_at_limit() {
        if (world.now() < options.until || !outcome) return;
        const bool waiting = std::any_of(clients.begin(), clients.end(),
                                         [](const ClientProgram& client) { return !client.finished; });
        if (waiting)
            outcome = failure(UserError{concat("the scenario had not ended after ",
                                               duration_text(Duration{options.until.ns}), " of virtual time"),
                                        {},
                                        "--until sets another limit"});
    }

    bool too_many_events() {
        if (recorder.events() <= options.most_events) return false;
        if (outcome)
            outcome = failure(UserError{
                concat("stopped after ", recorder.events(), " events"), {}, "--events sets another limit"});
        return true;
    }

    /// No program will do anything more, and no connection either.
    bool is_over() {
        if (!std::all_of(clients.begin(), clients.end(), [](const ClientProgram& c) { return c.finished; }))
            return false;
        if (world.fabric().on_the_way() > 0) {
            quiet_since.reset();
            return false;
        }
        if (!quiet_since) quiet_since = world.now();
        return at_rest() || world.now() - *quiet_since >= kRest;
    }

    [[nodiscard]] bool at_rest() {
        // A program on its way to its next call has not seen yet what happened to its connection.
        if (std::any_of(programs.begin(), programs.end(),
                        [](const Program& program) { return program.process->is_busy(); }))
            return false;
        for (const auto& machine : network.machines)
            for (const SocketId socket : machine->tcp().sockets()) {
                const tcp::Tcb* tcb = machine->tcp().find(socket);
                if (tcb != nullptr && tcb->state != TcpState::Listen && tcb->state != TcpState::TimeWait &&
                    tcb->state != TcpState::Closed)
                    return false;
            }
        return true;
    }
};

Simulation::Simulation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Simulation::~Simulation() = default;

Result<std::unique_ptr<Simulation>, UserError> Simulation::make(SimulationOptions options, Recording& out) {
    auto impl = std::make_unique<Impl>(std::move(options), out);
    if (auto built = impl->build(); !built) return failure(built.error());
    return std::unique_ptr<Simulation>{new Simulation(std::move(impl))};
}

bool Simulation::go_on(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps && !impl_->over; ++i)
        impl_->over = !impl_->step();
    return !impl_->over;
}

bool Simulation::run_until(Instant end) {
    impl_->over = impl_->over || !impl_->run_until(end);
    return !impl_->over;
}

std::optional<Instant> Simulation::next_time() {
    return impl_->world.next_time();
}

const OutsideEnd& Simulation::outside() const noexcept {
    return *impl_->network.outside;
}

void Simulation::inject(ByteSpan frame) {
    impl_->world.outlet(outside().box).inject(impl_->world.fabric(), frame);
}

std::vector<Payload>& Simulation::left() {
    return impl_->world.outlet(outside().box).arrived();
}

std::vector<Endpoint> Simulation::servers() const {
    return impl_->network.directory.servers();
}

Progress Simulation::progress() const {
    return {impl_->world.now(), impl_->recorder.packets(), impl_->recorder.events()};
}

const Result<void, UserError>& Simulation::outcome() const noexcept {
    return impl_->outcome;
}

}  // namespace synscope::sim
