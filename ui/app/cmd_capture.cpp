// synscope capture: records an interface. The recording is synscope-capture's work (a small program that
// drops its rights); this command decides where its stream goes: a file, standard output, a ring of files, or
// lines of text.
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/trace/safe_file.hpp"
#include "net/base/text.hpp"
#include "net/lab/child.hpp"
#include "net/lab/probes.hpp"
#include "net/lab/programs.hpp"
#include "ui/app/capture_ring.hpp"
#include "ui/app/command.hpp"
#include "ui/app/interrupt.hpp"
#include "ui/app/live_text.hpp"

namespace synscope::app {

namespace {

struct CaptureOptions {
    std::string interface;
    std::string filter;
    std::optional<std::uint32_t> snap_length;
    bool no_payload = false;
    std::string output;
    std::optional<std::uint64_t> count;
    std::optional<double> duration_s;
    std::string ring;
};

/// The capture also watches a pipe whose other end only we hold: however we end, it ends too.
constexpr int kControlFd = 3;

Result<lab::Child, UserError> start_capture(std::vector<std::string> arguments,
                                            std::vector<lab::InheritedFd> descriptors) {
    const std::string program = lab::capture_program_path();
    // Not there, or only for a group that this user is not in: with what to do about it.
    if (const lab::Probe found = lab::probe_capture_program(program);
        found.status == lab::ProbeStatus::Missing)
        return failure(UserError{found.finding, {}, found.remedy});
    const auto life = lab::make_pipe();
    if (!life) return failure(to_user_error(life.error()));
    arguments.insert(arguments.end(), {"--control", concat(kControlFd)});
    descriptors.push_back({kControlFd, life->read_end});
    auto child = lab::Child::start(program, arguments, descriptors);
    close(life->read_end);  // the write end stays open until this process ends
    if (!child) return failure(to_user_error(child.error()));
    pass_signals_to(child->pid());
    return std::move(*child);
}

std::vector<std::string> child_arguments(const CaptureOptions& options) {
    std::vector<std::string> arguments{"-i", options.interface, "--announce"};
    const auto add = [&](std::initializer_list<std::string> words) {
        arguments.insert(arguments.end(), words);
    };
    if (!options.filter.empty()) add({"-f", options.filter});
    if (options.snap_length) add({"-s", concat(*options.snap_length)});
    if (!options.output.empty() && options.output != "-") add({"--record"});
    if (options.no_payload) add({"--no-payload"});
    if (options.count) add({"-c", concat(*options.count)});
    if (options.duration_s) add({"--duration", std::to_string(*options.duration_s)});
    return arguments;
}

/// The capture program has said what was wrong, unless a signal ended it.
int exit_code(lab::Child& child) {
    const lab::ExitStatus status = child.wait();
    pass_signals_to(0);
    if (status.signal != 0)
        return report({concat("synscope-capture was ended by signal ", status.signal), "", ""});
    return status.code;
}

int capture_to_stdout(const std::vector<std::string>& arguments) {
    auto child = start_capture(arguments, {});
    return child ? exit_code(*child) : report(child.error());
}

/// Straight into the file: no byte passes through this process.
int capture_to_file(const std::vector<std::string>& arguments, const std::string& path) {
    auto file = trace::SafeFile::create(path);
    if (!file) return report(file.error());
    auto child = start_capture(arguments, {{STDOUT_FILENO, file->fd()}});
    if (!child) return report(child.error());
    const int code = exit_code(*child);
    // Once it was armed the stream has its first blocks, and what was recorded is kept, however the capture
    // ended.
    struct stat about {};
    const bool nothing = fstat(file->fd(), &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0;
    if (nothing) return code != kDone ? code : kFailed;
    const auto kept = file->commit();
    return kept ? code : report(kept.error());
}

/// Starts the capture with its stream on a pipe; returns the read end.
Result<int, UserError> start_piped(const std::vector<std::string>& arguments, lab::Child& child) {
    const auto pipe = lab::make_pipe();
    if (!pipe) return failure(to_user_error(pipe.error()));
    auto started = start_capture(arguments, {{STDOUT_FILENO, pipe->write_end}});
    close(pipe->write_end);
    if (!started) {
        close(pipe->read_end);
        return failure(started.error());
    }
    child = std::move(*started);
    return pipe->read_end;
}

int capture_to_ring(const std::vector<std::string>& arguments, const RingLimits& limits,
                    const std::string& path) {
    lab::Child child;
    const auto stream = start_piped(arguments, child);
    if (!stream) return report(stream.error());
    const auto written = write_ring(*stream, limits, path);
    close(*stream);
    if (!written) return report(written.error());
    return exit_code(child);
}

int capture_to_text(const std::vector<std::string>& arguments) {
    lab::Child child;
    const auto stream = start_piped(arguments, child);
    if (!stream) return report(stream.error());
    const auto printed = print_live(*stream);  // takes the descriptor over
    if (!printed) return report(printed.error());
    return exit_code(child);
}

int capture(const CaptureOptions& options) {
    const std::vector<std::string> arguments = child_arguments(options);
    if (!options.ring.empty()) {
        const auto limits = parse_ring(options.ring);
        if (!limits || options.output.empty() || options.output == "-") {
            report(limits ? UserError{"--ring needs -w FILE", "",
                                      "The files become FILE.00001.pcapng, FILE.00002.pcapng, ..."}
                          : limits.error());
            return kWrongUsage;
        }
        hold_signals(false);
        return capture_to_ring(arguments, *limits, options.output);
    }
    hold_signals(false);
    if (options.output == "-") {
        if (isatty(STDOUT_FILENO) == 1) {
            report({"not writing a capture to a terminal", "-w -",
                    "Redirect it, or leave -w out to see lines of text."});
            return kWrongUsage;
        }
        return capture_to_stdout(arguments);
    }
    return options.output.empty() ? capture_to_text(arguments) : capture_to_file(arguments, options.output);
}

}  // namespace

void add_capture(Command& parent) {
    const auto options = std::make_shared<CaptureOptions>();
    Command command =
        parent.add_command("capture", "Record an interface into a pcapng file, or print what passes");
    command.option("-i,--interface", options->interface, "Which interface: lo, eth0, ... or any").required();
    command.option("-f,--filter", options->filter, "Only packets that match this BPF expression");
    command.option("-s,--snaplen", options->snap_length, "Keep at most this many bytes of each packet")
        .from_to(1u, 262'144u);
    command.flag("--no-payload", options->no_payload, "Keep headers only");
    command.option("-w,--write", options->output,
                   "File to write, - for standard output; without it, lines of text");
    command.option("-c,--count", options->count, "Stop after this many packets").positive();
    command.option("--duration", options->duration_s, "Stop after this many seconds")
        .from_to(0.001, 4294967295.0);
    command.option("--ring", options->ring,
                   "SIZE,FILES: a new file after SIZE (k, M, G) bytes, the newest FILES kept");
    command.runs([options] { return capture(*options); });
}

}  // namespace synscope::app
