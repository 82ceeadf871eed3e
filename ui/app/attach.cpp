#include "ui/app/attach.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "net/base/text.hpp"
#include "net/lab/programs.hpp"
#include "net/lab/tap_network.hpp"
#include "ui/app/command.hpp"
#include "ui/app/interrupt.hpp"
#include "ui/app/live_sim.hpp"

namespace synscope::app {

namespace {

constexpr std::string_view kTap = "tap";
/// Servers listen by then: sim/run has them begin at once.
constexpr Duration kUntilServersListen = Duration::milliseconds(1);

lab::TapHostOptions host_options(const sim::OutsideEnd& end, const std::vector<std::string>& command) {
    lab::TapHostOptions options;
    options.mac = end.mac;
    options.mtu = end.mtu;
    if (end.address) {
        options.address = end.address->address;
        options.prefix_length = end.address->length;
    }
    options.gateway = end.gateway;
    options.command = command;
    return options;
}

/// What somebody needs to know to use the network that is there now.
void say_how_to_enter(const lab::TapNetwork& network, const sim::Simulation& simulation) {
    const sim::OutsideEnd& end = simulation.outside();
    const std::string user =
        network.isolation() == lab::Isolation::UserAndNetwork ? " -U --preserve-credentials" : "";
    std::string text = concat(lab::kTapInterface, " takes the place of host '", end.host, "', ",
                              end.address ? end.address->text() : std::string{"without an address"},
                              ", in the network of process ", network.pid(), "; Ctrl-C ends it\n");
    for (const Endpoint& server : simulation.servers())
        if (!end.address || server.address != end.address->address)
            append(text, concat("a server listens on ", server.text(), "\n"));
    append(text, concat("to run a program there: nsenter -t ", network.pid(), user, " -n PROGRAM\n"));
    std::fputs(text.c_str(), stderr);
}

int exit_code(const lab::ExitStatus& status, const AttachOptions& options) {
    if (interrupted()) return kInterrupted;
    if (status.clean()) return kDone;
    const std::string how = status.signal != 0 ? concat("was ended by signal ", status.signal)
                                               : concat("ended with exit code ", status.code);
    return report({concat("'", options.command[0], "' ", how), "", ""});
}

}  // namespace

bool can_attach_to(std::string_view what) {
    return what == kTap || (what.starts_with(kTap) && what.substr(kTap.size()).starts_with(':') &&
                            what.size() > kTap.size() + 1);
}

std::string attached_host(const AttachOptions& options, const scenario::Scenario& scenario) {
    if (options.what.size() > kTap.size() + 1) return options.what.substr(kTap.size() + 1);
    return scenario.clients.front().host;
}

int run_attached(sim::Simulation& simulation, const AttachOptions& options) {
    const bool commanded = !options.command.empty();
    auto network =
        lab::TapNetwork::start(lab::own_program(), host_options(simulation.outside(), options.command),
                               options.output_is_taken ? STDERR_FILENO : STDOUT_FILENO);
    if (!network) return report(to_user_error(network.error()));
    if (!*network) return kFailed;  // it has said why
    if (commanded) pass_signals_to((*network)->pid());
    LiveSim live{simulation, {(*network)->tap_fd(), (*network)->ended_fd(), !commanded}};
    live.settle(kUntilServersListen);
    if (!commanded) say_how_to_enter(**network, simulation);
    (*network)->begin();
    const auto ended = live.run();
    pass_signals_to(0);
    if (!ended) return report(to_user_error(ended.error()));
    if (commanded && *ended == LiveEnd::OtherEnded) return exit_code((*network)->finish(), options);
    if (!simulation.outcome()) return report(simulation.outcome().error());
    if (*ended == LiveEnd::OtherEnded)
        return report({"the process that kept the network has been ended", "", ""});
    // With nothing else to end it, Ctrl-C is how it ends.
    return kDone;
}

}  // namespace synscope::app
