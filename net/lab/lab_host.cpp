#include "net/lab/lab_host.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "capture/trace/safe_file.hpp"
#include "capture/trace/session.hpp"
#include "capture/trace/store.hpp"
#include "net/base/armed.hpp"
#include "net/base/text.hpp"
#include "net/engine/engine.hpp"
#include "net/host/client_host.hpp"
#include "net/host/clock.hpp"
#include "net/host/server_host.hpp"
#include "net/lab/capture_rights.hpp"
#include "net/lab/child.hpp"
#include "net/lab/host_descriptors.hpp"
#include "net/lab/server_socket.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::lab {

namespace {

constexpr int kStartTimeout_ms =
    10'000;  // a server or a capture that is not ready by then has a problem to report

/// One child and the stream it writes.
struct Source {
    std::string name;
    Child child;
    int stream = -1;  ///< read end of its event pipe; -1 when it has ended
    std::unique_ptr<trace::SessionDecoder> decoder;
};

/// What a pass over the descriptors led to.
enum class Pumped : std::uint8_t { Progress, Idle, Interrupted };

/// Whoever is waited for writes while we wait, so it is the clock that says when to give up.
class Deadline {
  public:
    [[nodiscard]] int left_ms() const {
        const auto passed =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_);
        return passed.count() >= kStartTimeout_ms ? 0 : kStartTimeout_ms - static_cast<int>(passed.count());
    }

  private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

class LabRun {
  public:
    explicit LabRun(const LabOptions& options)
        : options_(options), encoder_(concat("synscope ", options.scenario.name)) {}
    LabRun(const LabRun&) = delete;
    LabRun& operator=(const LabRun&) = delete;
    ~LabRun();

    Result<LabOutcome, UserError> run();

  private:
    Result<void, UserError> watch_signals();
    void declare_self();
    Result<void, UserError> start_server();
    Result<void, UserError> start_capture();
    Result<void, UserError> start_client(std::size_t index);
    Result<void, UserError> start_ready_clients();
    Result<Source*, UserError> start(std::string name, const std::string& program,
                                     std::vector<std::string> arguments, std::vector<InheritedFd> descriptors,
                                     int stream_fd);

    template <class Done>
    Result<bool, UserError> pump_until(Done done, const Source& needed, std::string_view waiting_for);
    Result<Pumped, UserError> pump(int timeout_ms);
    Result<void, UserError> read_stream(Source& source);
    void look_at_new_events();
    bool forward();
    void finish();
    LabOutcome outcome() const;

    const LabOptions& options_;
    trace::Store store_;
    trace::SessionEncoder encoder_;
    std::vector<std::unique_ptr<Source>> sources_;
    std::size_t forwarded_events_ = 0;
    std::size_t forwarded_interfaces_ = 0;
    std::optional<Endpoint> server_;
    bool armed_ = false;
    bool interrupted_ = false;
    bool child_failed_ = false;
    bool stopping_ = false;  ///< how a child ends from here on is our doing
    int signals_ = -1;
    int server_stop_ = -1;  ///< closing it asks the server to stop
    Source* server_source_ = nullptr;
    Source* capture_ = nullptr;
    std::vector<Source*> clients_;  ///< by scenario index; nullptr until started
};

LabRun::~LabRun() {
    for (const auto& source : sources_) {
        if (source->stream >= 0) close(source->stream);
    }
    if (server_stop_ >= 0) close(server_stop_);
    if (signals_ >= 0) close(signals_);
}

UserError system_failure(const OsError& error) {
    std::string what = error.operation;
    if (error.error != 0) append(what, concat(" failed: ", std::string_view{std::strerror(error.error)}));
    return {std::move(what), error.detail, ""};
}

Result<void, UserError> LabRun::watch_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0) return failure(system_failure({"signalfd", errno, ""}));
    return {};
}

/// Keys of the scenario that only a wire could carry out are told, so that nobody takes loopback for it.
void LabRun::declare_self() {
    const scenario::Scenario& s = options_.scenario;
    const bool shaped = s.link.rate_bits_per_second || s.link.delay.ns != 0 || s.link.jitter.ns != 0 ||
                        s.link.loss > 0 || s.link.duplication > 0 || s.link.reordering > 0 ||
                        s.link.corruption > 0 || s.link.burst_loss || !s.rules.empty();
    if (!shaped) return;
    const ActorId self = store_.add_actor();
    const Instant now{host::pair_clocks().wall_ns};
    store_.append(now, self, std::nullopt, ActorDeclared{ActorRole::Host, store_.intern("lab"), 0});
    store_.append(
        now, self, std::nullopt,
        Note{Severity::Warning, store_.intern("link and rules of the scenario do not act on loopback")});
}

Result<Source*, UserError> LabRun::start(std::string name, const std::string& program,
                                         std::vector<std::string> arguments,
                                         std::vector<InheritedFd> descriptors, int stream_fd) {
    auto pipe = make_pipe();
    if (!pipe) return failure(system_failure(pipe.error()));
    descriptors.push_back({stream_fd, pipe->write_end});
    auto child = Child::start(program, arguments, descriptors);
    close(pipe->write_end);
    if (!child) {
        close(pipe->read_end);
        return failure(system_failure(child.error()));
    }
    sources_.push_back(std::make_unique<Source>(Source{std::move(name), std::move(*child), pipe->read_end,
                                                       std::make_unique<trace::SessionDecoder>(store_)}));
    return sources_.back().get();
}

Result<void, UserError> LabRun::start_server() {
    auto stop = make_pipe();
    if (!stop) return failure(system_failure(stop.error()));
    server_stop_ = stop->write_end;
    auto scenario = nameless_file(scenario::to_yaml(options_.scenario));
    if (!scenario) {
        close(stop->read_end);
        return failure(system_failure(scenario.error()));
    }
    auto source = start("server", options_.program, {"engine-host"},
                        {{STDIN_FILENO, *scenario}, {kStopFd, stop->read_end}}, kEventFd);
    close(stop->read_end);
    close(*scenario);
    if (!source) return failure(source.error());
    server_source_ = *source;
    auto listening =
        pump_until([this] { return server_.has_value(); }, *server_source_, "the server to listen");
    if (!listening) return failure(listening.error());
    return {};
}

Result<void, UserError> LabRun::start_capture() {
    const bool datagrams = engine::find_engine(options_.scenario.server.engine)->properties.datagrams;
    const std::string filter = concat(datagrams ? "udp" : "tcp", " port ", server_->port);
    auto source = start("capture", options_.capture_program, {"-i", "lo", "-f", filter}, {}, STDOUT_FILENO);
    if (!source) return failure(source.error());
    capture_ = *source;
    auto armed = pump_until([this] { return armed_; }, *capture_, "the capture to be armed");
    if (!armed) return failure(armed.error());
    return {};
}

Result<void, UserError> LabRun::start_client(std::size_t index) {
    auto scenario = nameless_file(scenario::to_yaml(options_.scenario));
    if (!scenario) return failure(system_failure(scenario.error()));
    auto source = start(options_.scenario.clients[index].name, options_.program,
                        {"client-host", "--client", concat(index), "--server", server_->text()},
                        {{STDIN_FILENO, *scenario}}, kEventFd);
    close(*scenario);
    if (!source) return failure(source.error());
    clients_[index] = *source;
    return {};
}

/// Starts every client that has not run yet and whose predecessor has finished.
Result<void, UserError> LabRun::start_ready_clients() {
    const auto& clients = options_.scenario.clients;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        if (clients_[i] != nullptr) continue;
        bool ready = true;
        for (std::size_t k = 0; k < clients.size(); ++k) {
            const bool awaited = clients[k].name == clients[i].after;
            if (awaited && (clients_[k] == nullptr || clients_[k]->child.running())) ready = false;
        }
        if (!ready) continue;
        if (auto started = start_client(i); !started) return started;
    }
    return {};
}

/// Pumps until `done`; false when the run was interrupted or `needed` ended before (it has said why).
template <class Done>
Result<bool, UserError> LabRun::pump_until(Done done, const Source& needed, std::string_view waiting_for) {
    const Deadline deadline;
    while (!done()) {
        if (interrupted_ || !needed.child.running()) return false;
        auto pumped = pump(deadline.left_ms());
        if (!pumped) return failure(pumped.error());
        if (deadline.left_ms() == 0 && !done())
            return failure(UserError{
                concat("waited ", kStartTimeout_ms / 1000, " s in vain for ", waiting_for), "", ""});
    }
    return true;
}

/// One wait for something to read, from any child, and one read from each that has something.
Result<Pumped, UserError> LabRun::pump(int timeout_ms) {
    std::vector<pollfd> polled{{signals_, POLLIN, 0}, {interrupted_ ? -1 : options_.output_fd, 0, 0}};
    std::vector<Source*> readers;
    for (const auto& source : sources_) {
        if (source->stream < 0) continue;
        polled.push_back({source->stream, POLLIN, 0});
        readers.push_back(source.get());
    }
    const int ready = poll(polled.data(), polled.size(), timeout_ms);
    if (ready < 0 && errno != EINTR) return failure(system_failure({"poll", errno, ""}));
    if (ready == 0) return Pumped::Idle;
    if ((polled[0].revents & POLLIN) != 0) {
        signalfd_siginfo ignored;
        interrupted_ = read(signals_, &ignored, sizeof ignored) > 0 || interrupted_;
    }
    if ((polled[1].revents & POLLERR) != 0) interrupted_ = true;
    for (std::size_t i = 0; i < readers.size(); ++i) {
        if (polled[i + 2].revents == 0) continue;
        if (auto read = read_stream(*readers[i]); !read) return failure(read.error());
    }
    look_at_new_events();
    if (!forward()) interrupted_ = true;
    return interrupted_ ? Pumped::Interrupted : Pumped::Progress;
}

Result<void, UserError> LabRun::read_stream(Source& source) {
    std::array<std::byte, 65536> buffer;
    const ssize_t n = read(source.stream, buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return {};
    if (n > 0) return source.decoder->feed({buffer.data(), static_cast<std::size_t>(n)});
    close(source.stream);
    source.stream = -1;
    const ExitStatus status = source.child.wait();                // the stream ends when the process does
    if (&source == capture_ && !stopping_) child_failed_ = true;  // packets after this were not recorded
    if (!status.clean()) {
        if (status.signal != 0 && (interrupted_ || stopping_)) return {};
        child_failed_ = true;
        if (status.signal != 0)
            return failure(UserError{
                concat("the ", source.name, " process was ended by signal ", status.signal), "", ""});
        return {};
    }
    return source.decoder->finish();
}

/// Learns from the stream what the next step of the run waits for.
void LabRun::look_at_new_events() {
    for (std::size_t i = forwarded_events_; i < store_.size(); ++i) {
        const Event event = store_.event(EventId{static_cast<std::uint32_t>(i)});
        if (const auto* named = std::get_if<SocketNamed>(&event.body);
            named != nullptr && is_server_socket(*named) && !server_)
            server_ = named->local;
        if (const auto* note = std::get_if<Note>(&event.body);
            note != nullptr && store_.text(note->text) == kArmedNote)
            armed_ = true;
    }
}

/// Writes what is new to the output; false when its reader has gone.
bool LabRun::forward() {
    for (; forwarded_interfaces_ < store_.interface_count(); ++forwarded_interfaces_)
        encoder_.interface(store_.interface(InterfaceId{static_cast<std::uint16_t>(forwarded_interfaces_)}));
    for (; forwarded_events_ < store_.size(); ++forwarded_events_)
        encoder_.event(store_, store_.event(EventId{static_cast<std::uint32_t>(forwarded_events_)}));
    return trace::write_all(options_.output_fd, encoder_.take());
}

/// Server first (it drains), then the capture (it empties the kernel's buffer); their last words are
/// forwarded.
void LabRun::finish() {
    stopping_ = true;
    const auto drain = [this](Source* source) {
        const Deadline deadline;
        while (source != nullptr && source->stream >= 0) {
            if (!pump(deadline.left_ms())) return;
            if (deadline.left_ms() > 0 || source->stream < 0) continue;
            child_failed_ = true;  // it does not end by itself
            source->child.signal(SIGKILL);
            return;
        }
    };
    for (Source* client : clients_) {
        if (client != nullptr && client->child.running()) client->child.signal(SIGTERM);
        drain(client);
    }
    if (server_stop_ >= 0) close(std::exchange(server_stop_, -1));
    drain(server_source_);
    if (capture_ != nullptr) capture_->child.signal(SIGTERM);
    drain(capture_);
    look_at_new_events();
    static_cast<void>(forward());
}

LabOutcome LabRun::outcome() const {
    if (child_failed_) return LabOutcome::ChildFailed;
    return interrupted_ ? LabOutcome::Interrupted : LabOutcome::Complete;
}

Result<LabOutcome, UserError> LabRun::run() {
    if (auto watched = watch_signals(); !watched) return failure(watched.error());
    declare_self();
    clients_.assign(options_.scenario.clients.size(), nullptr);
    Result<void, UserError> step = start_server();
    if (step && server_) step = start_capture();
    while (step && armed_ && !interrupted_ && !child_failed_) {
        step = start_ready_clients();
        bool running = false;
        for (const Source* client : clients_)
            running = running || client == nullptr || client->child.running();
        if (!step || !running) break;
        const auto pumped = pump(-1);
        if (!pumped) step = failure(pumped.error());
    }
    finish();
    if (!step) return failure(step.error());
    return outcome();
}

}  // namespace

Result<LabOutcome, UserError> run_on_loopback(const LabOptions& options) {
    if (const auto reason = scenario::needs_simulator(options.scenario))
        return failure(UserError{
            concat("only the simulator runs a scenario with ", *reason), {}, "see 'synscope sim --help'"});
    // A misspelt name is told even where nothing could be captured.
    if (auto known = host::check_server(options.scenario.server); !known) return failure(known.error());
    const auto* engine = engine::find_engine(options.scenario.server.engine);
    for (const scenario::Client& client : options.scenario.clients)
        if (auto fits = host::check_transport(client, *engine); !fits) return failure(fits.error());
    if (auto ready = ensure_capture_rights(options.capture_program); !ready) return failure(ready.error());
    LabRun run{options};
    return run.run();
}

}  // namespace synscope::lab
