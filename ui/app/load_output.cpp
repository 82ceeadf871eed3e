#include "ui/app/load_output.hpp"

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "net/base/text.hpp"
#include "ui/app/figures.hpp"

namespace synscope::app {

namespace {

using Json = nlohmann::ordered_json;

double per_second(std::uint64_t count, Duration time) {
    return time.ns > 0 ? static_cast<double>(count) / seconds(time) : 0;
}

std::string megabytes(std::uint64_t bytes, Duration time) {
    return concat(decimal_text(static_cast<double>(bytes) / 1e6, 1), " MB (",
                  decimal_text(per_second(bytes, time) / 1e6, 1), " MB/s)");
}

struct Percentile {
    const char* name;
    double percent;
};
constexpr std::array<Percentile, 5> kPercentiles{
    {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}, {"p99.99", 99.99}}};

std::string plural(std::uint64_t n, std::string_view one, std::string_view more) {
    return concat(n, ' ', n == 1 ? one : more);
}

std::string trouble_text(const load::LoadReport& report) {
    std::string text;
    constexpr std::array<std::string_view, load::kTroubleCount> kWords{
        "not connected", "without a free local port", "closed by the server in the middle",
        "broken in the middle"};
    for (std::size_t i = 0; i < load::kTroubleCount; ++i) {
        if (report.troubles[i] == 0) continue;
        append(text, concat(text.empty() ? "" : ", ",
                            plural(report.troubles[i], "connection ", "connections "), kWords[i]));
    }
    if (report.last_error != 0)
        append(text, concat(" (last: ", std::string_view{std::strerror(report.last_error)}, ')'));
    return text;
}

}  // namespace

std::string load_text(const load::LoadOptions& options, const load::LoadReport& report) {
    std::string text = concat(load::mode_name(options.mode), " on ", options.target_text(), ": ",
                              plural(options.connections, "connection, ", "connections, "),
                              plural(options.threads, "thread, ", "threads, "), "messages of ",
                              plural(options.message.size(), "byte", "bytes"), ", ",
                              decimal_text(seconds(report.measured), 2), " s after ",
                              decimal_text(seconds(options.warm_up), 2), " s of warm-up",
                              report.interrupted ? " (interrupted)" : "", '\n');
    const auto row = [&text](std::string_view name, std::string_view value) {
        text.append("  ").append(name).append(14 - std::min<std::size_t>(name.size(), 13), ' ');
        text.append(value).push_back('\n');
    };
    if (options.mode != load::Mode::Bulk) {
        row("answers", concat(report.answers, ", ",
                              decimal_text(per_second(report.answers, report.measured), 0), " per second"));
        std::string latency = report.latency.count() == 0 ? "no answer came" : "";
        for (const Percentile& p : kPercentiles)
            if (report.latency.count() > 0)
                append(latency,
                       concat(p.name, ' ', duration_text(Duration{report.latency.percentile_ns(p.percent)}),
                              "   "));
        if (report.latency.count() > 0)
            append(latency, concat("max ", duration_text(Duration{report.latency.most_ns()})));
        row("latency", latency);
    }
    row("sent", megabytes(report.bytes_sent, report.measured));
    row("received", megabytes(report.bytes_received, report.measured));
    row("connects", concat(report.connects));
    row("this program",
        concat(decimal_text(per_second(1, report.measured) * seconds(report.cpu_user + report.cpu_system), 2),
               " processors busy (", decimal_text(seconds(report.cpu_user), 2), " s user, ",
               decimal_text(seconds(report.cpu_system), 2), " s system)"));
    if (const std::string trouble = trouble_text(report); !trouble.empty()) row("trouble", trouble);
    if (report.unanswered > 0 && report.oldest_wait > Duration::milliseconds(100))
        row("unanswered", concat(plural(report.unanswered, "message waits", "messages wait"),
                                 " for an answer, the oldest for ", duration_text(report.oldest_wait),
                                 "; they are in no latency above"));
    return text;
}

std::string load_json(const load::LoadOptions& options, const load::LoadReport& report) {
    Json json;
    json["target"] = options.target_text();
    json["mode"] = load::mode_name(options.mode);
    json["connections"] = options.connections;
    json["threads"] = options.threads;
    json["message_bytes"] = options.message.size();
    if (options.rate) json["rate_per_s"] = *options.rate;
    json["warm_up_s"] = seconds(options.warm_up);
    json["measured_s"] = seconds(report.measured);
    json["interrupted"] = report.interrupted;
    json["connects"] = report.connects;
    json["answers"] = report.answers;
    json["answers_per_s"] = per_second(report.answers, report.measured);
    json["sent_bytes"] = report.bytes_sent;
    json["received_bytes"] = report.bytes_received;
    json["sent_bytes_per_s"] = per_second(report.bytes_sent, report.measured);
    json["received_bytes_per_s"] = per_second(report.bytes_received, report.measured);
    Json& latency = json["latency_ns"];
    latency["count"] = report.latency.count();
    latency["min"] = report.latency.least_ns();
    latency["mean"] = report.latency.mean_ns();
    for (const Percentile& p : kPercentiles)
        latency[p.name] = report.latency.percentile_ns(p.percent);
    latency["max"] = report.latency.most_ns();
    Json& slots = json["histogram_up_to_ns_count"] = Json::array();
    for (const auto& slot : report.latency.slots())
        slots.push_back({slot.up_to_ns, slot.count});
    for (std::size_t i = 0; i < load::kTroubleCount; ++i)
        json["trouble"][std::string{load::trouble_name(static_cast<load::Trouble>(i))}] = report.troubles[i];
    if (report.last_error != 0) json["trouble"]["last_error"] = std::strerror(report.last_error);
    json["unanswered"] = report.unanswered;
    json["oldest_wait_s"] = seconds(report.oldest_wait);
    json["cpu_user_s"] = seconds(report.cpu_user);
    json["cpu_system_s"] = seconds(report.cpu_system);
    return json.dump() + '\n';
}

}  // namespace synscope::app
