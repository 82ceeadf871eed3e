#pragma once
// What TCP_INFO says of a connection: the fields of Linux's struct tcp_info, by their names without the
// prefix, in the kernel's units (microseconds where the name is about time, unless it says otherwise). Thread
// rule: values.

#include <cstdint>

namespace synscope::sim::tcp {

struct TcpInfo {
    std::uint8_t state = 0;     ///< Linux's number: 1 ESTABLISHED ... 11 CLOSING, 12 NEW_SYN_RECV
    std::uint8_t ca_state = 0;  ///< 0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss
    std::uint8_t retransmits = 0;
    std::uint8_t probes = 0;
    std::uint8_t backoff = 0;
    std::uint8_t options =
        0;  ///< 1 timestamps, 2 SACK, 4 window scaling, 8 ECN, 16 ECN seen, 32 data in SYN acknowledged
    std::uint8_t snd_wscale = 0;
    std::uint8_t rcv_wscale = 0;
    bool delivery_rate_app_limited = false;
    std::uint8_t fastopen_client_fail = 0;
    std::uint32_t rto = 0;
    std::uint32_t ato = 0;
    std::uint32_t snd_mss = 0;
    std::uint32_t rcv_mss = 0;
    std::uint32_t unacked = 0;
    std::uint32_t sacked = 0;
    std::uint32_t lost = 0;
    std::uint32_t retrans = 0;
    std::uint32_t fackets = 0;
    std::uint32_t last_data_sent = 0;  ///< milliseconds ago
    std::uint32_t last_ack_sent = 0;
    std::uint32_t last_data_recv = 0;
    std::uint32_t last_ack_recv = 0;
    std::uint32_t pmtu = 0;
    std::uint32_t rcv_ssthresh = 0;
    std::uint32_t rtt = 0;
    std::uint32_t rttvar = 0;
    std::uint32_t snd_ssthresh = 0;
    std::uint32_t snd_cwnd = 0;
    std::uint32_t advmss = 0;
    std::uint32_t reordering = 0;
    std::uint32_t rcv_rtt = 0;
    std::uint32_t rcv_space = 0;
    std::uint32_t total_retrans = 0;
    std::uint64_t pacing_rate = 0;
    std::uint64_t max_pacing_rate = ~std::uint64_t{0};
    std::uint64_t bytes_acked = 0;
    std::uint64_t bytes_received = 0;
    std::uint32_t segs_out = 0;
    std::uint32_t segs_in = 0;
    std::uint32_t notsent_bytes = 0;
    std::uint32_t min_rtt = 0;
    std::uint32_t data_segs_in = 0;
    std::uint32_t data_segs_out = 0;
    std::uint64_t delivery_rate = 0;
    std::uint64_t busy_time = 0;
    std::uint64_t rwnd_limited = 0;
    std::uint64_t sndbuf_limited = 0;
    std::uint32_t delivered = 0;
    std::uint32_t delivered_ce = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_retrans = 0;
    std::uint32_t dsack_dups = 0;
    std::uint32_t reord_seen = 0;
    std::uint32_t rcv_ooopack = 0;
    std::uint32_t snd_wnd = 0;
    std::uint32_t rcv_wnd = 0;
    std::uint32_t rehash = 0;
    std::uint16_t total_rto = 0;
    std::uint16_t total_rto_recoveries = 0;
    std::uint32_t total_rto_time = 0;
};

}  // namespace synscope::sim::tcp
