// synscope analyze: what a capture holds, as a summary or as one line per packet.
#include <memory>
#include <optional>
#include <string>

#include "net/base/text.hpp"
#include "ui/app/command.hpp"
#include "ui/app/loaded_trace.hpp"
#include "ui/app/output.hpp"
#include "ui/render/packet_table.hpp"
#include "ui/render/summary_text.hpp"

namespace synscope::app {

namespace {

struct AnalyzeOptions {
    std::string file;
    std::string format = "summary";
    std::optional<std::uint32_t> connection;
    std::string output;
};

void write_table(TextOutput& out, const LoadedTrace& trace, const std::optional<std::uint32_t>& only) {
    if (!out.write(concat(render::packet_table_header(), '\n'))) return;
    std::string line;
    for (std::uint64_t i = 0; i < trace.store.packet_count(); ++i) {
        const PacketId id{i};
        if (only) {
            const auto place = trace.tracker.find(id);
            if (!place || place->connection.value != *only) continue;
        }
        line.clear();
        render::append_packet_line(line, trace.store, trace.tracker, trace.store.packet(id));
        if (!out.write(line)) return;
    }
}

/// Damage is told after what could be read has been written; it makes the command fail all the same.
int analyze(const AnalyzeOptions& options) {
    const auto trace = load_trace(options.file);
    if (!trace) return report(trace.error());
    if (options.connection) {
        if (const auto found = connection_by_number((*trace)->tracker, *options.connection); !found)
            return report(found.error());
    }
    auto out = TextOutput::open(options.output);
    if (!out) return report(out.error());
    if (options.format == "tsv") {
        write_table(*out, **trace, options.connection);
    } else {
        out->write(render::summary_text((*trace)->store, (*trace)->tracker, options.file,
                                        (*trace)->report.session, options.connection));
    }
    if (const auto written = out->finish(); !written) return report(written.error());
    return (*trace)->report.damage ? report(*(*trace)->report.damage) : kDone;
}

}  // namespace

void add_analyze(CLI::App& app, Action& chosen) {
    const auto options = std::make_shared<AnalyzeOptions>();
    CLI::App* command =
        app.add_subcommand("analyze", "Read a capture (pcap, pcapng, a session) and say what it holds");
    command->add_option("FILE", options->file, "The capture; - reads standard input")->required();
    command->add_option("--format", options->format, "summary, or tsv: one line per packet")
        ->check(CLI::IsMember({"summary", "tsv"}))
        ->capture_default_str();
    command->add_option("--connection", options->connection, "Only this connection (tcp.stream, from 0)");
    command->add_option("-o,--output", options->output, "Write to this file instead of standard output");
    command->callback([options, &chosen] { chosen = [options] { return analyze(*options); }; });
}

}  // namespace synscope::app
