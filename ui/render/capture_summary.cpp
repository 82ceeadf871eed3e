#include "ui/render/capture_summary.hpp"

#include <algorithm>
#include <string_view>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::render {

namespace {

/// As many connections, or interfaces, as one screen shows are listed one by one.
constexpr std::size_t kListed = 20;
/// Entries in each list of the worst.
constexpr std::size_t kWorst = 5;

using track::AnalysisFlag;

constexpr std::array<std::string_view, track::kAnalysisFlagCount> kMeanings{
    "acknowledges bytes that the capture lacks: it missed packets",
    "the receiver asks again for the same byte",
    "sent again because of duplicate ACKs",
    "a probe whether the other end is still there",
    "the answer to a keep-alive",
    "a segment before this one is missing: lost, or not captured",
    "arrived behind a later one",
    "sent again",
    "a new connection on addresses and ports used before",
    "sent again although it had been acknowledged",
    "the sender has filled the receiver's window",
    "the receiver makes room again",
    "the receiver has no room left",
    "the sender asks whether there is room",
    "the answer: still no room",
};

std::string plural(std::uint64_t n, std::string_view one, std::string_view many) {
    return concat(n, ' ', n == 1 ? one : many);
}

/// Texts of a file may be of any length.
std::string beginning_of(const std::string& text) {
    constexpr std::size_t kMost = 400;
    return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

std::string interface_text(const trace::Interface& interface) {
    const std::string_view link = wire::link_type_name(interface.link_type);
    const std::string type =
        link.empty() ? concat("link type ", static_cast<unsigned>(interface.link_type), ", not dissected")
                     : std::string{link};
    std::string text =
        interface.name.empty() ? type : concat(escaped(interface.name, Medium::Terminal), " (", type, ')');
    if (!interface.description.empty())
        append(text, concat(", ", escaped(beginning_of(interface.description), Medium::Terminal)));
    if (!interface.filter.empty())
        append(text,
               concat(", only what passed: ", escaped(beginning_of(interface.filter), Medium::Terminal)));
    for (const std::string& comment : interface.comments)
        append(text, concat("; comment: ", escaped(beginning_of(comment), Medium::Terminal)));
    return text;
}

/// "2026-11-21 13:05:09 UTC". Days to a date by counting years that begin in March, so that a leap day is a
/// year's last.
std::string utc_text(Instant at) {
    constexpr std::int64_t kDay = 86'400;
    std::int64_t seconds = at.ns / 1'000'000'000 - (at.ns % 1'000'000'000 < 0 ? 1 : 0);
    std::int64_t days = seconds / kDay - (seconds % kDay < 0 ? 1 : 0);
    seconds -= days * kDay;
    days += 719'468;  // from 1 March of year 0 to 1 January 1970
    const std::int64_t era = days / 146'097;
    const std::int64_t day_of_era = days % 146'097;
    const std::int64_t year =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    const auto two = [](std::int64_t n) { return Padded{n, 2, '0'}; };
    return concat(year + era * 400 + (month >= 10 ? 1 : 0), '-', two(month < 10 ? month + 3 : month - 9), '-',
                  two(day_of_year - (153 * month + 2) / 5 + 1), ' ', two(seconds / 3'600), ':',
                  two(seconds / 60 % 60), ':', two(seconds % 60), " UTC");
}

std::uint64_t packets_of(const track::ConnectionFacts& c) {
    return c.of(Direction::ClientToServer).packets + c.of(Direction::ServerToClient).packets;
}

std::uint64_t payload_of(const track::ConnectionFacts& c) {
    return c.of(Direction::ClientToServer).payload_bytes + c.of(Direction::ServerToClient).payload_bytes;
}

bool one_sided(const track::ConnectionFacts& c) {
    return c.of(Direction::ClientToServer).packets == 0 || c.of(Direction::ServerToClient).packets == 0;
}

std::uint64_t retransmissions(const track::ConnectionFacts& c) {
    return std::uint64_t{c.count(AnalysisFlag::Retransmission)} + c.count(AnalysisFlag::FastRetransmission) +
           c.count(AnalysisFlag::SpuriousRetransmission);
}

std::string ends_text(const track::ConnectionFacts& c) {
    return concat(Padded{c.id.value, 7}, "  ", c.client.text(), " > ", c.server.text());
}

void append_connection(std::string& out, const track::ConnectionFacts& c) {
    if (packets_of(c) == 0) {
        append(out,
               concat(ends_text(c), "  no segment, only named by an ICMP error or a broken TCP header\n"));
        return;
    }
    append(out, concat(ends_text(c), "  ", plural(packets_of(c), "packet", "packets"), ", ",
                       c.of(Direction::ClientToServer).payload_bytes, " bytes there, ",
                       c.of(Direction::ServerToClient).payload_bytes, " back, ",
                       duration_text(c.last_at - c.first_at), ", ", track::name(c.ending),
                       c.ending == track::Ending::Open ? " at the end" : ""));
    if (c.initial_rtt) append(out, concat(", initial RTT ", duration_text(*c.initial_rtt)));
    if (c.joined_midway) out += ", joined midway";
    if (one_sided(c)) out += ", one-sided";
    std::string_view before = "; ";
    for (std::size_t i = 0; i < track::kAnalysisFlagCount; ++i) {
        if (c.counts[i] == 0) continue;
        append(out, concat(before, c.counts[i], ' ', track::name(static_cast<AnalysisFlag>(i))));
        before = ", ";
    }
    out += '\n';
}

}  // namespace

CaptureSummary::CaptureSummary(CaptureFacts facts) : facts_(std::move(facts)) {}

/// Keeps the kWorst heaviest, heaviest first; among equals the first.
void CaptureSummary::consider(Worst& list, std::uint64_t weight, const track::ConnectionFacts& connection) {
    if (weight == 0 || (list.size() == kWorst && weight <= list.back().weight)) return;
    const auto place = std::find_if(list.begin(), list.end(),
                                    [&](const Remarkable& known) { return known.weight < weight; });
    list.insert(place, {weight, connection});
    if (list.size() > kWorst) list.pop_back();
}

void CaptureSummary::add(const track::ConnectionFacts& c) {
    ++connections_;
    if (first_.size() <= kListed) first_.push_back(c);
    if (packets_of(c) == 0) {
        ++named_;
        return;
    }
    ++endings_[static_cast<std::size_t>(c.ending)];
    joined_midway_ += c.joined_midway ? 1u : 0u;
    one_sided_ += one_sided(c) ? 1u : 0u;
    reused_ports_ += c.reused_ports ? 1u : 0u;
    for (std::size_t i = 0; i < track::kAnalysisFlagCount; ++i) {
        segments_with_[i] += c.counts[i];
        connections_with_[i] += c.counts[i] == 0 ? 0u : 1u;
    }
    if (c.initial_rtt) initial_rtts_ns_.push_back(c.initial_rtt->ns);
    consider(retransmitting_, retransmissions(c), c);
    consider(zero_windows_, c.count(AnalysisFlag::ZeroWindow), c);
    if (c.ending == track::Ending::Reset) consider(reset_, payload_of(c) + 1, c);
    if (c.initial_rtt && c.initial_rtt->ns > 0)
        consider(slowest_, static_cast<std::uint64_t>(c.initial_rtt->ns), c);
}

void CaptureSummary::append_file(std::string& out) const {
    append(out,
           concat(escaped(facts_.name, Medium::Terminal), ": ", plural(facts_.packets, "packet", "packets"),
                  ", ", plural(facts_.original_bytes, "byte", "bytes"), " on the wire"));
    if (facts_.captured_bytes < facts_.original_bytes)
        append(out, concat(", of these ", facts_.captured_bytes, " captured"));
    if (facts_.packets > 1) append(out, concat(", over ", duration_text(facts_.last_at - facts_.first_at)));
    if (facts_.packets > 0) append(out, concat(", from ", utc_text(facts_.first_at)));
    out += '\n';
    for (std::size_t i = 0; i < std::min(facts_.interfaces.size(), kListed); ++i)
        append(out, concat("interface ", i, ": ", interface_text(facts_.interfaces[i]), '\n'));
    if (facts_.interfaces.size() > kListed)
        append(out,
               concat("and ", plural(facts_.interfaces.size() - kListed, "more interface", "more interfaces"),
                      '\n'));
    for (const std::string& note : facts_.notes)
        append(out, concat(note, '\n'));
    if (facts_.out_of_order) out += "some packets are earlier than the one before them in the file\n";
    std::string_view before = "packets by protocol: ";
    for (const auto& [name, packets] : facts_.protocols) {
        append(out, concat(before, packets, ' ', name));
        before = ", ";
    }
    if (!facts_.protocols.empty()) out += '\n';
}

void CaptureSummary::append_counts(std::string& out) const {
    append(out, concat('\n', plural(connections_, "TCP connection", "TCP connections")));
    if (connections_ == 0) {
        out += '\n';
        return;
    }
    std::string_view before = ": ";
    for (std::size_t i = 0; i < endings_.size(); ++i) {
        if (endings_[i] == 0) continue;
        append(out, concat(before, endings_[i], ' ', track::name(static_cast<track::Ending>(i)),
                           static_cast<track::Ending>(i) == track::Ending::Open ? " at the end" : ""));
        before = ", ";
    }
    out += '\n';
    if (joined_midway_ > 0)
        append(out, concat("  ", joined_midway_, " joined midway (the capture began later than they did)\n"));
    if (one_sided_ > 0) append(out, concat("  ", one_sided_, " one-sided (packets of one end only)\n"));
    if (reused_ports_ > 0)
        append(out, concat("  ", reused_ports_, " on the addresses and ports of an earlier one\n"));
    if (named_ > 0)
        append(out, concat("  ", named_,
                           " without a segment, only named by an ICMP error or a broken TCP header\n"));
    if (initial_rtts_ns_.empty()) return;
    std::vector<std::int64_t> rtts = initial_rtts_ns_;
    const auto nth = [&](std::size_t index) {
        std::nth_element(rtts.begin(), rtts.begin() + static_cast<std::ptrdiff_t>(index), rtts.end());
        return duration_text(Duration{rtts[index]});
    };
    const std::string median = nth(rtts.size() / 2);
    append(out, concat("  initial RTT (SYN to the end of the handshake): median ", median, ", 95 % below ",
                       nth(rtts.size() - 1 - rtts.size() / 20), ", slowest ", nth(rtts.size() - 1), '\n'));
}

void CaptureSummary::append_flags(std::string& out) const {
    if (connections_ == 0) return;
    constexpr int kNameWidth = 24;
    bool any = false;
    for (std::size_t i = 0; i < track::kAnalysisFlagCount; ++i) {
        if (segments_with_[i] == 0) continue;
        if (!any) out += "\nremarkable segments, and in how many connections:\n";
        any = true;
        std::string name{track::name(static_cast<AnalysisFlag>(i))};
        name.resize(kNameWidth, ' ');
        append(out,
               concat("  ", name, Padded{static_cast<std::int64_t>(segments_with_[i]), 10},
                      Padded{static_cast<std::int64_t>(connections_with_[i]), 9}, "   ", kMeanings[i], '\n'));
    }
    if (!any) out += "no loss, retransmission, reordering or full window was seen\n";
}

void CaptureSummary::append_worst(std::string& out) const {
    const auto list = [&](std::string_view title, const Worst& worst, const auto& describe) {
        if (worst.empty()) return;
        append(out, concat('\n', title, ":\n"));
        for (const Remarkable& entry : worst)
            append(out, concat(ends_text(entry.connection), "  ", describe(entry), '\n'));
    };
    list("most retransmissions", retransmitting_, [](const Remarkable& entry) {
        return concat(entry.weight, " of ", plural(packets_of(entry.connection), "packet", "packets"));
    });
    list("most zero windows", zero_windows_, [](const Remarkable& entry) {
        return concat(entry.weight, " of ", plural(packets_of(entry.connection), "packet", "packets"));
    });
    list("reset, largest first", reset_, [](const Remarkable& entry) {
        return concat("after ", duration_text(entry.connection.last_at - entry.connection.first_at), " and ",
                      plural(entry.weight - 1, "byte", "bytes"));
    });
    list("slowest initial RTT", slowest_,
         [](const Remarkable& entry) { return duration_text(*entry.connection.initial_rtt); });
    append(out, concat("\n--format connections lists all ", connections_,
                       "; --connection N shows one of them (the number in front)\n"));
}

std::string CaptureSummary::text() const {
    std::string out;
    append_file(out);
    append_counts(out);
    append_flags(out);
    if (connections_ > kListed) {
        append_worst(out);
    } else if (connections_ > 0) {
        out += "\nconnections:\n";
        for (const track::ConnectionFacts& c : first_)
            append_connection(out, c);
    }
    return out;
}

}  // namespace synscope::render
