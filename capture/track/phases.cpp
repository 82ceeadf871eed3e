#include "capture/track/phases.hpp"

#include <algorithm>

namespace synscope::track {

namespace {

using wire::TcpFlags;

/// Segments looked at before the end of a call. What arrived longer ago is not looked for: then the answer is
/// unknown, which is honest and keeps a picture of many calls cheap.
constexpr std::size_t kReach = 1'024;
/// A packet this far behind the call's return can not have ended its wait, where no pairing says better.
constexpr Duration kClockError = Duration::milliseconds(1);
/// A write that took no longer than this is not taken to have slept because some ACK passed meanwhile.
constexpr Duration kHeldUp = Duration::microseconds(500);
constexpr std::int32_t kAgain = 11;  // EAGAIN of Linux, whose numbers a trace holds

/// What a packet of the capture, or of a wire of ours, says about the end of a wait.
struct Arrival {
    std::size_t segment = 0;
    Instant at;
    bool measured = false;  ///< it came out of a wire of ours at that moment
};

/// When a segment arrived; nothing when it did not.
std::optional<Arrival> arrival_of(const Connection& c, std::size_t index) {
    const Segment& s = c.segments[index];
    const auto end = c.wire_ends.find(s.packet);
    if (end == c.wire_ends.end()) return Arrival{index, s.at, false};
    if (end->second.dropped) return std::nullopt;
    return Arrival{index, end->second.at, true};
}

/// The one segment accepted by `wanted` that arrived by `until`. Nothing when there is none within reach, and
/// when there are several: which of them it was nobody says. Of several that crossed a wire of ours, the
/// first.
template <class Wanted>
std::optional<Arrival> single_arrival(const Connection& c, Instant until, Wanted wanted) {
    const auto& all = c.segments;
    auto it = std::upper_bound(all.begin(), all.end(), until,
                               [](Instant at, const Segment& s) { return at < s.at; });
    std::optional<Arrival> found;
    for (std::size_t looked = 0; it != all.begin() && looked < kReach; ++looked) {
        --it;
        if (!wanted(*it)) continue;
        const auto arrival = arrival_of(c, static_cast<std::size_t>(it - all.begin()));
        if (!arrival || arrival->at > until) continue;
        if (found && !arrival->measured) return std::nullopt;
        if (!found || arrival->at < found->at) found = arrival;
        if (!it->retransmission) break;
    }
    // A retransmission alone: the first transmission is out of reach or was not captured.
    if (found && !found->measured && all[found->segment].retransmission) return std::nullopt;
    return found;
}

/// A call of either list.
struct Call {
    Syscall call = Syscall::Recv;
    Side side = Side::Client;
    Instant entered_at;
    Instant returned_at;
    std::int64_t result = 0;
    std::int32_t error = 0;
    ByteRange bytes;
    const std::optional<Reported>& reported;
    std::optional<Duration> clock_error;

    [[nodiscard]] Instant latest() const { return returned_at + clock_error.value_or(kClockError); }
};

void estimate(CallPhases& p, const Call& call, const Arrival& arrival) {
    p.known = arrival.measured ? Border::Exact : Border::Estimated;
    p.segment = arrival.segment;
    if (!arrival.measured) p.error = call.clock_error;
    p.border = std::clamp(arrival.at, p.begin, p.end);
}

/// What a read waited for.
std::optional<Arrival> data_arrival(const Connection& c, const Call& call, Instant until) {
    const Direction direction = sent_by(other(call.side));
    const bool end_of_file = call.bytes.empty();
    return single_arrival(c, until, [&](const Segment& s) {
        if (s.direction != direction) return false;
        if (end_of_file) return s.flags.has(TcpFlags::kFin);  // nothing else brings it
        return s.bytes().contains(call.bytes.begin);
    });
}

/// The ACK of the SYN with ACK: with it the kernel has a connection for accept().
std::optional<Arrival> handshake_arrival(const Connection& c, Instant until) {
    for (std::size_t i = 0; i < c.segments.size() && i < kReach; ++i) {
        const Segment& s = c.segments[i];
        if (s.at > until) break;
        if (s.direction != Direction::ClientToServer || !s.flags.has(TcpFlags::kAck)) continue;
        if (s.flags.any(TcpFlags::kSyn) || s.flags.any(TcpFlags::kRst)) continue;
        const auto arrival = arrival_of(c, i);
        if (arrival && arrival->at <= until) return arrival;
    }
    return std::nullopt;
}

/// A completion of io_uring: the wait was the ring's, and the kernel copied before anybody looked.
void settle_completion(CallPhases& p, const Call& call, const std::optional<Arrival>& arrival) {
    p.end = call.reported->at;
    p.begin = call.reported->wait ? std::min(call.reported->wait->entered_at, p.end) : p.end;
    if (arrival) estimate(p, call, *arrival);
}

/// Whether a write was held up for want of room, and until when. ACKs of its own bytes before its last byte
/// went out mean that it went out in turns: then how much of the time was waiting cannot be told.
void settle_write(const Connection& c, CallPhases& p, const Call& call) {
    const Direction own = sent_by(call.side);
    const auto begin = std::lower_bound(c.segments.begin(), c.segments.end(), call.entered_at,
                                        [](const Segment& s, Instant at) { return s.at < at; });
    // A capture that ended before says nothing.
    if (begin == c.segments.end() || call.bytes.empty()) return;
    std::optional<std::size_t> room;
    bool own_acked = false;
    std::size_t looked = 0;
    for (auto it = begin; it != c.segments.end() && it->at < call.returned_at; ++it) {
        if (++looked > kReach) return;
        if (it->direction == own) {
            if (it->bytes().contains(call.bytes.end - 1)) break;
            continue;
        }
        if (!it->ack || *it->ack <= 1 || it->analysis.has(AnalysisFlag::DuplicateAck)) continue;
        const auto acked = static_cast<std::uint64_t>(*it->ack - 1);
        own_acked = own_acked || acked > call.bytes.begin;
        if (acked <= call.bytes.begin) room = static_cast<std::size_t>(it - c.segments.begin());
    }
    if (own_acked || (room && p.end - p.begin < kHeldUp)) return;
    p.known = Border::Estimated;
    p.error = call.clock_error;
    p.border = p.begin;
    if (!room) return;
    if (const auto arrival = arrival_of(c, *room)) estimate(p, call, *arrival);
}

CallPhases settle(const Connection& c, const Call& call) {
    CallPhases p;
    p.call = call.call;
    p.begin = call.entered_at;
    p.border = p.end = std::max(call.entered_at, call.returned_at);
    p.bytes = call.bytes;
    p.reported = call.reported;
    p.in_vain = call.result < 0 && call.error == kAgain;
    if (call.result < 0) {
        p.known = Border::Exact;  // it moved nothing
        return p;
    }
    const bool completion = p.completed() && !writes_stream(call.call);
    if (call.reported && !completion) {
        p.known = Border::Exact;
        p.border = p.begin;
        return p;
    }
    // Without the handshake nobody knows where in the stream the program's count began.
    if (!c.saw_syn) return p;
    if (writes_stream(call.call)) {
        settle_write(c, p, call);
        return p;
    }
    const auto arrival = call.call == Syscall::Accept ? handshake_arrival(c, call.latest())
                                                      : data_arrival(c, call, call.latest());
    if (completion)
        settle_completion(p, call, arrival);
    else if (arrival)
        estimate(p, call, *arrival);
    return p;
}

template <class Item>
const Item* find_call(const std::vector<Item>& calls, EventId entered, Instant returned_at) {
    auto it = std::lower_bound(calls.begin(), calls.end(), returned_at,
                               [](const Item& call, Instant at) { return call.returned_at < at; });
    for (; it != calls.end() && it->returned_at == returned_at; ++it)
        if (it->entered == entered) return &*it;
    return nullptr;
}

}  // namespace

std::string_view border_name(Border border) noexcept {
    switch (border) {
        case Border::Exact:
            return "exact";
        case Border::Estimated:
            return "estimated";
        case Border::Unknown:
            return "unknown";
    }
    return {};
}

CallPhases phases(const Connection& connection, const StreamCall& call) {
    return settle(connection, {call.call, call.side, call.entered_at, call.returned_at,
                               static_cast<std::int64_t>(call.bytes.size()), 0, call.bytes, call.reported,
                               call.clock_error});
}

std::optional<CallPhases> phases(const Connection& connection, const SocketCall& call) {
    if (!reads_stream(call.call) && !writes_stream(call.call) && call.call != Syscall::Accept)
        return std::nullopt;
    return settle(connection, {call.call,
                               call.side,
                               call.entered_at,
                               call.returned_at,
                               call.result,
                               call.error,
                               {},
                               call.reported,
                               call.clock_error});
}

std::optional<CallPhases> phases_of(const Connection& connection, EventId entered, Instant returned_at) {
    if (const auto* call = find_call(connection.calls, entered, returned_at))
        return phases(connection, *call);
    if (const auto* call = find_call(connection.socket_calls, entered, returned_at))
        return phases(connection, *call);
    return std::nullopt;
}

}  // namespace synscope::track
