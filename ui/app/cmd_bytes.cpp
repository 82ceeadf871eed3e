// synscope bytes: for every byte of a connection, who wrote it, what carried it, who read it.
#include <memory>
#include <string>

#include "ui/app/command.hpp"
#include "ui/app/loaded_trace.hpp"
#include "ui/app/output.hpp"
#include "ui/render/bytes_report.hpp"

namespace synscope::app {

namespace {

struct BytesOptions {
    std::string file;
    std::uint32_t connection = 0;
    std::string format = "text";
    std::string output;
};

int bytes(const BytesOptions& options) {
    const auto trace = load_trace(options.file);
    if (!trace) return report(trace.error());
    const auto connection = connection_by_number((*trace)->connections.tracker(), options.connection);
    if (!connection) return report(connection.error());
    auto out = TextOutput::open(options.output);
    if (!out) return report(out.error());
    out->write(options.format == "jsonl" ? render::bytes_jsonl((*trace)->store, **connection)
                                         : render::bytes_text((*trace)->store, **connection));
    if (const auto written = out->finish(); !written) return report(written.error());
    return (*trace)->report.damage ? report(*(*trace)->report.damage) : kDone;
}

}  // namespace

void add_bytes(Command& parent) {
    const auto options = std::make_shared<BytesOptions>();
    Command command = parent.add_command(
        "bytes", "Byte provenance: which call wrote a byte, which packets carried it, which call read it");
    command.option("FILE", options->file, "A session or a capture; - reads standard input").required();
    command.option("--connection", options->connection, "tcp.stream, from 0").required();
    command.option("--format", options->format, "text or jsonl").one_of({"text", "jsonl"}).with_default();
    command.option("-o,--output", options->output, "Write to this file instead of standard output");
    command.runs([options] { return bytes(*options); });
}

}  // namespace synscope::app
