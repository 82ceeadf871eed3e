// synscope analyze: what a capture holds, as a summary, or as one line per connection or per packet.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "capture/analyze/packet_run.hpp"
#include "capture/analyze/sharded_run.hpp"
#include "capture/dissect/dissect.hpp"
#include "capture/source/capture_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ip_fragments.hpp"
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

/// Every thread reads the whole capture: more of them than this help no more.
constexpr unsigned kMostThreads = 8;

struct AnalyzeOptions {
    std::vector<std::string> files;
    std::string bpf;
    std::string display_filter;
    std::string format;  ///< empty: the summary, unless a copy is written
    std::string copy;    ///< -w
    bool no_payload = false;
    std::optional<std::uint32_t> connection;
    std::string output;
    bool stats = false;

    [[nodiscard]] bool per_packet() const { return format == "tsv" || format == "jsonl"; }
    [[nodiscard]] bool prints() const { return copy.empty() || !format.empty(); }
    [[nodiscard]] bool reads_twice() const {
        return per_packet() || !copy.empty() || !display_filter.empty();
    }
};

/// One analysis from the opened input to the exit code.
class Analysis {
  public:
    Analysis(const AnalyzeOptions& options, filter::Filter filter, AnalyzeInput input)
        : options_(options), filter_(std::move(filter)), input_(std::move(input)), meter_(options.stats) {}

    int run();

  private:
    struct Nothing {
        void operator()(const Packet&) const {}
    };
    /// Both read the capture from its start. Damage ends them, and is kept for the end of the command.
    Result<void, UserError> first_pass();
    template <class Each, class Every = Nothing>
    Result<void, UserError> second_pass(source::PacketSource& source, const Each& each,
                                        const Every& every = {});
    Result<void, UserError> check_connection() const;
    Result<void, UserError> select_connections();
    Result<void, UserError> write_copy();
    Result<void, UserError> print();
    Result<void, UserError> write_packets(TextOutput& out);
    void write_connections(TextOutput& out) const;
    void write_summary(TextOutput& out) const;
    [[nodiscard]] render::CaptureFacts facts() const;
    template <class Each>
    void each_connection(const Each& each) const;

    const AnalyzeOptions& options_;
    filter::Filter filter_;
    AnalyzeInput input_;
    RunMeter meter_;
    std::vector<trace::SessionCheck> checks_;  ///< for the summary; used by the source of `first_`
    std::optional<analyze::ShardedRun> first_;
    std::optional<UserError> damage_;
    /// What -Y chose, for the formats that do not list packets: counts, and who has a packet among them.
    struct Selected {
        analyze::Totals totals;
        std::vector<bool> connections;
    };
    std::optional<Selected> selected_;
};

Result<void, UserError> Analysis::first_pass() {
    const bool summary = options_.prints() && !options_.per_packet() && options_.format != "connections";
    bool checked = false;  // the blocks beside the packets are for one thread only
    const auto open = [&] {
        const bool first = !std::exchange(checked, true);
        return summary && first ? input_.source(checks_) : input_.source();
    };
    auto read = analyze::ShardedRun::run(open, source::BpfFilter(options_.bpf),
                                         std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads),
                                         [this](std::uint64_t packets) { meter_.tick(packets); });
    if (!read) return failure(read.error());
    first_.emplace(std::move(*read));
    damage_ = first_->damage();
    return {};
}

Result<void, UserError> Analysis::check_connection() const {
    if (!options_.connection || *options_.connection < first_->size()) return {};
    const std::size_t size = first_->size();
    return failure(UserError{concat("there is no connection ", *options_.connection), "",
                             size == 0 ? "The file holds no TCP connection."
                                       : concat("Connections are numbered 0 to ", size - 1, ".")});
}

/// Reads the capture again: `each` gets every packet that -Y and --connection choose, until it returns false;
/// `every` sees each packet before it is chosen or not.
/// What a packet says about its connection's end, and what a filter asks about it, is known from the first
/// pass.
template <class Each, class Every>
Result<void, UserError> Analysis::second_pass(source::PacketSource& source, const Each& each,
                                              const Every& every) {
    PacketRun run(source, source::BpfFilter(options_.bpf));
    if (!options_.copy.empty()) run.keep_to_batches();  // blocks that are no packets are copied in between
    PacketSelection selection(filter_, *first_);
    const bool all = options_.display_filter.empty();
    for (;;) {
        const auto batch = run.next();
        if (!batch) damage_ = batch.error();
        if (!batch || batch->empty()) return {};
        for (Packet packet : *batch) {
            if (packet.number > first_->packets_read()) return {};  // the file has grown since
            every(packet);
            track::Verdict verdict;
            std::uint8_t completeness = 0;
            if (packet.verdict != nullptr) {
                verdict = *packet.verdict;
                completeness = first_->settle(*packet.segment, verdict);
                packet.verdict = &verdict;
            }
            if (!all && !selection.accepts(packet)) continue;
            if (options_.connection &&
                (packet.verdict == nullptr || packet.verdict->connection.value != *options_.connection))
                continue;
            if (!each(packet, completeness)) return {};
        }
        meter_.tick(run.packets_read());
    }
}

/// For -Y without a line per packet.
Result<void, UserError> Analysis::select_connections() {
    const auto source = input_.source();
    if (!source) return failure(source.error());
    Selected& selected = selected_.emplace();
    selected.connections.resize(first_->size());
    return second_pass(**source, [&](const Packet& packet, std::uint8_t) {
        selected.totals.add(*packet.raw, packet.segment != nullptr);
        if (packet.verdict != nullptr) selected.connections[packet.verdict->connection.value] = true;
        return true;
    });
}

/// -w: the chosen packets into a capture of their own.
Result<void, UserError> Analysis::write_copy() {
    const auto source = input_.source();
    if (!source) return failure(source.error());
    auto writer = source::CaptureWriter::create(options_.copy, **source,
                                                {.format = {}, .headers_only = options_.no_payload});
    if (!writer) return failure(writer.error());
    Result<void, UserError> written;
    const auto read = second_pass(**source, [&](const Packet& packet, std::uint8_t) {
        written = (*writer)->write(*packet.raw);
        return written.has_value();
    });
    if (!read) return read;
    return written ? (*writer)->commit() : written;
}

Result<void, UserError> Analysis::write_packets(TextOutput& out) {
    const auto source = input_.source();
    if (!source) return failure(source.error());
    const bool json = options_.format == "jsonl";
    wire::FragmentTable fragments;
    std::string protocols;
    const auto walk = [&](const Packet& packet) {
        protocols.clear();
        dissect::append_protocols(protocols, packet.raw->link_type, packet.raw->bytes,
                                  packet.raw->original_length, &fragments, packet.raw->at);
    };
    std::string lines = json ? "" : concat(render::packet_table_header(), '\n');
    const auto write = [&](const Packet& packet, std::uint8_t completeness) {
        const render::PacketRow row{
            packet.number,     packet.raw->at, packet.raw->link_type, packet.raw->original_length,
            packet.raw->bytes, packet.segment, packet.verdict,        completeness,
            protocols};
        if (json)
            render::append_packet_json(lines, row);
        else
            render::append_packet_line(lines, row);
        const bool wanted = out.write(lines);
        lines.clear();
        return wanted;
    };
    auto read = second_pass(**source, write, walk);
    out.write(lines);  // the header, when there was no packet
    return read;
}

template <class Each>
void Analysis::each_connection(const Each& each) const {
    for (std::size_t i = 0; i < first_->size(); ++i) {
        const ConnectionId id{static_cast<std::uint32_t>(i)};
        if (selected_ && !selected_->connections[i]) continue;
        if (!options_.connection || id.value == *options_.connection) each(first_->connection(id));
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
    const analyze::Totals& totals = selected_ ? selected_->totals : first_->totals();
    render::CaptureFacts facts;
    facts.name = input_.name();
    for (std::size_t i = 0; i < first_->source().interface_count(); ++i)
        facts.interfaces.push_back(first_->source().interface(static_cast<std::uint16_t>(i)));
    facts.packets = totals.packets();
    facts.original_bytes = totals.original_bytes();
    facts.captured_bytes = totals.captured_bytes();
    facts.first_at = totals.first_at();
    facts.last_at = totals.last_at();
    facts.out_of_order = totals.out_of_order();
    for (const analyze::ProtocolCount& protocol : totals.protocols())
        facts.protocols.emplace_back(protocol.name, protocol.packets);
    facts.notes = input_.notes(checks_);
    if (!options_.bpf.empty())
        facts.notes.push_back(
            concat("-f took ", first_->totals().packets(), " of ", first_->packets_read(), " packets"));
    if (selected_)
        facts.notes.push_back(concat("-Y took ", totals.packets(), " of ", first_->totals().packets(),
                                     " packets; connections are those with one of them"));
    return facts;
}

void Analysis::write_summary(TextOutput& out) const {
    render::CaptureSummary summary(facts());
    each_connection([&](const track::ConnectionFacts& connection) { summary.add(connection); });
    out.write(summary.text());
}

Result<void, UserError> Analysis::print() {
    if (!options_.per_packet() && !options_.display_filter.empty())
        if (auto read = select_connections(); !read) return read;
    auto out = TextOutput::open(options_.output);
    if (!out) return failure(out.error());
    if (options_.per_packet()) {
        if (auto read = write_packets(*out); !read) return read;
    } else if (options_.format == "connections") {
        write_connections(*out);
    } else {
        write_summary(*out);
    }
    meter_.quiet();
    return out->finish();
}

int Analysis::run() {
    if (auto read = first_pass(); !read) return report(read.error());
    if (auto found = check_connection(); !found) return report(found.error());
    if (!options_.copy.empty())
        if (auto written = write_copy(); !written) return report(written.error());
    if (options_.prints())
        if (auto printed = print(); !printed) return report(printed.error());
    if (options_.stats) meter_.stats(first_->packets_read(), first_->totals().captured_bytes());
    meter_.quiet();
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
    for (const std::string& output : {options.output, options.copy})
        if (auto spared = spares_inputs(output, options.files); !spared)
            return report(spared.error()), kWrongUsage;
    auto input = AnalyzeInput::open(options.files, options.reads_twice());
    if (!input) return report(input.error());
    return Analysis(options, std::move(*filter), std::move(*input)).run();
}

}  // namespace

void add_analyze(Command& parent) {
    const auto options = std::make_shared<AnalyzeOptions>();
    Command command =
        parent.add_command("analyze", "Read a capture (pcap, pcapng, a session) and say what it holds");
    command.option("FILE", options->files, "The capture; - reads standard input. Several are merged by time")
        .required()
        .value_name("FILE...");
    command.option("-f,--filter", options->bpf,
                   "Only packets that match this BPF expression; the others are not analysed at all");
    command.option("-Y,--display-filter", options->display_filter,
                   "Only packets that match this display filter, in Wireshark's syntax (docs/FILTERS.md): "
                   "all are analysed, these are shown");
    command
        .option("--format", options->format,
                "summary (the default); connections: one line each; tsv or jsonl: one line per packet")
        .one_of({"summary", "connections", "tsv", "jsonl"});
    command.option("--connection", options->connection, "Only this connection (tcp.stream, from 0)");
    Option copy = command.option("-w,--write", options->copy,
                                 "Write the packets into a new capture: pcapng, or pcap by its name");
    command.flag("--no-payload", options->no_payload, "With -w: headers only").needs(copy);
    command.flag("--stats", options->stats, "Afterwards: speed and memory, on standard error");
    command.option("-o,--output", options->output, "Write to this file instead of standard output");
    command.runs([options] { return analyze_files(*options); });
}

}  // namespace synscope::app
