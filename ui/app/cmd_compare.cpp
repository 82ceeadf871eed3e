// synscope compare: the same clients against one engine after another.
#include <algorithm>
#include <memory>
#include <string>

#include "net/base/text.hpp"
#include "net/engine/engine.hpp"
#include "net/lab/compare.hpp"
#include "net/lab/other_transport.hpp"
#include "net/lab/programs.hpp"
#include "sim/scenario/load.hpp"
#include "ui/app/command.hpp"
#include "ui/app/compare_output.hpp"
#include "ui/app/interrupt.hpp"
#include "ui/app/output.hpp"
#include "ui/app/overrides.hpp"

namespace synscope::app {

namespace {

struct CompareWords {
    std::string scenario;
    std::string engines;
    std::vector<std::string> overrides;
    double timeout_s = 60;
    std::string format = "text";
    std::string output;
    std::string root;
};

/// "a,b,c"; "all" is every engine for connections.
std::vector<std::string> engine_names(const std::string& list) {
    std::vector<std::string> names;
    if (list == "all") {
        for (const engine::EngineInfo& info : engine::engines())
            if (!info.properties.datagrams) names.emplace_back(info.name);
        return names;
    }
    for (std::size_t at = 0; at <= list.size();) {
        const std::size_t comma = std::min(list.find(',', at), list.size());
        if (comma > at) names.push_back(list.substr(at, comma - at));
        at = comma + 1;
    }
    return names;
}

int run(const CompareWords& words) {
    auto scenario = scenario::load_file(words.scenario, parsed_overrides(words.overrides));
    if (!scenario) return report(scenario.error());
    auto out = TextOutput::open(words.output);
    if (!out) return report(out.error());
    hold_signals(false);

    lab::CompareOptions options;
    options.scenario = lab::first_server_alone(std::move(*scenario));
    options.engines = engine_names(words.engines);
    options.program = lab::own_program();
    options.root = words.root;
    options.patience = Duration{static_cast<std::int64_t>(words.timeout_s * 1e9)};
    options.interrupted = interrupted;
    const auto trials = lab::compare_engines(options);
    if (!trials) return report(trials.error());
    out->write(words.format == "json" ? compare_json(options.scenario, *trials)
                                      : compare_text(options.scenario, *trials));
    if (const auto done = out->finish(); !done) return report(done.error());
    if (interrupted()) return kInterrupted;
    const bool all = std::all_of(trials->begin(), trials->end(), [](const lab::EngineTrial& t) {
        return t.outcome == lab::TrialOutcome::Done || t.outcome == lab::TrialOutcome::Refused;
    });
    return all ? kDone : kFailed;
}

std::optional<UsageError> check(const CompareWords& words) {
    if (auto wrong = check_overrides(words.overrides)) return wrong;
    const auto names = engine_names(words.engines);
    if (names.empty()) return UsageError{"--engines", "names no engine"};
    for (const std::string& name : names)
        if (engine::find_engine(name) == nullptr)
            return UsageError{"--engines", concat("there is no engine '", name, "': see 'synscope engines'")};
    return {};
}

}  // namespace

void add_compare(Command& parent) {
    const auto words = std::make_shared<CompareWords>();
    Command command = parent.add_command(
        "compare", "The same clients against one engine after another: times, calls, memory, waits");
    command.option("scenario", words->scenario, "The scenario file; its server runs with each of the engines")
        .required();
    command
        .option("--engines", words->engines,
                "Names with commas between them, or 'all': see 'synscope engines'")
        .required();
    command.option("--set", words->overrides, "Change a key of the scenario: --set server.busy=30ms")
        .one_value_each();
    command.option("--root", words->root, "The one directory a file service may use");
    command.option("--timeout", words->timeout_s, "Seconds for one run; what has not ended by then is ended")
        .from_to(0.1, 86'400.0)
        .with_default();
    command.option("--format", words->format, "").one_of({"text", "json"}).with_default();
    command.option("-o,--output", words->output, "Where to write it instead of standard output");
    command.runs([words] { return run(*words); }, [words] { return check(*words); });
}

}  // namespace synscope::app
