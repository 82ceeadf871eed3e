#include "sim/packetdrill/requests.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace synscope::packetdrill {
namespace {

using sim::tcp::Personality;

/// Takes the first word off `text`, and the blanks around it.
std::string_view take_word(std::string_view& text) {
    constexpr std::string_view kBlanks = " \t";
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks, end), text.size()));
    return word;
}

/// Decimal or 0x, as sysctl reads it.
std::optional<std::int64_t> number(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    return negative ? -value : value;
}

constexpr std::array<std::string_view, kTcpStateCount> kBsdNames{
    "CLOSED",     "LISTEN",     "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1",
    "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",  "LAST_ACK", "TIME_WAIT"};

std::optional<Request> read_request(std::string_view line) {
    const std::string_view order = take_word(line);
    if (order == "set") {
        const std::string_view name = take_word(line);
        return Setting{std::string{name}, std::string{line}};
    }
    if (order == "forget") return Forget{};
    if (order != "drop") return std::nullopt;
    const auto* const found = std::find(kBsdNames.begin(), kBsdNames.end(), line);
    if (found == kBsdNames.end()) return std::nullopt;
    return DropState{static_cast<TcpState>(found - kBsdNames.begin())};
}

// ---- settings
// ----------------------------------------------------------------------------------------------

bool set_sizes(sim::tcp::BufferSizes& sizes, std::string_view text) {
    std::array<std::uint32_t*, 3> fields{&sizes.least, &sizes.initial, &sizes.most};
    for (std::uint32_t* field : fields) {
        const auto value = number(take_word(text));
        if (!value) return false;
        *field = static_cast<std::uint32_t>(*value);
    }
    return true;
}

/// Four words in hexadecimal with dashes between them.
bool set_key(Personality& p, std::string_view text) {
    for (std::uint32_t& word : p.fastopen_key) {
        const std::size_t end = std::min(text.find('-'), text.size());
        const auto [stop, error] = std::from_chars(text.data(), text.data() + end, word, 16);
        if (error != std::errc{} || stop != text.data() + end) return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    p.has_fastopen_key = true;
    return true;
}

bool set_congestion(Personality& p, std::string_view name) {
    using sim::tcp::CongestionAlgorithm;
    if (name == "cubic") p.congestion = CongestionAlgorithm::Cubic;
    if (name == "reno" || name == "newreno") p.congestion = CongestionAlgorithm::Reno;
    return name == "cubic" || name == "reno" || name == "newreno";
}

/// Settings whose value is not one number.
std::optional<bool> apply_text(Personality& p, std::string_view name, std::string_view value) {
    if (name == "net.ipv4.tcp_rmem") return set_sizes(p.rmem, value);
    if (name == "net.ipv4.tcp_wmem") return set_sizes(p.wmem, value);
    if (name == "net.ipv4.tcp_fastopen_key") return set_key(p, value.substr(0, value.find(',')));
    if (name == "net.ipv4.tcp_congestion_control" || name == "net.inet.tcp.cc.algorithm")
        return set_congestion(p, value);
    return std::nullopt;
}

struct NumberSetting {
    std::string_view name;
    void (*apply)(Personality&, std::int64_t);
};

template <auto Field>
void assign(Personality& p, std::int64_t value) {
    auto& field = p.*Field;
    field = static_cast<std::remove_reference_t<decltype(field)>>(value);
}
template <auto Field>
void assign_seconds(Personality& p, std::int64_t value) {
    p.*Field = Duration::seconds(value);
}
template <auto Field>
void assign_milliseconds(Personality& p, std::int64_t value) {
    p.*Field = Duration::milliseconds(value);
}

constexpr auto kNumberSettings = std::to_array<NumberSetting>({
    {"net.core.somaxconn", assign<&Personality::somaxconn>},
    {"net.core.rmem_max", assign<&Personality::rmem_max>},
    {"net.core.wmem_max", assign<&Personality::wmem_max>},
    {"net.ipv4.ip_default_ttl", assign<&Personality::ttl>},
    {"net.ipv4.tcp_abort_on_overflow", assign<&Personality::abort_on_overflow>},
    {"net.ipv4.tcp_autocorking", assign<&Personality::autocorking>},
    {"net.ipv4.tcp_dsack", assign<&Personality::dsack>},
    {"net.ipv4.tcp_early_retrans", assign<&Personality::early_retrans>},
    {"net.ipv4.tcp_ecn", assign<&Personality::ecn>},
    {"net.ipv4.tcp_ecn_fallback", assign<&Personality::ecn_fallback>},
    {"net.ipv4.tcp_fastopen", assign<&Personality::fastopen>},
    {"net.ipv4.tcp_fastopen_blackhole_timeout_sec", assign_seconds<&Personality::fastopen_blackhole_timeout>},
    {"net.ipv4.tcp_fin_timeout", assign_seconds<&Personality::fin_timeout>},
    {"net.ipv4.tcp_frto", assign<&Personality::frto>},
    {"net.ipv4.tcp_invalid_ratelimit", assign_milliseconds<&Personality::invalid_ratelimit>},
    {"net.ipv4.tcp_keepalive_intvl", assign_seconds<&Personality::keepalive_interval>},
    {"net.ipv4.tcp_keepalive_probes", assign<&Personality::keepalive_probes>},
    {"net.ipv4.tcp_keepalive_time", assign_seconds<&Personality::keepalive_time>},
    {"net.ipv4.tcp_limit_output_bytes", assign<&Personality::limit_output_bytes>},
    {"net.ipv4.tcp_max_reordering", assign<&Personality::max_reordering>},
    {"net.ipv4.tcp_max_syn_backlog", assign<&Personality::max_syn_backlog>},
    {"net.ipv4.tcp_min_rtt_wlen", assign_seconds<&Personality::min_rtt_window>},
    {"net.ipv4.tcp_min_snd_mss", assign<&Personality::min_mss>},
    {"net.ipv4.tcp_moderate_rcvbuf", assign<&Personality::receive_autotuning>},
    {"net.ipv4.tcp_min_tso_segs", assign<&Personality::min_tso_segs>},
    {"net.ipv4.tcp_notsent_lowat", assign<&Personality::notsent_lowat>},
    {"net.ipv4.tcp_orphan_retries", assign<&Personality::orphan_retries>},
    {"net.ipv4.tcp_pacing_ca_ratio", assign<&Personality::pacing_ca_ratio>},
    {"net.ipv4.tcp_pacing_ss_ratio", assign<&Personality::pacing_ss_ratio>},
    {"net.ipv4.tcp_recovery", assign<&Personality::recovery_flags>},
    {"net.ipv4.tcp_reordering", assign<&Personality::reordering>},
    {"net.ipv4.tcp_retrans_collapse", assign<&Personality::retrans_collapse>},
    {"net.ipv4.tcp_retries1", assign<&Personality::retries1>},
    {"net.ipv4.tcp_retries2", assign<&Personality::retries2>},
    {"net.ipv4.tcp_rfc1337", assign<&Personality::rfc1337>},
    {"net.ipv4.tcp_sack", assign<&Personality::sack>},
    {"net.ipv4.tcp_slow_start_after_idle", assign<&Personality::slow_start_after_idle>},
    {"net.ipv4.tcp_syn_linear_timeouts", assign<&Personality::syn_linear_timeouts>},
    {"net.ipv4.tcp_syn_retries", assign<&Personality::syn_retries>},
    {"net.ipv4.tcp_synack_retries", assign<&Personality::synack_retries>},
    {"net.ipv4.tcp_syncookies", assign<&Personality::syncookies>},
    {"net.ipv4.tcp_timestamps", assign<&Personality::timestamps>},
    {"net.ipv4.tcp_tw_reuse", assign<&Personality::tw_reuse>},
    {"net.ipv4.tcp_window_scaling", assign<&Personality::window_scaling>},
    {"net.inet.tcp.drop_synfin",
     [](Personality& p,
        std::int64_t v) { p.syn_fin = v != 0 ? sim::tcp::SynFin::Dropped : sim::tcp::SynFin::Taken; }},
    {"net.inet.tcp.ecn.enable", assign<&Personality::ecn>},
    {"net.inet.tcp.insecure_rst", assign<&Personality::any_reset_in_window>},
    {"net.inet.tcp.insecure_syn", assign<&Personality::syn_in_window_resets>},
    {"net.inet.tcp.recvspace",
     [](Personality& p, std::int64_t v) { p.rmem.initial = static_cast<std::uint32_t>(v); }},
    {"net.inet.tcp.rexmit_initial", assign_milliseconds<&Personality::rto_initial>},
    {"net.inet.tcp.rfc1323",
     [](Personality& p, std::int64_t v) { p.timestamps = p.window_scaling = v != 0; }},
    {"net.inet.tcp.sack.enable", assign<&Personality::sack>},
    {"net.inet.tcp.sendspace",
     [](Personality& p, std::int64_t v) { p.wmem.initial = static_cast<std::uint32_t>(v); }},
});

}  // namespace

std::vector<Request> read_requests(std::string_view text) {
    std::vector<Request> requests;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (auto request = read_request(text.substr(0, end))) requests.push_back(std::move(*request));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return requests;
}

bool apply_setting(Personality& personality, const Setting& setting) {
    if (const auto done = apply_text(personality, setting.name, setting.value)) return *done;
    const auto* const found = std::find_if(kNumberSettings.begin(), kNumberSettings.end(),
                                           [&](const NumberSetting& s) { return s.name == setting.name; });
    const auto value = number(setting.value);
    if (found == kNumberSettings.end() || !value) return false;
    found->apply(personality, *value);
    return true;
}

std::string_view bsd_state_name(TcpState state) noexcept {
    return kBsdNames[static_cast<std::size_t>(state)];
}

}  // namespace synscope::packetdrill
