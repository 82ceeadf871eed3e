#include "capture/source/program/options.hpp"

#include <charconv>
#include <limits>

#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr std::string_view kHelp =
    R"(usage: synscope-capture -i INTERFACE [options]

Records packets as a pcapng stream. Once the stream holds an event block with the note
"armed", every packet that passes the interface is recorded, or counted as dropped.

  -i INTERFACE    an interface, or "any"
  -f FILTER       what to record, in the language of pcap-filter(7)
  -s SNAPLEN      bytes kept of each packet (default 262144)
  --no-payload    keep headers only: cut each packet behind its transport header
  -c N            stop after N packets
  --duration S    stop after S seconds (a decimal number)
  --announce      say on standard error when it is armed, and at the end what was recorded and lost
  --record        larger buffers and later delivery (50 ms instead of 5), for files
  -w FD           descriptor that the stream goes to (default 1, standard output)
  --control FD    stop when this descriptor is closed at its other end, or anything is written there
  --check         open the interface and leave: says whether it may be captured
  --help, --version

Stops on SIGINT, SIGTERM and SIGHUP too, and when the reader of the stream goes away. What the kernel
had captured by then is still delivered. Needs CAP_NET_RAW, and gives it up before the first packet.
Exit status: 0 done, 1 failed, 2 wrong usage.
)";

UserError usage(std::string what, std::string_view where) {
    return {std::move(what), std::string(where), "see synscope-capture --help"};
}

template <class Int>
std::optional<Int> number(std::string_view text) {
    Int value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

/// "2", "0.5": nanoseconds, exactly, without floating point.
std::optional<Duration> seconds(std::string_view text) {
    const auto point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    std::string fraction(point == std::string_view::npos ? std::string_view{} : text.substr(point + 1));
    if (whole.empty() || fraction.size() > 9 || (point != std::string_view::npos && fraction.empty()))
        return std::nullopt;
    fraction.append(9 - fraction.size(), '0');
    const auto s = number<std::uint32_t>(whole);
    const auto ns = number<std::uint32_t>(fraction);
    if (!s || !ns) return std::nullopt;
    return Duration::seconds(*s) + Duration::nanoseconds(*ns);
}

std::optional<int> descriptor(std::string_view text) {
    const auto fd = number<int>(text);
    return fd && *fd >= 0 ? fd : std::nullopt;
}

/// Takes one option with its value; false when the value is no good.
bool take_value(ProgramOptions& options, std::string_view name, const char* text) {
    if (name == "-i") {
        options.live.interface = text;
        return !options.live.interface.empty();
    }
    if (name == "-f") {
        options.live.filter = text;
        return true;
    }
    if (name == "-s") {
        const auto bytes = number<std::uint32_t>(text);
        options.live.snap_length = bytes.value_or(0);
        return bytes && *bytes > 0;
    }
    if (name == "-c") {
        options.count = number<std::uint64_t>(text);
        return options.count && *options.count > 0;
    }
    if (name == "--duration") {
        options.duration = seconds(text);
        return options.duration.has_value();
    }
    const auto fd = descriptor(text);
    if (name == "-w") options.output_fd = fd.value_or(-1);
    if (name == "--control") options.control_fd = fd;
    return fd.has_value();
}

bool takes_value(std::string_view name) {
    return name == "-i" || name == "-f" || name == "-s" || name == "-c" || name == "--duration" ||
           name == "-w" || name == "--control";
}

bool take_flag(ProgramOptions& options, std::string_view name) {
    if (name == "--no-payload")
        options.no_payload = true;
    else if (name == "--announce")
        options.announce = true;
    else if (name == "--record")
        options.live.job = LiveJob::Record;
    else if (name == "--check")
        options.task = ProgramTask::Check;
    else if (name == "--help" || name == "-h")
        options.task = ProgramTask::Help;
    else if (name == "--version")
        options.task = ProgramTask::Version;
    else
        return false;
    return true;
}

}  // namespace

Result<ProgramOptions, UserError> parse_program_options(int count, const char* const* arguments) {
    ProgramOptions options;
    options.live.interface.clear();
    for (int i = 0; i < count; ++i) {
        const std::string_view name = arguments[i];
        if (take_flag(options, name)) continue;
        if (!takes_value(name)) return failure(usage("unknown option", name));
        if (i + 1 == count) return failure(usage("an option lacks its value", name));
        ++i;
        if (!take_value(options, name, arguments[i]))
            return failure(usage(concat("not a value for ", name), arguments[i]));
    }
    const bool captures = options.task == ProgramTask::Capture || options.task == ProgramTask::Check;
    if (captures && options.live.interface.empty())
        return failure(usage("no interface is named", "give one with -i"));
    return options;
}

std::string_view program_help() noexcept {
    return kHelp;
}

}  // namespace synscope::source
