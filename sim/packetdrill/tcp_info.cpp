#include <linux/tcp.h>

#include <algorithm>
#include <cstring>

#include "sim/packetdrill/socket_options.hpp"

namespace synscope::packetdrill {
namespace {

/// What kernels after the headers of Debian 12 (6.1) have added.
struct NewerTcpInfo {
    tcp_info common;
    __u32 rcv_wnd;
    __u32 rehash;
    __u16 total_rto;
    __u16 total_rto_recoveries;
    __u32 total_rto_time;
};
// rcv_wnd follows snd_wnd, the last field of 6.1, without a gap.
static_assert(offsetof(NewerTcpInfo, rcv_wnd) == offsetof(tcp_info, tcpi_snd_wnd) + sizeof(__u32));

/// What the acknowledgements say.
void write_sender(const sim::tcp::TcpInfo& from, tcp_info& to) {
    to.tcpi_ca_state = from.ca_state;
    to.tcpi_retransmits = from.retransmits;
    to.tcpi_probes = from.probes;
    to.tcpi_backoff = from.backoff;
    to.tcpi_rto = from.rto;
    to.tcpi_snd_mss = from.snd_mss;
    to.tcpi_unacked = from.unacked;
    to.tcpi_sacked = from.sacked;
    to.tcpi_lost = from.lost;
    to.tcpi_retrans = from.retrans;
    to.tcpi_fackets = from.fackets;
    to.tcpi_rtt = from.rtt;
    to.tcpi_rttvar = from.rttvar;
    to.tcpi_snd_ssthresh = from.snd_ssthresh;
    to.tcpi_snd_cwnd = from.snd_cwnd;
    to.tcpi_reordering = from.reordering;
    to.tcpi_total_retrans = from.total_retrans;
    to.tcpi_pacing_rate = from.pacing_rate;
    to.tcpi_max_pacing_rate = from.max_pacing_rate;
    to.tcpi_notsent_bytes = from.notsent_bytes;
    to.tcpi_min_rtt = from.min_rtt;
    to.tcpi_delivery_rate = from.delivery_rate;
    to.tcpi_delivery_rate_app_limited = from.delivery_rate_app_limited ? 1 : 0;
    to.tcpi_busy_time = from.busy_time;
    to.tcpi_rwnd_limited = from.rwnd_limited;
    to.tcpi_sndbuf_limited = from.sndbuf_limited;
    to.tcpi_delivered = from.delivered;
    to.tcpi_delivered_ce = from.delivered_ce;
    to.tcpi_dsack_dups = from.dsack_dups;
    to.tcpi_reord_seen = from.reord_seen;
    to.tcpi_snd_wnd = from.snd_wnd;
}

/// Both directions, and what was agreed.
void write_common(const sim::tcp::TcpInfo& from, tcp_info& to) {
    to.tcpi_state = from.state;
    to.tcpi_options = from.options;
    to.tcpi_snd_wscale = from.snd_wscale & 0xfu;
    to.tcpi_rcv_wscale = from.rcv_wscale & 0xfu;
    to.tcpi_fastopen_client_fail = from.fastopen_client_fail & 0x3u;
    to.tcpi_ato = from.ato;
    to.tcpi_rcv_mss = from.rcv_mss;
    to.tcpi_last_data_sent = from.last_data_sent;
    to.tcpi_last_ack_sent = from.last_ack_sent;
    to.tcpi_last_data_recv = from.last_data_recv;
    to.tcpi_last_ack_recv = from.last_ack_recv;
    to.tcpi_pmtu = from.pmtu;
    to.tcpi_rcv_ssthresh = from.rcv_ssthresh;
    to.tcpi_advmss = from.advmss;
    to.tcpi_rcv_rtt = from.rcv_rtt;
    to.tcpi_rcv_space = from.rcv_space;
    to.tcpi_bytes_acked = from.bytes_acked;
    to.tcpi_bytes_received = from.bytes_received;
    to.tcpi_segs_out = from.segs_out;
    to.tcpi_segs_in = from.segs_in;
    to.tcpi_data_segs_in = from.data_segs_in;
    to.tcpi_data_segs_out = from.data_segs_out;
    to.tcpi_bytes_sent = from.bytes_sent;
    to.tcpi_bytes_retrans = from.bytes_retrans;
    to.tcpi_rcv_ooopack = from.rcv_ooopack;
}

}  // namespace

void write_tcp_info(const sim::tcp::TcpInfo& info, MutableByteSpan out) {
    NewerTcpInfo kernel{};
    write_sender(info, kernel.common);
    write_common(info, kernel.common);
    kernel.rcv_wnd = info.rcv_wnd;
    kernel.rehash = info.rehash;
    kernel.total_rto = info.total_rto;
    kernel.total_rto_recoveries = info.total_rto_recoveries;
    kernel.total_rto_time = info.total_rto_time;
    std::fill(out.begin(), out.end(), std::byte{0});
    std::memcpy(out.data(), &kernel, std::min(out.size(), sizeof kernel));
}

}  // namespace synscope::packetdrill
