#include "sim/tcp/syn_cookies.hpp"

#include <algorithm>

#include "sim/tcp/ecn.hpp"
#include "sim/tcp/listener.hpp"
#include "sim/tcp/pmtu.hpp"
#include "sim/tcp/segment_arrives.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/states.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

constexpr std::array<std::uint16_t, 8> kSizes{216, 536, 768, 1024, 1300, 1400, 1440, 1460};
constexpr Duration kTick = Duration::seconds(60);
constexpr std::uint32_t kLifeTicks = 2;
/// An ACK is taken for a cookie only this long after one was last sent.
constexpr Duration kMemory = Duration::seconds(120 + 60);
// Low bits of TSval: 4 of scale (15: none), SACK, ECN.
constexpr std::uint32_t kTsBits = 6;
constexpr std::uint32_t kNoScale = 15;

std::uint32_t minute(Instant now) noexcept {
    return static_cast<std::uint32_t>(now.ns / kTick.ns) & 0x1f;
}

std::uint32_t cookie(const Core& core, const Endpoint& local, const Endpoint& remote, Seq32 irs,
                     std::uint32_t tick, std::uint32_t size) noexcept {
    const std::uint64_t hash =
        pair_hash(core.cookie_key, local, remote, std::uint64_t{irs.raw()} << 8 | tick << 3 | size);
    return static_cast<std::uint32_t>(hash << 8 & 0xffffff00) | tick << 3 | size;
}

}  // namespace

void answer_with_cookie(Core& core, Tcb& listener, const Incoming& in) {
    const Endpoint local{in.segment.destination, in.segment.header.destination_port};
    const Endpoint remote{in.segment.source, in.segment.header.source_port};
    std::uint32_t size = 0;
    while (size + 1 < kSizes.size() && kSizes[size + 1] <= in.options.mss.value_or(536))
        ++size;
    StatelessSynAck answer;
    answer.iss = Seq32{cookie(core, local, remote, in.seq, minute(core.now), size)};
    // Without a timestamp nothing but the MSS can be remembered.
    answer.timestamps = core.p.timestamps && in.options.timestamps;
    answer.sack = answer.timestamps && core.p.sack && in.options.sack_permitted;
    answer.window_scaling = answer.timestamps && core.p.window_scaling && in.options.window_scale.has_value();
    answer.ecn = answer.timestamps && ecn_asked(core, in);
    answer.mss = own_mss(core, listener);
    Tcb shape;
    shape.options = listener.options;
    shape.rcv.buffer = listener.rcv.buffer;
    choose_initial_window(core, shape, answer.mss - (answer.timestamps ? 12u : 0u));
    answer.window = shape.rcv.wnd;
    answer.scale = shape.rcv.scale;
    const std::uint32_t bits = (answer.window_scaling ? *in.options.window_scale : kNoScale) |
                               (answer.sack ? 1u << 4 : 0u) | (answer.ecn ? 1u << 5 : 0u);
    std::uint32_t clock = static_cast<std::uint32_t>(core.now.ns / core.p.timestamp_tick.ns);
    if (core.p.timestamp_offset)
        clock += static_cast<std::uint32_t>(pair_hash(core.timestamp_key, local, remote, 0));
    std::uint32_t stamp = (clock & ~((1u << kTsBits) - 1)) | bits;
    // Never ahead of the clock.
    if (static_cast<std::int32_t>(stamp - clock) > 0) stamp -= 1u << kTsBits;
    answer.ts_value = stamp;
    listener.listen.overflowed = core.now;
    ++core.counters.syncookies_sent;
    core.note(&listener, "SYN cookie sent: the SYN queue is full");
    send_stateless_syn_ack(core, in, answer);
}

bool take_cookie(Core& core, Tcb& listener, Incoming& in) {
    if (core.p.syncookies == 0) return false;
    const bool recent = listener.listen.overflowed && core.now - *listener.listen.overflowed < kMemory;
    if (!recent) return false;
    const Endpoint local{in.segment.destination, in.segment.header.destination_port};
    const Endpoint remote{in.segment.source, in.segment.header.source_port};
    const Seq32 iss = in.ack - 1;
    const Seq32 irs = in.seq - 1;
    const std::uint32_t size = iss.raw() & 7;
    const std::uint32_t tick = iss.raw() >> 3 & 0x1f;
    const std::uint32_t age = (minute(core.now) - tick) & 0x1f;
    if (age >= kLifeTicks || iss.raw() != cookie(core, local, remote, irs, tick, size)) {
        ++core.counters.syncookies_failed;
        return false;
    }
    if (accept_queue_full(core, listener)) return true;
    ++core.counters.syncookies_received;
    // The SYN as it must have been.
    Incoming syn{in.segment};
    syn.seq = irs;
    syn.ece = syn.cwr = false;
    syn.options.mss = kSizes[size];
    const std::uint32_t bits = in.options.timestamps ? in.options.ts_echo & ((1u << kTsBits) - 1) : kNoScale;
    syn.options.window_scale.reset();
    if ((bits & 0xf) != kNoScale) syn.options.window_scale = static_cast<std::uint8_t>(bits & 0xf);
    syn.options.sack_permitted = (bits & 1u << 4) != 0;
    Tcb& child = make_child(core, listener, syn, iss);
    if (core.p.timestamp_offset)
        child.ts.offset =
            static_cast<std::uint32_t>(pair_hash(core.timestamp_key, child.local, child.remote, 0));
    child.agreed.ecn = in.options.timestamps && (bits & 1u << 5) != 0;
    child.snd.una = iss;
    child.snd.nxt = child.snd.written = child.snd.pushed = child.snd.up = child.snd.small_end = iss + 1;
    enter(core, child, TcpState::SynReceived, "rcv ACK of a SYN cookie");
    join_accept_queue(core, listener, child);
    // When the SYN came nobody remembers: no round-trip sample.
    child.rec.total_retrans = 1;
    connection_established(core, child, in, "rcv ACK of a SYN cookie");
    child.rec.total_retrans = 0;
    other_states(core, child, in);
    return true;
}

}  // namespace synscope::sim::tcp
