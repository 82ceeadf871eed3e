// synscope serve: just the server.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "capture/trace/safe_file.hpp"
#include "net/base/text.hpp"
#include "net/host/server_host.hpp"
#include "ui/app/command.hpp"
#include "ui/app/framing_option.hpp"
#include "ui/app/interrupt.hpp"
#include "ui/app/output.hpp"

namespace synscope::app {

namespace {

struct ServeOptions {
    std::string engine = "blocking";
    std::string service = "upper";
    std::string framing = "none";
    std::string bind = "127.0.0.1";
    std::uint16_t port = 0;
    std::string root;
    std::uint64_t most_upload_bytes = host::UploadLimits{}.most_bytes;
    std::uint32_t most_uploads = host::UploadLimits{}.most_files;
    std::uint32_t upload_time_s = 3600;
    std::uint32_t backlog = 128;
    std::string observe = "full";
    std::string session;
};

/// False when nobody can learn the address.
bool announce(const ServeOptions& options, const Endpoint& listening) {
    if (options.bind.starts_with(host::kUnixPrefix)) {
        std::fputs("synscope: there are no packets on a Unix socket, only calls\n", stderr);
        return print_text(concat("listening on ", options.bind, '\n')) == kDone;
    }
    const auto bound = IpAddress::parse(options.bind);
    const bool loopback =
        bound && ((bound->family == 4 && bound->octets[0] == 127) || bound->text() == "::1");
    if (!loopback) std::fputs("synscope: this server can be reached from other machines\n", stderr);
    if (bound && bound->text() == "::") std::fputs("synscope: by IPv6 and by IPv4\n", stderr);
    return print_text(concat("listening on ", listening.text(), '\n')) == kDone;
}

int serve(const ServeOptions& options) {
    const auto framing = framing_text(options.framing);
    if (!framing) return report(framing.error());
    const int stop = signals_as_descriptor();
    if (stop < 0) return report({"cannot watch for signals", "signalfd", ""});
    host::ServerHostOptions host;
    host.server.engine = options.engine;
    host.server.service = options.service;
    host.server.framing = *framing;
    host.server.port = options.port;
    host.address = options.bind;
    host.root = options.root;
    host.uploads.most_bytes = options.most_upload_bytes;
    host.uploads.most_files = options.most_uploads;
    host.uploads.open_time = Duration::seconds(options.upload_time_s);
    host.server.backlog = static_cast<int>(options.backlog);
    host.observe = *engine::observe_level_from_name(options.observe);
    std::optional<trace::SafeFile> session;
    if (!options.session.empty()) {
        auto file = trace::SafeFile::create(options.session);
        if (!file) return report(file.error());
        host.event_fd = session.emplace(std::move(*file)).fd();
    }
    host.stop_fd = stop;
    bool announced = true;
    host.on_listening = [&options, &announced](const Endpoint& listening) {
        announced = announce(options, listening);
        if (!announced) kill(getpid(), SIGTERM);  // blocked, hence a stop like any other
    };
    const auto served = host::run_server_host(host);
    close(stop);
    if (!served) return report(served.error());
    if (session)
        if (const auto kept = session->commit(); !kept) return report(kept.error());
    return announced ? kDone : kFailed;
}

}  // namespace

void add_serve(Command& parent) {
    const auto options = std::make_shared<ServeOptions>();
    Command command = parent.add_command("serve", "Run a server alone and print the address it listens on");
    command.option("--engine", options->engine, "How it waits: see 'synscope engines'").with_default();
    command.option("--service", options->service, "What it does: see 'synscope services'").with_default();
    command
        .option("--framing", options->framing,
                "Message boundaries: see 'synscope framings', or a YAML file that declares them")
        .with_default();
    command.option("--port", options->port, "TCP or UDP port; 0 takes a free one").with_default();
    command
        .option("--bind", options->bind,
                "Address to listen on; :: takes IPv4 too, unix:PATH is a Unix socket")
        .with_default();
    command.option("--root", options->root, "The one directory a file service may use");
    command.option("--most-upload-bytes", options->most_upload_bytes, "Largest file that is taken")
        .with_default();
    command.option("--most-uploads", options->most_uploads, "Files that one connection may send")
        .with_default();
    command.option("--upload-time", options->upload_time_s, "Seconds that one file may take").with_default();
    command.option("--backlog", options->backlog, "Clients that may wait to be accepted")
        .from_to(1u, 65535u)
        .with_default();
    const Option session =
        command.option("-w", options->session, "Write down what the server does, as a session file");
    command
        .option(
            "--observe", options->observe,
            "With -w. off: nothing; calls: every call; full: also the kernel's word before and after each")
        .one_of({"off", "calls", "full"})
        .with_default()
        .needs(session);
    command.runs([options] { return serve(*options); });
}

}  // namespace synscope::app
