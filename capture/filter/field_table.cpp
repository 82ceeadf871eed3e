#include "capture/filter/field_table.hpp"

#include <algorithm>
#include <vector>

namespace synscope::filter {
namespace {

// In the order of the names, so that a name is found by halving.
constexpr FieldRow kRows[] = {
    {"ah", Kind::Protocol, 0, Origin::Layer},
    {"arp", Kind::Protocol, 0, Origin::Layer},
    {"arp.dst.hw_mac", Kind::Mac},
    {"arp.dst.proto_ipv4", Kind::Ipv4},
    {"arp.hw.size", Kind::Unsigned, 8},
    {"arp.hw.type", Kind::Unsigned, 16},
    {"arp.opcode", Kind::Unsigned, 16},
    {"arp.proto.size", Kind::Unsigned, 8},
    {"arp.proto.type", Kind::Unsigned, 16},
    {"arp.src.hw_mac", Kind::Mac},
    {"arp.src.proto_ipv4", Kind::Ipv4},
    {"data", Kind::Protocol, 0, Origin::Layer},
    {"data.data", Kind::Bytes},
    {"data.len", Kind::Signed, 32},
    {"data.text", Kind::Text},
    {"eth", Kind::Protocol, 0, Origin::Layer},
    {"eth.addr", Kind::Mac, 0, Origin::Either, "eth.dst", "eth.src"},
    {"eth.dst", Kind::Mac},
    {"eth.len", Kind::Unsigned, 16},
    {"eth.padding", Kind::Bytes},
    {"eth.src", Kind::Mac},
    {"eth.trailer", Kind::Bytes},
    {"eth.type", Kind::Unsigned, 16},
    {"frame", Kind::Protocol, 0, Origin::Frame},
    {"frame.cap_len", Kind::Unsigned, 32, Origin::Frame},
    {"frame.interface_id", Kind::Unsigned, 32, Origin::Frame},
    {"frame.len", Kind::Unsigned, 32, Origin::Frame},
    {"frame.number", Kind::Unsigned, 32, Origin::Frame},
    {"frame.protocols", Kind::Text, 0, Origin::Frame},
    {"frame.time_delta", Kind::Time, 0, Origin::Frame},
    {"frame.time_epoch", Kind::Time, 0, Origin::Frame},
    {"frame.time_relative", Kind::Time, 0, Origin::Frame},
    {"icmp", Kind::Protocol, 0, Origin::Layer},
    {"icmp.checksum", Kind::Unsigned, 16},
    {"icmp.code", Kind::Unsigned, 8},
    {"icmp.ident", Kind::Unsigned, 16},
    {"icmp.seq", Kind::Unsigned, 16},
    {"icmp.type", Kind::Unsigned, 8},
    {"icmp.unused", Kind::Bytes},
    {"icmpv6", Kind::Protocol, 0, Origin::Layer},
    {"icmpv6.checksum", Kind::Unsigned, 16},
    {"icmpv6.code", Kind::Unsigned, 8},
    {"icmpv6.data", Kind::Bytes},
    {"icmpv6.echo.identifier", Kind::Unsigned, 16},
    {"icmpv6.echo.sequence_number", Kind::Unsigned, 16},
    {"icmpv6.nd.ns.target_address", Kind::Ipv6},
    {"icmpv6.reserved", Kind::Bytes},
    {"icmpv6.type", Kind::Unsigned, 8},
    {"ieee8021ad", Kind::Protocol, 0, Origin::Layer},
    {"ip", Kind::Protocol, 0, Origin::Layer},
    {"ip.addr", Kind::Ipv4, 0, Origin::Either, "ip.src", "ip.dst"},
    {"ip.checksum", Kind::Unsigned, 16},
    {"ip.dsfield", Kind::Unsigned, 8},
    {"ip.dsfield.dscp", Kind::Unsigned, 8},
    {"ip.dsfield.ecn", Kind::Unsigned, 8},
    {"ip.dst", Kind::Ipv4},
    {"ip.flags", Kind::Unsigned, 8},
    {"ip.flags.df", Kind::Boolean},
    {"ip.flags.mf", Kind::Boolean},
    {"ip.flags.rb", Kind::Boolean},
    {"ip.frag_offset", Kind::Unsigned, 16},
    {"ip.hdr_len", Kind::Unsigned, 8},
    {"ip.id", Kind::Unsigned, 16},
    {"ip.len", Kind::Unsigned, 16},
    {"ip.options", Kind::Bytes},
    {"ip.proto", Kind::Unsigned, 8},
    {"ip.src", Kind::Ipv4},
    {"ip.ttl", Kind::Unsigned, 8},
    {"ip.version", Kind::Unsigned, 8},
    {"ipv6", Kind::Protocol, 0, Origin::Layer},
    {"ipv6.addr", Kind::Ipv6, 0, Origin::Either, "ipv6.src", "ipv6.dst"},
    {"ipv6.dst", Kind::Ipv6},
    {"ipv6.dstopts", Kind::Protocol, 0, Origin::Layer},
    {"ipv6.flow", Kind::Unsigned, 24},
    {"ipv6.fraghdr", Kind::Protocol, 0, Origin::Layer},
    {"ipv6.fraghdr.ident", Kind::Unsigned, 32},
    {"ipv6.fraghdr.more", Kind::Boolean},
    {"ipv6.fraghdr.offset", Kind::Unsigned, 16},
    {"ipv6.hlim", Kind::Unsigned, 8},
    {"ipv6.hopopts", Kind::Protocol, 0, Origin::Layer},
    {"ipv6.nxt", Kind::Unsigned, 8},
    {"ipv6.opt.data", Kind::Bytes},
    {"ipv6.opt.length", Kind::Unsigned, 8},
    {"ipv6.plen", Kind::Unsigned, 16},
    {"ipv6.routing", Kind::Protocol, 0, Origin::Layer},
    {"ipv6.src", Kind::Ipv6},
    {"ipv6.tclass", Kind::Unsigned, 32},
    {"ipv6.version", Kind::Unsigned, 8},
    {"llc", Kind::Protocol, 0, Origin::Layer},
    {"null", Kind::Protocol, 0, Origin::Layer},
    {"null.family", Kind::Unsigned, 32},
    {"ppp", Kind::Protocol, 0, Origin::Layer},
    {"ppp.address", Kind::Unsigned, 8},
    {"ppp.control", Kind::Unsigned, 8},
    {"ppp.protocol", Kind::Unsigned, 16},
    {"raw", Kind::Protocol, 0, Origin::Layer},
    {"sll", Kind::Protocol, 0, Origin::Layer},
    {"sll.etype", Kind::Unsigned, 16},
    {"sll.halen", Kind::Unsigned, 16},
    {"sll.hatype", Kind::Unsigned, 16},
    {"sll.ifindex", Kind::Unsigned, 32},
    {"sll.pkttype", Kind::Unsigned, 16},
    {"sll.src.eth", Kind::Mac},
    {"sll.src.other", Kind::Bytes},
    {"tcp", Kind::Protocol, 0, Origin::Layer},
    {"tcp.ack", Kind::Unsigned, 32, Origin::Analysis},
    {"tcp.ack_raw", Kind::Unsigned, 32},
    {"tcp.analysis.ack_lost_segment", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.ack_rtt", Kind::Time, 0, Origin::Analysis},
    {"tcp.analysis.bytes_in_flight", Kind::Unsigned, 32, Origin::Analysis},
    {"tcp.analysis.duplicate_ack", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.duplicate_ack_num", Kind::Unsigned, 32, Origin::Analysis},
    {"tcp.analysis.fast_retransmission", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.flags", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.initial_rtt", Kind::Time, 0, Origin::Connection},
    {"tcp.analysis.keep_alive", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.keep_alive_ack", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.lost_segment", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.out_of_order", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.retransmission", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.reused_ports", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.spurious_retransmission", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.window_full", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.window_update", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.zero_window", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.zero_window_probe", Kind::Label, 0, Origin::Analysis},
    {"tcp.analysis.zero_window_probe_ack", Kind::Label, 0, Origin::Analysis},
    {"tcp.checksum", Kind::Unsigned, 16},
    {"tcp.completeness", Kind::Unsigned, 8, Origin::Connection},
    {"tcp.dstport", Kind::Unsigned, 16},
    {"tcp.flags", Kind::Unsigned, 16},
    {"tcp.flags.ack", Kind::Boolean},
    {"tcp.flags.ae", Kind::Boolean},
    {"tcp.flags.cwr", Kind::Boolean},
    {"tcp.flags.ece", Kind::Boolean},
    {"tcp.flags.fin", Kind::Boolean},
    {"tcp.flags.push", Kind::Boolean},
    {"tcp.flags.res", Kind::Boolean},
    {"tcp.flags.reset", Kind::Boolean},
    {"tcp.flags.syn", Kind::Boolean},
    {"tcp.flags.urg", Kind::Boolean},
    {"tcp.hdr_len", Kind::Unsigned, 8},
    {"tcp.len", Kind::Unsigned, 32},
    {"tcp.options", Kind::Bytes},
    {"tcp.options.eol", Kind::Label},
    {"tcp.options.malformed", Kind::Label},
    {"tcp.options.mss_val", Kind::Unsigned, 16},
    {"tcp.options.nop", Kind::Label},
    {"tcp.options.sack", Kind::Label},
    {"tcp.options.sack_le", Kind::Unsigned, 32},
    {"tcp.options.sack_perm", Kind::Label},
    {"tcp.options.sack_re", Kind::Unsigned, 32},
    {"tcp.options.timestamp", Kind::Label},
    {"tcp.options.timestamp.tsecr", Kind::Unsigned, 32},
    {"tcp.options.timestamp.tsval", Kind::Unsigned, 32},
    {"tcp.options.unknown", Kind::Label},
    {"tcp.options.wscale.shift", Kind::Unsigned, 8},
    {"tcp.payload", Kind::Bytes, 0, Origin::Payload, "tcp"},
    {"tcp.port", Kind::Unsigned, 16, Origin::Either, "tcp.srcport", "tcp.dstport"},
    {"tcp.seq", Kind::Unsigned, 32, Origin::Analysis},
    {"tcp.seq_raw", Kind::Unsigned, 32},
    {"tcp.srcport", Kind::Unsigned, 16},
    {"tcp.stream", Kind::Unsigned, 32, Origin::Analysis},
    {"tcp.time_relative", Kind::Time, 0, Origin::Connection},
    {"tcp.urgent_pointer", Kind::Unsigned, 16},
    {"tcp.window_size", Kind::Unsigned, 32, Origin::Analysis},
    {"tcp.window_size_value", Kind::Unsigned, 16},
    {"udp", Kind::Protocol, 0, Origin::Layer},
    {"udp.checksum", Kind::Unsigned, 16},
    {"udp.dstport", Kind::Unsigned, 16},
    {"udp.length", Kind::Unsigned, 16},
    {"udp.payload", Kind::Bytes, 0, Origin::Payload, "udp"},
    {"udp.port", Kind::Unsigned, 16, Origin::Either, "udp.srcport", "udp.dstport"},
    {"udp.srcport", Kind::Unsigned, 16},
    {"vlan", Kind::Protocol, 0, Origin::Layer},
    {"vlan.dei", Kind::Boolean},
    {"vlan.etype", Kind::Unsigned, 16},
    {"vlan.id", Kind::Unsigned, 16},
    {"vlan.priority", Kind::Unsigned, 16},
    {"vlan.tci", Kind::Unsigned, 16},
};

/// How many letters have to be changed, added or left out to make `a` of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::span<const FieldRow> field_rows() noexcept {
    return kRows;
}

const FieldRow* find_row(std::string_view name) noexcept {
    const auto* const found =
        std::lower_bound(std::begin(kRows), std::end(kRows), name,
                         [](const FieldRow& row, std::string_view n) { return row.name < n; });
    return found != std::end(kRows) && found->name == name ? found : nullptr;
}

std::optional<std::string_view> nearest_name(std::string_view name) {
    constexpr std::size_t kLongest = 64;  // no name is longer: what is, resembles none
    if (name.size() > kLongest) return std::nullopt;
    std::optional<std::string_view> nearest;
    std::size_t least = name.size() / 3 + 1;
    for (const FieldRow& row : kRows) {
        const std::size_t apart = distance(name, row.name);
        if (apart >= least) continue;
        least = apart;
        nearest = row.name;
    }
    return nearest;
}

}  // namespace synscope::filter
