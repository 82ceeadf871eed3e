#pragma once
// The transmission control block: every variable of one connection (RFC 9293 section 3.3.1), under the RFC's
// names where it has one: snd.una, snd.nxt, snd.wnd, snd.wl1, rcv.nxt, rcv.wnd, iss, irs. Variables of other
// RFCs stand in groups that name them. A plain struct: the functions beside it (check_*.cpp, output.cpp, ...)
// are free and take it by reference; observers see it const. Counts of segments follow Linux: cwnd and
// ssthresh are in segments of snd_mss(). Ownership: the Stack owns every Tcb; others name it by SocketId.
// Thread rule: one thread per simulation.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "net/base/seq32.hpp"
#include "net/base/tcp_state.hpp"
#include "sim/tcp/congestion/congestion.hpp"
#include "sim/tcp/errors.hpp"
#include "sim/tcp/options.hpp"
#include "sim/tcp/queues.hpp"
#include "sim/tcp/rto.hpp"
#include "sim/tcp/timers.hpp"

namespace synscope::sim::tcp {

struct SequenceRange {
    Seq32 begin;
    Seq32 end;
    friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

/// RFC 9293 section 3.3.1, send sequence variables.
struct SendVariables {
    Seq32 una;
    Seq32 nxt;
    std::uint32_t wnd = 0;  ///< bytes, scaled
    Seq32 up;
    Seq32 wl1;
    Seq32 wl2;
    Seq32 written;              ///< the end of what the user has written: SND.NXT + what is queued
    Seq32 pushed;               ///< up to here PSH was asked for
    Seq32 small_end;            ///< the end of the last small segment sent (Minshall)
    std::uint32_t max_wnd = 0;  ///< the largest window ever offered (section 3.8.6.2.1, Max(SND.WND))
    std::uint8_t scale = 0;     ///< Snd.Wind.Shift (RFC 7323)
    bool urgent = false;        ///< SND.UP lies ahead
    Instant last_sent;          ///< of data (RFC 2861)
};
/// RFC 9293 section 3.3.1, receive sequence variables.
struct ReceiveVariables {
    Seq32 nxt;
    std::uint32_t wnd = 0;  ///< as advertised last, counted from wup
    Seq32 up;
    Seq32 wup;                       ///< rcv.nxt when the window was advertised last
    Seq32 read;                      ///< the first byte the user has not read
    std::uint8_t scale = 0;          ///< Rcv.Wind.Shift
    std::uint32_t clamp = 65535;     ///< the largest window to advertise
    std::uint32_t ssthresh = 65535;  ///< the window this buffer is trusted with for now
    std::uint32_t buffer = 0;        ///< SO_RCVBUF in force
    std::uint16_t mss_estimate = 536;
    std::uint16_t last_length = 0;
    bool urgent_pending = false;  ///< RCV.UP lies ahead of what was read
    std::optional<std::byte> urgent_byte;
    bool urgent_taken = false;
    Instant last_data;   ///< when data arrived last
    Instant last_heard;  ///< when anything acceptable arrived last
    /// Autotuning: bytes read per round trip.
    Instant space_since;
    Seq32 space_seq;
    std::uint32_t space = 0;
    std::uint32_t rtt_us = 0;  ///< the receiver's own estimate, eight times
    Instant rtt_since;
    Seq32 rtt_seq;
    std::uint32_t rtt_last_echo = 0;
};

/// What both ends agreed on in their SYNs.
struct Negotiated {
    bool timestamps = false;
    bool window_scaling = false;
    bool sack = false;
    bool ecn = false;
    std::optional<std::uint16_t> peer_mss;
    std::uint16_t mss_clamp = 536;  ///< the least of what the peer and TCP_MAXSEG allow
    std::uint16_t advertised_mss = 1460;
};

/// RFC 7323.
struct TimestampState {
    std::uint32_t recent = 0;  ///< TS.Recent
    bool has_recent = false;
    Instant recent_at;
    std::uint32_t offset = 0;
    std::uint32_t last_value = 0;  ///< TSval of the segment in hand
    std::uint32_t last_echo = 0;   ///< its TSecr
    bool in_segment = false;
};

/// Delayed acknowledgements (RFC 9293 section 3.8.6.3) with Linux's quick and ping-pong modes.
struct AckState {
    bool scheduled = false;
    bool now = false;  ///< ICSK_ACK_NOW: at the end of this segment
    bool pushed = false;
    bool pushed2 = false;
    std::uint32_t quick = 0;
    std::uint32_t pingpong = 0;
    Duration ato;
    std::optional<Instant> last_out_of_window;
    Seq32 last_sent_ack;
};

/// The state of loss recovery, Linux's names; see docs/CONFORMANCE.md for the RFC of each.
enum class Recovery : std::uint8_t { Open, Disorder, Cwr, Recovery, Loss };

struct RecoveryState {
    Recovery state = Recovery::Open;
    Seq32 high_seq;  ///< RecoveryPoint (RFC 6675), recover (RFC 6582)
    std::uint32_t packets_out = 0;
    std::uint32_t sacked_out = 0;
    std::uint32_t lost_out = 0;
    std::uint32_t retrans_out = 0;
    std::uint32_t delivered = 0;
    std::uint32_t delivered_ce = 0;
    std::uint32_t lost = 0;
    std::uint32_t total_retrans = 0;
    std::uint64_t bytes_retrans = 0;
    std::uint32_t dsack_dups = 0;
    std::uint32_t reord_seen = 0;
    std::uint32_t reordering = 3;
    std::optional<Seq32> undo_marker;
    std::int64_t undo_retrans = 0;
    std::optional<Instant> retrans_stamp;  ///< of the first retransmission of this episode
    bool sack_reneging = false;
    bool frto = false;              ///< RFC 5682 step 2 or 3
    std::uint32_t retransmits = 0;  ///< timeouts in a row
    std::uint32_t backoff = 0;
    std::uint32_t probes_out = 0;  ///< keep-alive or window probes in a row
    std::optional<Instant> probes_since;
    // PRR (RFC 6937)
    std::uint32_t prr_delivered = 0;
    std::uint32_t prr_out = 0;
    // RACK (RFC 8985)
    struct {
        Instant xmit;
        Seq32 end_seq;
        std::uint32_t rtt_us = 0;
        std::uint32_t reo_wnd_steps = 1;
        std::uint32_t reo_wnd_persist = 0;
        std::uint32_t last_delivered = 0;
        bool dsack_seen = false;
        bool advanced = false;
    } rack;
    // Tail loss probe (RFC 8985 section 7)
    std::optional<Seq32> tlp_high_seq;
    bool tlp_retransmits = false;
    Seq32 highest_sack;  ///< the end of the highest SACKed segment, while sacked_out is not 0
    Seq32 rtt_seq;       ///< the round trip of the last sample ends here
    std::optional<Seq32> retransmit_hint;       ///< nothing before it waits to be sent again
    std::array<SequenceRange, 4> seen_sacks{};  ///< the last ACK's blocks: what they mark is marked
    std::uint8_t seen_sack_count = 0;
};

/// RFC 3168.
struct EcnState {
    bool demand_cwr = false;  ///< ECE goes out until CWR comes
    bool queue_cwr = false;   ///< CWR goes out with the next new data
    bool seen = false;
};

/// RFC 7413, one connection's part.
struct FastOpenState {
    bool requested = false;  ///< a cookie was asked for, or one was sent
    bool cookie_sent = false;
    bool data_in_syn = false;
    std::uint32_t syn_data = 0;  ///< bytes
    bool syn_data_acked = false;
    bool defer_connect = false;  ///< TCP_FASTOPEN_CONNECT: the SYN waits for the first write
    bool server = false;         ///< this child answered a SYN with a cookie
    bool experimental = false;
    std::array<std::byte, 16> cookie{};
    std::uint8_t cookie_size = 0;
    bool cookie_reply = false;  ///< the SYN-ACK carries a cookie
    std::uint8_t fail = 0;      ///< TCP_INFO's fastopen_client_fail
};

/// What the sender is doing (chrono.hpp); a later one is more specific.
enum class Activity : std::uint8_t { Idle, Busy, WindowLimited, BufferLimited };
struct Chrono {
    Activity now = Activity::Idle;
    Instant since;
    std::array<Duration, 3> total{};
    [[nodiscard]] Duration& spent(Activity what) noexcept {
        return total[static_cast<std::size_t>(what) - 1];
    }
    [[nodiscard]] Duration spent_until(Activity what, Instant at) const noexcept {
        const Duration before = total[static_cast<std::size_t>(what) - 1];
        return what == now ? before + (at - since) : before;
    }
};

/// A listener's two queues (RFC 9293 section 3.10.7.2 leaves them to the implementation).
struct ListenerState {
    std::uint32_t backlog = 0;
    std::vector<SocketId> accept_queue;
    std::uint32_t syn_queue = 0;         ///< children in SYN-RECEIVED
    std::uint32_t fastopen_pending = 0;  ///< of them, started by fast open
    std::optional<Instant> overflowed;
    std::vector<Instant> fastopen_resets;  ///< when the places taken by resets become free
    std::vector<SocketId> children;        ///< in SYN-RECEIVED
};

struct Tcb {
    SocketId id;
    std::uint32_t slot = 0;
    TcpState state = TcpState::Closed;
    Endpoint local;
    Endpoint remote;
    bool bound = false;
    bool connecting = false;           ///< connect() was called and has not said how it ended
    bool has_chosen_isn = false;       ///< iss follows an older incarnation's numbers
    bool hashed = false;               ///< found by its pair of endpoints
    bool passive = false;              ///< came from a listener
    std::optional<SocketId> listener;  ///< while it waits in one of its queues
    std::optional<SocketId>
        tfo_listener;          ///< accepted before its handshake ended: whose fast open queue it fills
    bool defer_acked = false;  ///< its SYN-ACK was acknowledged, and the ACK set aside
    SocketOptions options;

    SendVariables snd;
    ReceiveVariables rcv;
    Seq32 iss;
    Seq32 irs;
    Negotiated agreed;
    TimestampState ts;
    std::uint32_t mss_cache = 536;  ///< payload that fits the path beside the options of every segment
    std::uint16_t path_mtu = 1500;

    UnsentQueue unsent;
    RetransmitQueue sent;
    OutOfOrderQueue out_of_order;
    ReceiveQueue received;
    std::array<SequenceRange, 4> sacks{};  ///< newest first (RFC 2018 section 4)
    std::uint8_t sack_count = 0;
    std::optional<SequenceRange> dsack;  ///< goes with the next ACK (RFC 2883)

    Rto rto;
    CongestionState cc;
    std::unique_ptr<Congestion> congestion;
    RecoveryState rec;
    AckState ack;
    EcnState ecn;
    FastOpenState tfo;
    TimerSet3 timers;
    ListenerState listen;
    Chrono chrono;

    bool fin_queued = false;  ///< the user closed its side
    bool fin_now = false;     ///< the segment in hand brought RCV.NXT up to a FIN
    bool fin_received = false;
    bool receive_shutdown = false;
    bool close_begun = false;  ///< the user closes; it may still wait (SO_LINGER)
    bool orphan = false;       ///< no user any more
    bool ever_established = false;
    bool dead = false;           ///< to be swept
    bool write_pending = false;  ///< a blocked writer has data for the moment the handshake is done
    bool no_space = false;       ///< a send found no room: wake when there is
    Error error = Error::None;   ///< SO_ERROR
    Error soft_error = Error::None;
    std::uint32_t send_buffer = 0;
    Instant created;
    Instant established_at;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_acked = 0;
    std::uint64_t bytes_received = 0;
    std::uint32_t out_of_order_packets = 0;
    Instant syn_sent;  ///< the first SYN left
    std::uint32_t segments_in = 0;
    std::uint32_t segments_out = 0;
    std::uint32_t data_segments_in = 0;
    std::uint32_t data_segments_out = 0;

    /// RCV.NXT + RCV.WND is where the window advertised last ends; what is left of it.
    [[nodiscard]] std::uint32_t receive_window() const noexcept {
        const std::int32_t left = Seq32::distance(rcv.nxt, rcv.wup + rcv.wnd);
        return left < 0 ? 0 : static_cast<std::uint32_t>(left);
    }
    [[nodiscard]] Seq32 window_end() const noexcept { return snd.una + snd.wnd; }
    /// RFC 6675's pipe, in segments.
    [[nodiscard]] std::uint32_t in_flight() const noexcept {
        const std::uint32_t left = rec.sacked_out + rec.lost_out;
        const std::uint32_t out = rec.packets_out + rec.retrans_out;
        return out > left ? out - left : 0;
    }
};

}  // namespace synscope::sim::tcp
