// synscope load: just the load.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "net/base/text.hpp"
#include "net/engine/sockaddr.hpp"
#include "net/framing/framing.hpp"
#include "net/load/load.hpp"
#include "ui/app/command.hpp"
#include "ui/app/interrupt.hpp"
#include "ui/app/load_output.hpp"
#include "ui/app/output.hpp"

namespace synscope::app {

namespace {

constexpr std::uint32_t kMostConnections = 1'000'000;
constexpr std::uint32_t kMostThreads = 1024;
constexpr double kMostSeconds = 86'400;

struct LoadWords {
    std::string target;
    std::uint32_t connections = 1;
    std::uint32_t threads = 1;
    double duration_s = 5;
    double warm_up_s = 1;
    std::string mode = "pingpong";
    std::uint32_t size = 64;
    std::optional<double> rate;
    std::string framing = "none";
    std::string format = "text";
    std::string output;
};

Duration from_seconds(double s) {
    return Duration{static_cast<std::int64_t>(s * 1e9)};
}

/// Letters, so that `upper` has something to do; through the framing, so that a server of messages gets one.
Result<std::vector<std::byte>, UserError> make_message(const LoadWords& words) {
    const auto* framing = framing::find_framing(words.framing);
    if (framing == nullptr)
        return failure(
            UserError{concat("unknown framing '", words.framing, "'"), {}, "see 'synscope framings'"});
    std::vector<std::byte> body(words.size);
    for (std::size_t i = 0; i < body.size(); ++i)
        body[i] = static_cast<std::byte>('a' + i % 26);
    std::vector<std::byte> bytes;
    if (const auto placed = framing->encoder({})->encode(body, bytes); !placed)
        return failure(UserError{framing::fault_text(placed.error()), {}, {}});
    return bytes;
}

void show_progress(Duration passed, Duration whole) {
    std::fputs(concat('\r', passed.ns / 1'000'000'000, " of ", whole.ns / 1'000'000'000, " s").c_str(),
               stderr);
}

/// An address with a port, or a Unix socket; false when it is neither.
bool read_target(const std::string& text, load::LoadOptions& options) {
    constexpr std::string_view kUnix = "unix:";
    if (text.starts_with(kUnix)) {
        options.unix_path = text.substr(kUnix.size());
        return engine::SockAddr::of_path(options.unix_path).has_value();
    }
    const auto target = Endpoint::parse(text);
    if (target) options.target = *target;
    return target.has_value();
}

int run(const LoadWords& words) {
    load::LoadOptions options;
    if (!read_target(words.target, options)) {
        report({concat("--target: '", words.target, "' is no address with a port, nor unix:PATH"), "",
                "for example 127.0.0.1:7000, [::1]:7000 or unix:/tmp/server (107 bytes at most)"});
        return kWrongUsage;
    }
    auto message = make_message(words);
    if (!message) return report(message.error());
    auto out = TextOutput::open(words.output);
    if (!out) return report(out.error());

    options.mode = *load::mode_from_name(words.mode);
    options.connections = words.connections;
    options.threads = std::min(words.threads, words.connections);
    options.warm_up = from_seconds(words.warm_up_s);
    options.duration = from_seconds(words.duration_s);
    options.message = std::move(*message);
    options.rate = words.rate;
    options.stop_fd = signals_as_descriptor();
    const bool terminal = isatty(STDERR_FILENO) == 1;
    if (terminal) options.on_second = show_progress;
    const auto report_of_load = load::run_load(options);
    if (terminal) std::fputs("\r\x1b[K", stderr);
    close(options.stop_fd);
    if (!report_of_load) return report(report_of_load.error());
    out->write(words.format == "json" ? load_json(options, *report_of_load)
                                      : load_text(options, *report_of_load));
    if (const auto done = out->finish(); !done) return report(done.error());
    return report_of_load->interrupted ? kInterrupted : kDone;
}

}  // namespace

void add_load(Command& parent) {
    const auto words = std::make_shared<LoadWords>();
    Command command =
        parent.add_command("load", "Put a server under load and measure how long its answers take");
    command
        .option("--target", words->target,
                "The server, as ADDRESS:PORT or unix:PATH; it must answer each message with as many bytes")
        .required();
    command.option("--connections", words->connections, "How many at once")
        .from_to(1u, kMostConnections)
        .with_default();
    command.option("--threads", words->threads, "That share the connections")
        .from_to(1u, kMostThreads)
        .with_default();
    command.option("--duration", words->duration_s, "Seconds to measure")
        .from_to(0.001, kMostSeconds)
        .with_default();
    command.option("--warmup", words->warm_up_s, "Seconds before that, which are not counted")
        .from_to(0.0, kMostSeconds)
        .with_default();
    command
        .option("--mode", words->mode,
                "pingpong: one message after the other; churn: a connection for each; bulk: as much as goes")
        .one_of({"pingpong", "churn", "bulk"})
        .with_default();
    command.option("--size", words->size, "Bytes of a message")
        .from_to(1u, std::uint32_t{1} << 30)
        .with_default();
    command
        .option("--rate", words->rate,
                "Messages per second of all connections together; latency then counts from when a message "
                "was due")
        .from_to(0.001, 1e9);
    command.option("--framing", words->framing, "What marks a message's end: see 'synscope framings'")
        .with_default();
    command.option("--format", words->format, "").one_of({"text", "json"}).with_default();
    command.option("-o,--output", words->output, "Where to write it instead of standard output");
    command.runs([words] { return run(*words); });
}

}  // namespace synscope::app
