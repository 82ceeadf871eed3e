// engine-host, client-host, lab-host, tap-host: the processes of a run. They are started by us, with
// descriptors in agreed places (see net/lab/lab_host.cpp, tap_network.cpp), and are left out of the help.
#include <unistd.h>

#include <memory>
#include <string>

#include "capture/trace/safe_file.hpp"
#include "net/base/text.hpp"
#include "net/host/client_host.hpp"
#include "net/host/server_host.hpp"
#include "net/lab/host_descriptors.hpp"
#include "net/lab/lab_host.hpp"
#include "net/lab/programs.hpp"
#include "net/lab/tap_network.hpp"
#include "sim/scenario/load.hpp"
#include "ui/app/command.hpp"

namespace synscope::app {

namespace {

/// The scenario that our parent put on descriptor 0.
Result<scenario::Scenario, UserError> inherited_scenario() {
    std::string yaml;
    char buffer[4096];
    ssize_t n = 0;
    while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
        yaml.append(buffer, static_cast<std::size_t>(n));
    return scenario::load_text(yaml, "scenario", {});
}

engine::ObserveLevel observe_level(const std::string& word) {
    return engine::observe_level_from_name(word).value_or(engine::ObserveLevel::Full);
}

/// Unwatched it writes no events, but the line ADDRESS:PORT when it listens.
int run_engine_host(const std::string& observe, const std::string& root) {
    const auto scenario = inherited_scenario();
    if (!scenario) return report(scenario.error());
    host::ServerHostOptions options;
    options.server = scenario->server;
    options.observe = observe_level(observe);
    options.root = root;
    options.stop_fd = lab::kStopFd;
    if (options.observe == engine::ObserveLevel::Off)
        options.on_listening = [](const Endpoint& where) {
            static_cast<void>(trace::write_all(lab::kEventFd, concat(where.text(), '\n')));
        };
    else
        options.event_fd = lab::kEventFd;
    if (const auto served = host::run_server_host(options); !served) return report(served.error());
    return kDone;
}

int run_client_host(std::size_t index, const std::string& server, const std::string& observe) {
    const auto scenario = inherited_scenario();
    if (!scenario) return report(scenario.error());
    const auto endpoint = Endpoint::parse(server);
    if (!endpoint || index >= scenario->clients.size()) return kWrongUsage;
    host::ClientHostOptions options;
    options.client = scenario->clients[index];
    options.server = *endpoint;
    options.event_fd = lab::kEventFd;
    options.observe = observe_level(observe);
    if (const auto done = host::run_client_host(options); !done) return report(done.error());
    return kDone;
}

int run_lab_host() {
    auto scenario = inherited_scenario();
    if (!scenario) return report(scenario.error());
    lab::LabOptions options;
    options.scenario = std::move(*scenario);
    options.program = lab::own_program();
    options.capture_program = lab::capture_program_path();
    options.output_fd = STDOUT_FILENO;
    const auto outcome = lab::run_on_loopback(options);
    if (!outcome) return report(outcome.error());
    switch (*outcome) {
        case lab::LabOutcome::Complete:
            return kDone;
        case lab::LabOutcome::Interrupted:
            return kInterrupted;
        case lab::LabOutcome::ChildFailed:
            break;
    }
    return kFailed;
}

struct TapHostWords {
    std::uint64_t mac = 0;  ///< its 48 bits
    std::string address;
    std::string gateway;
    lab::TapHostOptions options;
};

int run_tap_host(TapHostWords words) {
    for (std::size_t i = 0; i < words.options.mac.octets.size(); ++i)
        words.options.mac.octets[i] = static_cast<std::uint8_t>(words.mac >> 8 * (5 - i));
    words.options.address = IpAddress::parse(words.address);
    words.options.gateway = IpAddress::parse(words.gateway);
    const auto done = lab::run_tap_host(words.options);
    return done ? kDone : report(done.error());
}

void add_tap_host(Command& parent) {
    const auto words = std::make_shared<TapHostWords>();
    Command tap = parent.add_hidden_command("tap-host");
    tap.option("--mac", words->mac).required();
    tap.option("--mtu", words->options.mtu).required();
    tap.option("--address", words->address);
    tap.option("--prefix", words->options.prefix_length);
    tap.option("--gateway", words->gateway);
    tap.option("command", words->options.command);
    tap.runs([words] { return run_tap_host(*words); });
}

}  // namespace

void add_hosts(Command& parent) {
    struct EngineWords {
        std::string observe = "full";
        std::string root;
    };
    const auto words = std::make_shared<EngineWords>();
    Command engine = parent.add_hidden_command("engine-host");
    engine.option("--observe", words->observe);
    engine.option("--root", words->root);
    engine.runs([words] { return run_engine_host(words->observe, words->root); });
    parent.add_hidden_command("lab-host").runs(run_lab_host);
    add_tap_host(parent);

    struct Options {
        std::size_t client = 0;
        std::string server;
        std::string observe = "full";
    };
    const auto options = std::make_shared<Options>();
    Command client = parent.add_hidden_command("client-host");
    client.option("--client", options->client).required();
    client.option("--server", options->server).required();
    client.option("--observe", options->observe);
    client.runs([options] { return run_client_host(options->client, options->server, options->observe); });
}

}  // namespace synscope::app
