#pragma once
// A system call taken apart: how long it waited, and how long it then worked (copied bytes, took a connection
// out of the queue). An operating system says neither; what the trace knows is combined, and how well it is
// known is part of the answer.
//
//   exact      the program had been told that the socket is ready: the call did not wait. Or it moved
//   nothing:
//              then it copied nothing. Or a wire of ours says when the packet came out of it.
//   estimated  a call that nobody announced: what it waited for arrived when the capture saw it pass. For a
//              read the first segment that carries its first byte (at end-of-file: the FIN), for accept() the
//              packet that completed the handshake (RFC 9293 section 3.5), for a write that was held up the
//              last ACK of earlier bytes before its own last byte went out. A completion of io_uring is taken
//              as between the call that waited for completions and the report: the kernel copied in between.
//   unknown    no packet says it, or several might: then nothing is claimed.
//
// The error of an estimate is that of the pairing of the program's clock with the capture's (ClockPaired).
// The capture's own stamps are nanoseconds of the same machine's clock and add nothing; of captures made
// elsewhere a session knows no calls. Cost: a bounded walk over segments around the call. Thread rule: pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include "capture/track/tracker.hpp"

namespace synscope::track {

enum class Border : std::uint8_t { Exact, Estimated, Unknown };
/// "exact", "estimated", "unknown"
[[nodiscard]] std::string_view border_name(Border border) noexcept;

struct CallPhases {
    Syscall call = Syscall::Recv;
    Border known = Border::Unknown;
    /// The waiting began: when the call was entered, or for a completion of io_uring the call that waited for
    /// it.
    Instant begin;
    /// The waiting ended and the work began, within [begin, end]. Equal to begin when it did not wait, to end
    /// when it did nothing but wait. Of no meaning where it is unknown.
    Instant border;
    Instant end;           ///< returned; for a completion of io_uring: when the program learned of it
    bool in_vain = false;  ///< EAGAIN: nothing was there, or no room
    ByteRange bytes;       ///< moved
    std::optional<std::size_t> segment;  ///< of Connection::segments: whose time the border is
    std::optional<Duration> error;  ///< of an estimated border, to either side; nothing when never measured
    std::optional<Reported> reported;  ///< what said that the call need not wait

    [[nodiscard]] Duration waiting() const noexcept { return border - begin; }
    [[nodiscard]] Duration copying() const noexcept { return end - border; }
    [[nodiscard]] bool is_known() const noexcept { return known != Border::Unknown; }
    /// Whether both phases are there, so that a border can be drawn between them.
    [[nodiscard]] bool has_border() const noexcept {
        return is_known() && waiting().ns > 0 && copying().ns > 0;
    }
    /// The clocks are known less well than this phase is long, so its length says nothing.
    [[nodiscard]] bool drowned(Duration phase) const noexcept {
        return known == Border::Estimated && error && phase.ns > 0 && phase <= *error;
    }
    /// A completion of io_uring: the kernel did the work, the program only looked at its result.
    [[nodiscard]] bool completed() const noexcept {
        return reported && reported->via == ReadinessVia::Cqe && !in_vain;
    }
};

[[nodiscard]] CallPhases phases(const Connection& connection, const StreamCall& call);
/// Nothing for calls that neither read, write nor accept.
[[nodiscard]] std::optional<CallPhases> phases(const Connection& connection, const SocketCall& call);

/// Of the call that was entered by this event and returned then; nothing when it is no call of this
/// connection, or none that reads, writes or accepts.
[[nodiscard]] std::optional<CallPhases> phases_of(const Connection& connection, EventId entered,
                                                  Instant returned_at);

}  // namespace synscope::track
