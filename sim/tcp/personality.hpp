#pragma once
// Whose behaviour a stack shows: numbers and switches, two named sets of them. The fields carry the names of
// Linux's sysctls where there is one, because scripts set those. A stack reads its personality at every
// decision, so a change takes effect at once, as writing a sysctl does. Thread rule: values.

#include <array>
#include <cstdint>

#include "net/base/instant.hpp"

namespace synscope::sim::tcp {

/// The order and the padding of options in a SYN.
enum class OptionOrder : std::uint8_t {
    Linux,    ///< mss,sackOK,TS,nop,wscale; without timestamps mss,nop,nop,sackOK,nop,wscale
    FreeBsd,  ///< mss,nop,wscale,sackOK,TS
};
enum class CongestionAlgorithm : std::uint8_t { None, Reno, Cubic };
/// How slow start ends before a loss.
enum class SlowStartExit : std::uint8_t { Loss, HystartPlusPlus, LinuxHystart };
/// A segment with SYN and FIN that would open a connection.
enum class SynFin : std::uint8_t { Taken, DroppedByListener, Dropped };
/// tcp_fastopen, bit by bit.
inline constexpr std::uint32_t kFastOpenClient = 0x1;
inline constexpr std::uint32_t kFastOpenServer = 0x2;
inline constexpr std::uint32_t kFastOpenClientNoCookie = 0x4;
inline constexpr std::uint32_t kFastOpenServerNoCookie = 0x200;
inline constexpr std::uint32_t kFastOpenEveryListener = 0x400;

/// Three sizes of a buffer, in bytes.
struct BufferSizes {
    std::uint32_t least = 0;
    std::uint32_t initial = 0;
    std::uint32_t most = 0;
    friend bool operator==(const BufferSizes&, const BufferSizes&) = default;
};

struct Personality {
    OptionOrder option_order = OptionOrder::Linux;

    // ---- options offered
    bool timestamps = true;
    bool window_scaling = true;
    bool sack = true;
    bool dsack = true;
    std::uint8_t ecn = 2;  ///< 0 never, 1 ask and accept, 2 accept only (RFC 3168)
    bool ecn_fallback = true;
    /// Random start of the timestamp clock of every connection (RFC 7323 section 5.4); else it starts at time
    /// 0.
    bool timestamp_offset = true;
    Duration timestamp_tick = Duration::milliseconds(1);

    // ---- opening
    std::uint32_t syn_retries = 6;
    std::uint32_t syn_linear_timeouts = 4;
    std::uint32_t synack_retries = 5;
    std::uint32_t max_syn_backlog = 4096;
    std::uint32_t somaxconn = 4096;
    std::uint8_t syncookies = 1;  ///< 0 never, 1 when the SYN queue is full, 2 always
    bool abort_on_overflow = false;
    std::uint32_t fastopen = kFastOpenClient;
    std::array<std::uint32_t, 4> fastopen_key{};  ///< as Linux prints it; all zero: from the seed
    bool has_fastopen_key = false;
    Duration fastopen_blackhole_timeout = Duration::seconds(0);
    std::uint16_t ephemeral_first = 32768;
    std::uint16_t ephemeral_last = 60999;

    // ---- sending
    CongestionAlgorithm congestion = CongestionAlgorithm::Cubic;
    SlowStartExit slow_start_exit = SlowStartExit::LinuxHystart;
    std::uint32_t initial_cwnd = 10;  ///< segments (RFC 6928)
    bool slow_start_after_idle = true;
    std::uint32_t early_retrans = 3;   ///< 0: no tail loss probes
    bool rack = true;                  ///< RFC 8985; else three duplicate ACKs (RFC 5681, 6675)
    std::uint32_t recovery_flags = 1;  ///< tcp_recovery: 2 static reordering window, 4 no duplicate threshold
    bool limited_transmit = true;      ///< RFC 3042
    bool frto = true;                  ///< RFC 5682
    bool undo = true;                  ///< Eifel and D-SACK: take a needless reduction back
    std::uint32_t reordering = 3;
    std::uint32_t max_reordering = 300;
    bool retrans_collapse = true;
    std::uint32_t notsent_lowat = 0xffffffff;
    bool autocorking = false;
    bool minshall_nagle = true;  ///< hold a small segment only while another small one is unacknowledged
    std::uint32_t limit_output_bytes = 4194304;
    std::uint32_t min_tso_segs = 2;
    std::uint32_t pacing_ss_ratio = 200;  ///< percent of the window per round trip, in slow start
    std::uint32_t pacing_ca_ratio = 120;  ///< and after it
    bool tso = true;  ///< writes are cut into runs of segments as Linux cuts them: decides where PSH stands
    Duration min_rtt_window = Duration::seconds(300);  ///< tcp_min_rtt_wlen

    // ---- timers
    Duration rto_initial = Duration::seconds(1);
    Duration rto_min = Duration::milliseconds(200);
    Duration rto_max = Duration::seconds(120);
    Duration rto_fallback = Duration::seconds(3);  ///< RFC 6298 section 5.7
    std::uint32_t retries1 = 3;
    std::uint32_t retries2 = 15;
    std::uint32_t orphan_retries = 8;
    /// SO_LINGER has close() wait on a nonblocking socket too.
    bool nonblocking_close_lingers = true;
    Duration time_wait = Duration::seconds(60);
    Duration fin_timeout = Duration::seconds(60);
    std::uint8_t tw_reuse = 2;  ///< connect() to a pair in TIME-WAIT: 0 never, 1 always, 2 on loopback
    bool time_wait_accepts_syn = true;  ///< RFC 6191
    bool rfc1337 = false;
    Duration keepalive_time = Duration::seconds(7200);
    Duration keepalive_interval = Duration::seconds(75);
    std::uint32_t keepalive_probes = 9;

    // ---- receiving
    Duration delayed_ack_min = Duration::milliseconds(40);
    Duration delayed_ack_max = Duration::milliseconds(200);
    bool quickack = true;  ///< quick ACKs at the start and after gaps; adaptive delay; ping-pong mode
    std::uint32_t pingpong_threshold = 1;
    Duration invalid_ratelimit = Duration::milliseconds(500);
    std::uint32_t challenge_ack_limit = 0x7fffffff;  ///< a second
    BufferSizes rmem{4096, 131072, 6291456};
    BufferSizes wmem{4096, 16384, 4194304};
    std::uint32_t rmem_max = 212992;  ///< limit of SO_RCVBUF
    std::uint32_t wmem_max = 212992;
    bool receive_autotuning = true;  ///< tcp_moderate_rcvbuf
    /// The window is this share of the buffer, in 1/256: the rest is for the kernel's own structures.
    std::uint32_t window_share = 128;
    std::uint32_t initial_window_limit = 65535;
    bool round_initial_window_to_mss = true;
    bool buffers_hold_whole_segments =
        false;                      ///< buffers are rounded up to segments once their size is known
    bool window_slow_start = true;  ///< the window offered grows with what arrives, not at once to the buffer

    // ---- judgement
    /// RFC 9293 answers an ACK of what was never sent with an ACK; Linux drops it in ESTABLISHED.
    bool ack_unsent_acks = false;
    /// RFC 9293 takes a smaller window with the same numbers; Linux takes it for an older segment.
    bool smaller_window_is_news = false;
    bool repeated_syn_is_duplicate =
        true;  ///< the SYN in the SYN-ACK of a simultaneous open is acknowledged again
    bool rst_on_unread_close = true;
    /// RFC 9293's table of acceptable segments to the letter. Linux also takes what ends where the last ACK
    /// stood or begins where the window ends, and some RSTs beside RCV.NXT.
    bool strict_sequence_check = false;
    /// A segment is acceptable as far as the buffer goes, not only the window offered.
    bool accepts_whole_buffer = false;
    bool any_reset_in_window = false;   ///< RFC 793's rule, without the challenge ACK of RFC 5961 section 3
    bool syn_in_window_resets = false;  ///< the same for section 4
    SynFin syn_fin = SynFin::DroppedByListener;
    bool listener_ignores_syn_ack = false;  ///< instead of RFC 9293's RST
    bool text_of_syn_is_kept = false;  ///< until ESTABLISHED (RFC 9293); Linux lets the peer send it again
    bool fin_acked_at_once = false;
    bool acks_repeat_fin = false;  ///< an ACK repeats a FIN that is not acknowledged yet
    bool zero_window_in_resets = false;
    /// What SO_ERROR says after a RST: RFC 9293's "refused" in SYN-RECEIVED and "reset" everywhere else;
    /// Linux says "reset" and, in CLOSE-WAIT, "broken pipe".
    bool reset_errors_of_rfc = false;
    /// TIME-WAIT by RFC 9293 section 3.10.7.4, step by step, and the ACK bit before the rest; Linux's own way
    /// is in time_wait.cpp.
    bool time_wait_of_rfc = false;
    std::uint32_t min_pmtu = 552;
    std::uint16_t min_mss = 48;  ///< tcp_min_snd_mss
    std::uint16_t default_mss = 536;
    std::uint16_t mtu = 1500;
    std::uint8_t ttl = 64;
    friend bool operator==(const Personality&, const Personality&) = default;
};

/// Linux 6.18.
inline constexpr Personality kLinux{};

[[nodiscard]] constexpr Personality make_bsd() noexcept {
    Personality p;
    p.option_order = OptionOrder::FreeBsd;
    p.ecn = 2;
    p.syn_linear_timeouts = 0;
    p.syn_retries = 12;
    p.synack_retries = 3;
    p.congestion = CongestionAlgorithm::Reno;
    p.slow_start_exit = SlowStartExit::Loss;
    p.early_retrans = 0;
    p.rack = false;
    p.frto = false;
    p.undo = false;
    p.retrans_collapse = false;
    p.minshall_nagle = false;
    p.tso = false;
    p.rto_min = Duration::milliseconds(230);
    p.rto_max = Duration::seconds(64);
    p.retries2 = 12;
    p.nonblocking_close_lingers = false;
    p.fin_timeout = Duration::seconds(60);
    p.delayed_ack_min = Duration::milliseconds(100);
    p.delayed_ack_max = Duration::milliseconds(100);
    p.quickack = false;
    p.rmem = {4096, 65536, 2097152};
    p.wmem = {4096, 32768, 2097152};
    p.rmem_max = 2097152;
    p.wmem_max = 2097152;
    p.window_share = 256;
    p.round_initial_window_to_mss = false;
    p.buffers_hold_whole_segments = true;
    p.window_slow_start = false;
    p.ack_unsent_acks = true;
    p.smaller_window_is_news = true;
    p.repeated_syn_is_duplicate = false;
    p.rst_on_unread_close = false;
    p.strict_sequence_check = true;
    p.accepts_whole_buffer = true;
    p.syn_fin = SynFin::Taken;
    p.listener_ignores_syn_ack = true;
    p.text_of_syn_is_kept = true;
    p.fin_acked_at_once = true;
    p.acks_repeat_fin = true;
    p.zero_window_in_resets = true;
    p.reset_errors_of_rfc = true;
    p.time_wait_of_rfc = true;
    p.time_wait_accepts_syn = false;
    p.rfc1337 = true;
    p.invalid_ratelimit = Duration{};
    p.fastopen = 0;
    return p;
}
/// FreeBSD's options and window over a TCP by the RFCs.
inline constexpr Personality kBsd = make_bsd();

}  // namespace synscope::sim::tcp
