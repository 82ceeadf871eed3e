#include "net/lab/compare.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <set>

#include "capture/trace/session.hpp"
#include "capture/trace/store.hpp"
#include "net/base/text.hpp"
#include "net/engine/engine.hpp"
#include "net/engine/socket.hpp"
#include "net/host/clock.hpp"
#include "net/host/errors.hpp"
#include "net/host/server_host.hpp"
#include "net/lab/host_descriptors.hpp"
#include "net/lab/other_transport.hpp"
#include "net/lab/server_socket.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::lab {

namespace {

using Clock = std::chrono::steady_clock;

UserError cannot_run(const OsError& error) {
    return {concat(error.operation, ": ", std::string_view{std::strerror(error.error)}), error.detail, {}};
}

/// A child and the events that it has written.
struct Party {
    Child child;
    engine::UniqueFd stream;
    std::unique_ptr<trace::Store> store = std::make_unique<trace::Store>();
    std::unique_ptr<trace::SessionDecoder> decoder = std::make_unique<trace::SessionDecoder>(*store);
    std::string text;  ///< of an unwatched server: it writes where it listens, and no events
};

/// One run of one engine.
class Trial {
  public:
    Trial(const CompareOptions& options, const scenario::Scenario& scenario, bool watched)
        : options_(options), scenario_(scenario), watched_(watched) {}

    Result<TrialOutcome, UserError> run() {
        deadline_ = Clock::now() + std::chrono::nanoseconds{options_.patience.ns};
        if (auto started = start_server(); !started) return failure(started.error());
        while (!address_ && server_.stream)
            if (!pump()) return end(TrialOutcome::TimedOut);
        if (!address_) return end(TrialOutcome::ServerFailed);
        before_ = usage_now(server_.child.pid());
        clients_.resize(scenario_.clients.size());
        while (!all_ended()) {
            if (auto started = start_ready_clients(); !started) return failure(started.error());
            if (!pump()) return end(was_interrupted() ? TrialOutcome::Interrupted : TrialOutcome::TimedOut);
            if (client_failed_) return end(TrialOutcome::ClientFailed);
        }
        return end(TrialOutcome::Done);
    }

    [[nodiscard]] ProcessUsage usage() const;
    [[nodiscard]] std::vector<ClientWait> waits() const;
    [[nodiscard]] Duration wall() const;
    void count_calls(EngineTrial& trial) const;

  private:
    Result<void, UserError> start_server();
    Result<void, UserError> start_ready_clients();
    Result<Party, UserError> start(const std::vector<std::string>& arguments, std::vector<InheritedFd> fds);
    [[nodiscard]] bool all_ended() const;
    [[nodiscard]] bool was_interrupted() const {
        return options_.interrupted != nullptr && options_.interrupted();
    }
    bool pump();
    void read(Party& party, bool is_client);
    void learn_address();
    TrialOutcome end(TrialOutcome outcome);

    const CompareOptions& options_;
    const scenario::Scenario& scenario_;
    const bool watched_;
    Clock::time_point deadline_;
    Party server_;
    engine::UniqueFd stop_;
    std::vector<std::optional<Party>> clients_;  ///< nothing: not started
    std::optional<Endpoint> address_;
    std::size_t looked_at_ = 0;  ///< events of the server
    bool client_failed_ = false;
    ProcessUsage before_;
    Instant stopped_at_;
};

Result<Party, UserError> Trial::start(const std::vector<std::string>& arguments,
                                      std::vector<InheritedFd> fds) {
    const auto file = nameless_file(scenario::to_yaml(scenario_));
    if (!file) return failure(cannot_run(file.error()));
    const engine::UniqueFd yaml{*file};
    const auto pipe = make_pipe();
    if (!pipe) return failure(cannot_run(pipe.error()));
    Party party;
    party.stream = engine::UniqueFd{pipe->read_end};
    const engine::UniqueFd write_end{pipe->write_end};
    fds.push_back({STDIN_FILENO, yaml.get()});
    fds.push_back({kEventFd, write_end.get()});
    auto child = Child::start(options_.program, arguments, fds, ProcessGroup::Own);
    if (!child) return failure(cannot_run(child.error()));
    party.child = std::move(*child);
    return party;
}

Result<void, UserError> Trial::start_server() {
    const auto pipe = make_pipe();
    if (!pipe) return failure(cannot_run(pipe.error()));
    const engine::UniqueFd read_end{pipe->read_end};
    stop_ = engine::UniqueFd{pipe->write_end};
    auto server = start({"engine-host", "--observe", watched_ ? "calls" : "off", "--root", options_.root},
                        {{kStopFd, read_end.get()}});
    if (!server) return failure(server.error());
    server_ = std::move(*server);
    return {};
}

/// Every client whose predecessor has ended.
Result<void, UserError> Trial::start_ready_clients() {
    const auto& clients = scenario_.clients;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        if (clients_[i]) continue;
        bool ready = true;
        for (std::size_t k = 0; k < clients.size(); ++k)
            if (clients[k].name == clients[i].after) ready = ready && clients_[k] && !clients_[k]->stream;
        if (!ready) continue;
        auto party = start(
            {"client-host", "--client", concat(i), "--server", address_->text(), "--observe", "calls"}, {});
        if (!party) return failure(party.error());
        clients_[i] = std::move(*party);
    }
    return {};
}

bool Trial::all_ended() const {
    return std::all_of(clients_.begin(), clients_.end(), [](const auto& c) { return c && !c->stream; });
}

/// Reads what has come, from whom it has come; false when the time is over or somebody pressed Ctrl-C.
bool Trial::pump() {
    std::vector<pollfd> polled;
    std::vector<Party*> parties;
    const auto add = [&](Party& party) {
        if (!party.stream) return;
        polled.push_back({party.stream.get(), POLLIN, 0});
        parties.push_back(&party);
    };
    add(server_);
    for (auto& client : clients_)
        if (client) add(*client);
    if (polled.empty()) return true;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0 || was_interrupted()) return false;
    if (::poll(polled.data(), polled.size(), static_cast<int>(std::min<std::int64_t>(left, 200))) <= 0)
        return true;
    for (std::size_t i = 0; i < parties.size(); ++i)
        if (polled[i].revents != 0) read(*parties[i], parties[i] != &server_);
    learn_address();
    return true;
}

void Trial::read(Party& party, bool is_client) {
    std::array<std::byte, 65536> buffer;
    const ssize_t n = ::read(party.stream.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) return;
    if (n > 0 && !watched_ && !is_client) {
        party.text.append(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(n));
    } else if (n > 0) {
        static_cast<void>(party.decoder->feed({buffer.data(), static_cast<std::size_t>(n)}));
    } else {
        party.stream = engine::UniqueFd{};
        if (is_client && !party.child.wait().clean()) client_failed_ = true;
    }
}

void Trial::learn_address() {
    if (address_) return;
    if (const auto end = server_.text.find('\n'); end != std::string::npos)
        address_ = Endpoint::parse(server_.text.substr(0, end));
    for (; looked_at_ < server_.store->size() && !address_; ++looked_at_) {
        const Event event = server_.store->event(EventId{static_cast<std::uint32_t>(looked_at_)});
        const auto* named = std::get_if<SocketNamed>(&event.body);
        if (named != nullptr && is_server_socket(*named)) address_ = named->local;
    }
}

/// Stops everybody, and reads what they still have to say.
TrialOutcome Trial::end(TrialOutcome outcome) {
    for (auto& client : clients_)
        if (client && client->stream) client->child.signal(SIGKILL);
    stopped_at_ = Instant{host::pair_clocks().wall_ns};
    stop_ = engine::UniqueFd{};
    deadline_ = Clock::now() + std::chrono::seconds{10};
    while (server_.stream && Clock::now() < deadline_)
        static_cast<void>(pump());
    if (server_.stream) server_.child.signal(SIGKILL);
    const ExitStatus status = server_.child.wait();
    if (!status.clean() && outcome == TrialOutcome::Done) return TrialOutcome::ServerFailed;
    return outcome;
}

ProcessUsage Trial::usage() const {
    ProcessUsage usage = server_.child.usage();
    usage.user = std::max(Duration{}, usage.user - before_.user);
    usage.system = std::max(Duration{}, usage.system - before_.system);
    usage.wake_ups -= std::min(usage.wake_ups, before_.wake_ups);
    usage.preempted -= std::min(usage.preempted, before_.preempted);
    return usage;
}

/// Whether a client waits in this call for something the server has to do.
bool waits_in(Syscall call) {
    return call == Syscall::Connect || call == Syscall::Poll || call == Syscall::EpollWait ||
           reads_stream(call);
}

template <class Visit>
void each_return(const trace::Store& store, Visit visit) {
    for (std::uint32_t i = 0; i < store.size(); ++i) {
        const Event event = store.event(EventId{i});
        if (const auto* body = std::get_if<SyscallReturned>(&event.body))
            visit(event, *body, event.cause ? store.event(*event.cause).at : event.at);
    }
}

std::vector<ClientWait> Trial::waits() const {
    std::vector<ClientWait> out;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        ClientWait wait{scenario_.clients[i].name, {}, {}, {}};
        std::optional<Instant> first;
        if (clients_[i])
            each_return(*clients_[i]->store,
                        [&](const Event& event, const SyscallReturned& call, Instant entered) {
                            if (!first) first = entered;
                            wait.took = event.at - *first;
                            if (!waits_in(call.call)) return;
                            wait.waited = wait.waited + (event.at - entered);
                            wait.longest = std::max(wait.longest, event.at - entered);
                        });
        out.push_back(std::move(wait));
    }
    return out;
}

Duration Trial::wall() const {
    std::optional<Instant> first;
    std::optional<Instant> last;
    for (const auto& client : clients_) {
        if (!client) continue;
        each_return(*client->store, [&](const Event& event, const SyscallReturned&, Instant entered) {
            first = first ? std::min(*first, entered) : entered;
            last = last ? std::max(*last, event.at) : event.at;
        });
    }
    return first ? *last - *first : Duration{};
}

void Trial::count_calls(EngineTrial& trial) const {
    std::set<std::uint32_t> threads;
    bool listening = false;
    each_return(*server_.store, [&](const Event&, const SyscallReturned& call, Instant entered) {
        if (listening && entered < stopped_at_) {
            ++trial.calls[call.call];
            if (call.error == EAGAIN) ++trial.in_vain;
            threads.insert(call.thread.value);
        }
        listening = listening || call.call == (trial.datagrams ? Syscall::Bind : Syscall::Listen);
    });
    trial.threads = static_cast<std::uint32_t>(threads.size());
    std::vector<const trace::Store*> clients;
    for (const auto& client : clients_)
        if (client) clients.push_back(client->store.get());
    trial.borders = borders_of(*server_.store, clients);
}

Result<EngineTrial, UserError> try_engine(const CompareOptions& options, const std::string& engine) {
    const engine::EngineInfo& info = *engine::find_engine(engine);
    EngineTrial out;
    out.engine = engine;
    out.datagrams = info.properties.datagrams;
    const auto made = with_engine(options.scenario, info);
    const auto can = made ? host::check_server(made->server) : Result<void, UserError>{failure(made.error())};
    if (!can) {
        out.outcome = TrialOutcome::Refused;
        out.why = can.error().what;
        return out;
    }
    const scenario::Scenario& scenario = *made;
    out.service = scenario.server.service;
    Trial unwatched{options, scenario, false};
    auto outcome = unwatched.run();
    if (!outcome) return failure(outcome.error());
    out.outcome = *outcome;
    out.wall = unwatched.wall();
    out.usage = unwatched.usage();
    out.clients = unwatched.waits();
    if (out.outcome != TrialOutcome::Done) return out;
    Trial watched{options, scenario, true};
    outcome = watched.run();
    if (!outcome) return failure(outcome.error());
    out.outcome = *outcome;
    watched.count_calls(out);
    return out;
}

}  // namespace

std::string_view outcome_name(TrialOutcome outcome) noexcept {
    constexpr std::array<std::string_view, 6> kNames{"done",      "refused",       "client_failed",
                                                     "timed_out", "server_failed", "interrupted"};
    return kNames[static_cast<std::size_t>(outcome)];
}

std::uint64_t client_count(const scenario::Scenario& scenario) {
    std::uint64_t clients = 0;
    for (const scenario::Client& client : scenario.clients)
        clients += client.count;
    return clients;
}

std::uint64_t messages_sent(const scenario::Scenario& scenario) {
    std::uint64_t messages = 0;
    for (const scenario::Client& client : scenario.clients)
        for (const scenario::Step& step : client.steps)
            if (std::holds_alternative<scenario::Send>(step.action)) messages += client.count;
    return messages;
}

Result<std::vector<EngineTrial>, UserError> compare_engines(const CompareOptions& options) {
    if (const auto reason = scenario::needs_simulator(options.scenario))
        return failure(UserError{concat("only the simulator runs a scenario with ", *reason), {}, {}});
    for (const std::string& engine : options.engines)
        if (engine::find_engine(engine) == nullptr)
            return failure(host::unknown_name("engine", engine, engine::engines()));
    std::vector<EngineTrial> trials;
    for (const std::string& engine : options.engines) {
        auto trial = try_engine(options, engine);
        if (!trial) return failure(trial.error());
        trials.push_back(std::move(*trial));
        if (trials.back().outcome == TrialOutcome::Interrupted) break;
    }
    return trials;
}

}  // namespace synscope::lab
