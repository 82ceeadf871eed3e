#pragma once
// The options of one socket, as setsockopt sets them; and the flags of one send or receive. Named fields,
// units in the names. Thread rule: values.

#include <cstdint>
#include <optional>

#include "sim/tcp/personality.hpp"

namespace synscope::sim::tcp {

struct Linger {
    bool on = false;
    std::uint32_t seconds = 0;
    friend bool operator==(const Linger&, const Linger&) = default;
};

struct SocketOptions {
    bool no_delay = false;                        ///< TCP_NODELAY: no Nagle
    bool cork = false;                            ///< TCP_CORK: full segments only, for at most 200 ms
    bool keep_alive = false;                      ///< SO_KEEPALIVE
    bool reuse_address = false;                   ///< SO_REUSEADDR
    bool oob_inline = false;                      ///< SO_OOBINLINE: urgent bytes stay in the stream
    Linger linger;                                ///< SO_LINGER
    std::uint32_t receive_low_water = 1;          ///< SO_RCVLOWAT, bytes
    std::optional<std::uint32_t> receive_buffer;  ///< SO_RCVBUF as the kernel keeps it (doubled)
    std::optional<std::uint32_t> send_buffer;     ///< SO_SNDBUF as the kernel keeps it (doubled)
    std::uint16_t max_segment = 0;                ///< TCP_MAXSEG, 0: not set
    std::uint32_t window_clamp = 0;               ///< TCP_WINDOW_CLAMP, 0: none
    std::uint32_t user_timeout_ms = 0;            ///< TCP_USER_TIMEOUT (RFC 5482), 0: none
    std::optional<Duration> keep_idle;            ///< TCP_KEEPIDLE
    std::optional<Duration> keep_interval;        ///< TCP_KEEPINTVL
    std::optional<std::uint32_t> keep_count;      ///< TCP_KEEPCNT
    std::optional<std::uint32_t> syn_count;       ///< TCP_SYNCNT
    std::uint32_t defer_accept = 0;              ///< TCP_DEFER_ACCEPT, retransmissions of the SYN-ACK to wait
    std::optional<Duration> linger2;             ///< TCP_LINGER2; negative: no FIN-WAIT-2 without a process
    std::optional<std::uint32_t> notsent_lowat;  ///< TCP_NOTSENT_LOWAT, bytes
    std::uint32_t fastopen_queue = 0;            ///< TCP_FASTOPEN on a listener: its queue, 0: off
    bool fastopen_connect = false;               ///< TCP_FASTOPEN_CONNECT
    bool fastopen_no_cookie = false;             ///< TCP_FASTOPEN_NO_COOKIE
    bool save_syn = false;
    bool thin_linear_timeouts = false;              ///< TCP_THIN_LINEAR_TIMEOUTS
    std::optional<CongestionAlgorithm> congestion;  ///< TCP_CONGESTION
    std::uint8_t traffic_class = 0;                 ///< IP_TOS (RFC 9293 MUST-48)
    std::uint8_t time_to_live = 0;                  ///< IP_TTL (MUST-49), 0: the personality's
    friend bool operator==(const SocketOptions&, const SocketOptions&) = default;
};

struct SendFlags {
    bool more = false;           ///< MSG_MORE
    bool out_of_band = false;    ///< MSG_OOB: the last byte is urgent
    bool end_of_record = false;  ///< MSG_EOR: no later byte joins this segment
    bool fast_open = false;      ///< MSG_FASTOPEN
    bool waits = false;          ///< the caller blocks until everything is taken
};
struct ReceiveFlags {
    bool peek = false;         ///< MSG_PEEK
    bool out_of_band = false;  ///< MSG_OOB
    bool truncate = false;     ///< MSG_TRUNC: throw away, do not copy
};
enum class ShutdownHow : std::uint8_t { Read = 0, Write = 1, Both = 2 };

}  // namespace synscope::sim::tcp
