#include "ui/app/compare_output.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/app/figures.hpp"

namespace synscope::app {

namespace {

using Json = nlohmann::ordered_json;
using lab::EngineTrial;
using lab::TrialOutcome;

/// Columns as wide as their widest cell; the first is text, the others are numbers.
class Table {
  public:
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] std::string text() const {
        std::vector<std::size_t> widths;
        for (const auto& cells : rows_)
            for (std::size_t i = 0; i < cells.size(); ++i) {
                widths.resize(std::max(widths.size(), i + 1));
                widths[i] = std::max(widths[i], cells[i].size());
            }
        std::string out;
        for (const auto& cells : rows_) {
            std::string line;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                const std::string room(widths[i] - cells[i].size(), ' ');
                line += i == 0 ? "  " + cells[i] + room : "  " + room + cells[i];
            }
            line.erase(line.find_last_not_of(' ') + 1);
            out += line + '\n';
        }
        return out;
    }

  private:
    std::vector<std::vector<std::string>> rows_;
};

std::vector<Duration> sorted_waits(const EngineTrial& trial) {
    std::vector<Duration> waits;
    for (const auto& client : trial.clients)
        waits.push_back(client.waited);
    std::sort(waits.begin(), waits.end());
    return waits;
}

std::string wait_of(const std::vector<Duration>& waits, std::size_t at) {
    return waits.empty() ? "-" : duration_text(waits[at]);
}

std::string times_text(const std::vector<EngineTrial>& trials) {
    Table table;
    table.row({"engine", "wall", "cpu", "wake-ups", "preempted", "threads", "peak memory", "waited: median",
               "longest"});
    for (const EngineTrial& t : trials) {
        if (t.outcome != TrialOutcome::Done) continue;
        const auto waits = sorted_waits(t);
        table.row({t.engine, duration_text(t.wall), duration_text(t.usage.user + t.usage.system),
                   concat(t.usage.wake_ups), concat(t.usage.preempted), concat(t.threads),
                   concat(decimal_text(static_cast<double>(t.usage.peak_bytes) / 1e6, 1), " MB"),
                   wait_of(waits, waits.size() / 2), wait_of(waits, waits.empty() ? 0 : waits.size() - 1)});
    }
    return table.text();
}

std::string calls_text(const std::vector<EngineTrial>& trials, std::uint64_t messages) {
    std::map<Syscall, std::uint64_t> used;
    for (const EngineTrial& t : trials)
        for (const auto& [call, count] : t.calls)
            used[call] += count;
    std::vector<std::pair<std::uint64_t, Syscall>> columns;
    for (const auto& [call, count] : used)
        columns.emplace_back(count, call);
    std::sort(columns.rbegin(), columns.rend());

    Table table;
    std::vector<std::string> head{"engine", "all", "in vain"};
    for (const auto& [count, call] : columns)
        head.emplace_back(syscall_name(call));
    table.row(head);
    const auto per_message = [messages](std::uint64_t count) {
        return count == 0 ? std::string{"-"}
                          : decimal_text(static_cast<double>(count) /
                                             static_cast<double>(std::max<std::uint64_t>(messages, 1)),
                                         2);
    };
    for (const EngineTrial& t : trials) {
        if (t.outcome != TrialOutcome::Done) continue;
        std::uint64_t all = 0;
        for (const auto& [call, count] : t.calls)
            all += count;
        std::vector<std::string> row{t.engine, per_message(all), per_message(t.in_vain)};
        for (const auto& [count, call] : columns)
            row.push_back(per_message(t.calls.contains(call) ? t.calls.at(call) : 0));
        table.row(row);
    }
    return table.text();
}

void borders_row(Table& table, const std::string& engine, std::string_view to, const lab::Borders& b) {
    table.row({engine, std::string{to}, concat(b.sent), concat(b.arrived), concat(b.receives),
               concat(b.most_in_one), concat(b.in_pieces), concat(b.lost_bytes)});
}

std::string borders_text(const std::vector<EngineTrial>& trials) {
    Table table;
    table.row({"engine", "to", "sent", "arrived", "recv calls", "most in one", "in pieces", "bytes lost"});
    for (const EngineTrial& t : trials) {
        if (t.outcome != TrialOutcome::Done) continue;
        borders_row(table, t.engine, "server", t.borders.to_server);
        borders_row(table, {}, t.clients.size() == 1 ? "client" : "clients", t.borders.to_clients);
    }
    return table.text();
}

std::string counted(std::uint64_t n, std::string_view one) {
    return concat(n, ' ', one, n == 1 ? "" : "s");
}

std::string stream_sentence(const lab::BordersBothWays& b) {
    const std::uint64_t most = std::max(b.to_server.most_in_one, b.to_clients.most_in_one);
    const std::uint64_t pieces = b.to_server.in_pieces + b.to_clients.in_pieces;
    std::string text = "TCP carries bytes without borders: ";
    if (most > 1) text += concat("stuck together, up to ", most, " messages in one recv()");
    if (pieces > 0) text += concat(most > 1 ? "; " : "", counted(pieces, "message"), " came in pieces");
    if (most <= 1 && pieces == 0) text += "this time each recv() met one message, which nothing promises";
    return text;
}

std::string datagram_sentence(const lab::BordersBothWays& b) {
    const std::uint64_t sent = b.to_server.sent + b.to_clients.sent;
    const std::uint64_t arrived = b.to_server.arrived + b.to_clients.arrived;
    const std::uint64_t lost = b.to_server.lost_bytes + b.to_clients.lost_bytes;
    std::string text = "UDP keeps the borders: each recvfrom() took one datagram, never two";
    if (lost > 0)
        text += concat("; ", counted(lost, "byte"), " lost, where the buffer was shorter than the datagram");
    if (arrived < sent)
        text += concat("; ", counted(sent - arrived, "datagram"), " of ", sent, " lost or never read");
    return text;
}

/// Whether the borders between messages were kept, in words.
std::string border_sentences(const std::vector<EngineTrial>& trials) {
    std::string text;
    for (const EngineTrial& t : trials)
        if (t.outcome == TrialOutcome::Done)
            text +=
                concat("  ", t.engine, " (", t.service,
                       "): ", t.datagrams ? datagram_sentence(t.borders) : stream_sentence(t.borders), '\n');
    return text;
}

std::string outcome_text(const EngineTrial& t) {
    switch (t.outcome) {
        case TrialOutcome::Refused:
            return t.why;
        case TrialOutcome::ClientFailed:
            return "a client's script failed";
        case TrialOutcome::TimedOut:
            return "not at its end after the time it was given";
        case TrialOutcome::ServerFailed:
            return "the server ended with an error";
        case TrialOutcome::Interrupted:
            return "interrupted";
        case TrialOutcome::Done:
            break;
    }
    return {};
}

Json usage_json(const lab::ProcessUsage& usage) {
    Json json;
    json["cpu_user_s"] = seconds(usage.user);
    json["cpu_system_s"] = seconds(usage.system);
    json["wake_ups"] = usage.wake_ups;
    json["preempted"] = usage.preempted;
    json["peak_memory_bytes"] = usage.peak_bytes;
    return json;
}

Json borders_json(const lab::Borders& b) {
    Json json;
    json["sent"] = b.sent;
    json["arrived"] = b.arrived;
    json["recv_calls"] = b.receives;
    json["most_in_one_recv"] = b.most_in_one;
    json["in_pieces"] = b.in_pieces;
    json["lost_bytes"] = b.lost_bytes;
    json["borders_kept"] = b.most_in_one <= 1 && b.in_pieces == 0;
    return json;
}

Json trial_json(const EngineTrial& t, std::uint64_t messages) {
    Json json;
    json["engine"] = t.engine;
    json["outcome"] = lab::outcome_name(t.outcome);
    if (!t.why.empty()) json["why"] = t.why;
    if (t.outcome != TrialOutcome::Done) return json;
    json["wall_s"] = seconds(t.wall);
    json.update(usage_json(t.usage));
    json["threads"] = t.threads;
    json["in_vain"] = t.in_vain;
    json["calls"] = Json::object();
    json["calls_per_message"] = Json::object();
    for (const auto& [call, count] : t.calls) {
        const std::string name{syscall_name(call)};
        json["calls"][name] = count;
        if (messages > 0)
            json["calls_per_message"][name] = static_cast<double>(count) / static_cast<double>(messages);
    }
    json["service"] = t.service;
    json["transport"] = t.datagrams ? "udp" : "tcp";
    json["messages_to_server"] = borders_json(t.borders.to_server);
    json["messages_to_clients"] = borders_json(t.borders.to_clients);
    for (const auto& client : t.clients) {
        Json& c = json["clients"].emplace_back();
        c["name"] = client.name;
        c["took_s"] = seconds(client.took);
        c["waited_s"] = seconds(client.waited);
        c["longest_wait_s"] = seconds(client.longest);
    }
    return json;
}

}  // namespace

std::string compare_text(const scenario::Scenario& scenario, const std::vector<EngineTrial>& trials) {
    const std::uint64_t clients = lab::client_count(scenario);
    const std::uint64_t messages = lab::messages_sent(scenario);
    const bool any = std::any_of(trials.begin(), trials.end(),
                                 [](const EngineTrial& t) { return t.outcome == TrialOutcome::Done; });
    std::string text = concat(escaped(scenario.name, Medium::Terminal), ": ", clients,
                              clients == 1 ? " client, " : " clients, ", messages,
                              messages == 1 ? " message" : " messages", '\n');
    if (any) {
        append(text,
               concat("\nunwatched\n", times_text(trials),
                      "\ncalls of the server for each message, in a second run with every call recorded\n",
                      calls_text(trials, messages),
                      "\nmessages on their way, in that run; what one send() gave is a message\n",
                      borders_text(trials), '\n', border_sentences(trials)));
        append(
            text,
            "\nwaited: inside connect(), recv() and calls that wait for them, per client. wake-ups: the "
            "server slept and\n"
            "was woken; preempted: another program got its processor. in vain: calls that returned EAGAIN.\n"
            "most in one: messages of which one recv() had at least a part. in pieces: messages that took "
            "several.\n");
    }
    for (const EngineTrial& t : trials)
        if (t.outcome != TrialOutcome::Done)
            append(text, concat("\n", t.engine, ": ", escaped(outcome_text(t), Medium::Terminal), '\n'));
    return text;
}

std::string compare_json(const scenario::Scenario& scenario, const std::vector<EngineTrial>& trials) {
    Json json;
    json["scenario"] = escaped(scenario.name, Medium::Terminal);
    json["messages"] = lab::messages_sent(scenario);
    json["engines"] = Json::array();
    for (const EngineTrial& t : trials)
        json["engines"].push_back(trial_json(t, lab::messages_sent(scenario)));
    return json.dump() + '\n';
}

}  // namespace synscope::app
