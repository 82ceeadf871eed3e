// synscope analyze: what a capture holds, as a summary, or as one line per connection or per packet.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capture/analyze/packet_run.hpp"
#include "net/base/text.hpp"
#include "ui/app/analyze_input.hpp"
#include "ui/app/command.hpp"
#include "ui/app/output.hpp"
#include "ui/app/packet_selection.hpp"
#include "ui/app/run_meter.hpp"
#include "ui/render/capture_summary.hpp"
#include "ui/render/connection_table.hpp"
#include "ui/render/packet_table.hpp"

namespace synscope::app {

namespace {

using analyze::Packet;
using analyze::PacketRun;

struct AnalyzeOptions {
    std::vector<std::string> files;
    std::string bpf;
    std::string display_filter;
    std::string format = "summary";
    std::optional<std::uint32_t> connection;
    std::string output;
    bool stats = false;

    [[nodiscard]] bool per_packet() const { return format == "tsv" || format == "jsonl"; }
};

/// One analysis from the opened input to the exit code.
class Analysis {
  public:
    Analysis(const AnalyzeOptions& options, filter::Filter filter, AnalyzeInput input)
        : options_(options), filter_(std::move(filter)), input_(std::move(input)), meter_(options.stats) {}

    int run();

  private:
    /// Reads the capture once, from its start. Damage ends it, and is kept for the end of the command.
    template <class Each>
    Result<void, UserError> pass(const Each& each);
    Result<void, UserError> check_connection() const;
    Result<void, UserError> select_connections();
    Result<void, UserError> write_packets(TextOutput& out);
    void write_connections(TextOutput& out) const;
    void write_summary(TextOutput& out) const;
    [[nodiscard]] render::CaptureFacts facts() const;
    template <class Each>
    void each_connection(const Each& each) const;
    [[nodiscard]] const track::Analyzer& analyzer() const { return run_->analyzer(); }

    const AnalyzeOptions& options_;
    filter::Filter filter_;
    AnalyzeInput input_;
    RunMeter meter_;
    std::unique_ptr<source::PacketSource> source_;
    std::unique_ptr<PacketRun> run_;
    std::optional<UserError> damage_;
    /// What -Y chose, for the formats that do not list packets: counts, and who has a packet among them.
    struct Selected {
        analyze::Totals totals;
        std::vector<bool> connections;
    };
    std::optional<Selected> selected_;
};

template <class Each>
Result<void, UserError> Analysis::pass(const Each& each) {
    auto opened = input_.source();
    if (!opened) return failure(opened.error());
    run_.reset();  // it refers to the source
    source_ = std::move(*opened);
    run_ = std::make_unique<PacketRun>(*source_, source::BpfFilter(options_.bpf));
    damage_.reset();
    for (;;) {
        const auto batch = run_->next();
        if (!batch) {
            damage_ = batch.error();
            break;
        }
        if (batch->empty() || !each(*batch)) break;
        meter_.tick(run_->packets_read());
    }
    return {};
}

Result<void, UserError> Analysis::check_connection() const {
    if (!options_.connection || *options_.connection < analyzer().size()) return {};
    const std::size_t size = analyzer().size();
    return failure(UserError{concat("there is no connection ", *options_.connection), "",
                             size == 0 ? "The file holds no TCP connection."
                                       : concat("Connections are numbered 0 to ", size - 1, ".")});
}

/// A pass for -Y alone: what a filter asks about a connection's end is known from the first.
Result<void, UserError> Analysis::select_connections() {
    Selected selected;
    selected.connections.resize(analyzer().size());
    const std::uint64_t known = run_->packets_read();
    PacketSelection selection(filter_, analyzer());
    auto read = pass([&](std::span<const Packet> batch) {
        for (const Packet& packet : batch) {
            if (packet.number > known) return false;
            if (!selection.accepts(packet)) continue;
            selected.totals.add(*packet.raw, packet.segment != nullptr);
            if (packet.verdict != nullptr) selected.connections[packet.verdict->connection.value] = true;
        }
        return true;
    });
    selected_ = std::move(selected);
    return read;
}

/// The second pass. What a packet says about its connection's end is known from the first.
Result<void, UserError> Analysis::write_packets(TextOutput& out) {
    std::vector<std::uint8_t> completeness(analyzer().size());
    for (std::size_t i = 0; i < completeness.size(); ++i)
        completeness[i] = analyzer().completeness(ConnectionId{static_cast<std::uint32_t>(i)});
    const std::uint64_t known = run_->packets_read();
    PacketSelection selection(filter_, analyzer());
    const bool all = options_.display_filter.empty();
    const bool json = options_.format == "jsonl";
    std::string lines = json ? "" : concat(render::packet_table_header(), '\n');
    auto written = pass([&](std::span<const Packet> batch) {
        for (const Packet& packet : batch) {
            if (packet.number > known) return false;  // the file has grown since
            if (!all && !selection.accepts(packet)) continue;
            if (options_.connection &&
                (packet.verdict == nullptr || packet.verdict->connection.value != *options_.connection))
                continue;
            render::PacketRow row{
                packet.number,     packet.raw->at, packet.raw->link_type, packet.raw->original_length,
                packet.raw->bytes, packet.segment, packet.verdict,        0};
            if (packet.verdict != nullptr) row.completeness = completeness[packet.verdict->connection.value];
            if (json)
                render::append_packet_json(lines, row);
            else
                render::append_packet_line(lines, row);
        }
        const bool wanted = out.write(lines);
        lines.clear();
        return wanted;
    });
    out.write(lines);  // the header, when there was no packet
    return written;
}

template <class Each>
void Analysis::each_connection(const Each& each) const {
    for (std::size_t i = 0; i < analyzer().size(); ++i) {
        const ConnectionId id{static_cast<std::uint32_t>(i)};
        if (selected_ && (i >= selected_->connections.size() || !selected_->connections[i])) continue;
        if (!options_.connection || id.value == *options_.connection) each(analyzer().connection(id));
    }
}

void Analysis::write_connections(TextOutput& out) const {
    out.write(concat(render::connection_table_header(), '\n'));
    std::string line;
    each_connection([&](const track::ConnectionFacts& connection) {
        line.clear();
        render::append_connection_line(line, connection);
        out.write(line);
    });
}

render::CaptureFacts Analysis::facts() const {
    const analyze::Totals& totals = selected_ ? selected_->totals : run_->totals();
    render::CaptureFacts facts;
    facts.name = input_.name();
    for (std::size_t i = 0; i < source_->interface_count(); ++i)
        facts.interfaces.push_back(source_->interface(static_cast<std::uint16_t>(i)));
    facts.packets = totals.packets();
    facts.original_bytes = totals.original_bytes();
    facts.captured_bytes = totals.captured_bytes();
    facts.first_at = totals.first_at();
    facts.last_at = totals.last_at();
    facts.out_of_order = totals.out_of_order();
    for (const analyze::ProtocolCount& protocol : totals.protocols())
        facts.protocols.emplace_back(protocol.name, protocol.packets);
    if (!options_.bpf.empty())
        facts.notes.push_back(
            concat("-f took ", run_->totals().packets(), " of ", run_->packets_read(), " packets"));
    if (selected_)
        facts.notes.push_back(concat("-Y took ", totals.packets(), " of ", run_->totals().packets(),
                                     " packets; connections are those with one of them"));
    return facts;
}

void Analysis::write_summary(TextOutput& out) const {
    render::CaptureSummary summary(facts());
    each_connection([&](const track::ConnectionFacts& connection) { summary.add(connection); });
    out.write(summary.text());
}

int Analysis::run() {
    if (auto read = pass([](std::span<const Packet>) { return true; }); !read) return report(read.error());
    if (auto found = check_connection(); !found) return report(found.error());
    if (!options_.per_packet() && !options_.display_filter.empty())
        if (auto read = select_connections(); !read) return report(read.error());
    auto out = TextOutput::open(options_.output);
    if (!out) return report(out.error());
    if (options_.per_packet()) {
        if (auto written = write_packets(*out); !written) return report(written.error());
    } else if (options_.format == "connections") {
        write_connections(*out);
    } else {
        write_summary(*out);
    }
    meter_.quiet();
    if (const auto written = out->finish(); !written) return report(written.error());
    if (options_.stats) meter_.stats(run_->packets_read(), run_->totals().captured_bytes());
    return damage_ ? report(*damage_) : kDone;
}

/// A capture filter that cannot be is told before anything is read or written.
Result<void, UserError> check_bpf(const std::string& expression) {
    if (expression.empty()) return {};
    return source::BpfFilter(expression).prepare(wire::LinkType::Ethernet);
}

int analyze_files(const AnalyzeOptions& options) {
    if (auto good = check_bpf(options.bpf); !good) return report(good.error()), kWrongUsage;
    auto filter = compile_display_filter(options.display_filter);
    if (!filter) return kWrongUsage;
    auto input = AnalyzeInput::open(options.files, options.per_packet() || !options.display_filter.empty());
    if (!input) return report(input.error());
    return Analysis(options, std::move(*filter), std::move(*input)).run();
}

}  // namespace

void add_analyze(CLI::App& app, Action& chosen) {
    const auto options = std::make_shared<AnalyzeOptions>();
    CLI::App* command =
        app.add_subcommand("analyze", "Read a capture (pcap, pcapng, a session) and say what it holds");
    command->add_option("FILE", options->files, "The capture; - reads standard input")
        ->required()
        ->expected(1);
    command->add_option("-f,--filter", options->bpf,
                        "Only packets that match this BPF expression; the others are not analysed at all");
    command->add_option(
        "-Y,--display-filter", options->display_filter,
        "Only packets that match this display filter, in Wireshark's syntax (docs/FILTERS.md): "
        "all are analysed, these are shown");
    command
        ->add_option("--format", options->format,
                     "summary; connections: one line each; tsv or jsonl: one line per packet")
        ->check(CLI::IsMember({"summary", "connections", "tsv", "jsonl"}))
        ->capture_default_str();
    command->add_option("--connection", options->connection, "Only this connection (tcp.stream, from 0)");
    command->add_flag("--stats", options->stats, "Afterwards: speed and memory, on standard error");
    command->add_option("-o,--output", options->output, "Write to this file instead of standard output");
    command->callback([options, &chosen] { chosen = [options] { return analyze_files(*options); }; });
}

}  // namespace synscope::app
