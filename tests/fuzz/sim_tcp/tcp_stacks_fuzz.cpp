// Two stacks and whatever the input does between them: programs that write, read, close and abort, a wire
// that loses, repeats, reorders and rewrites headers, ICMP errors, time. After every step both stacks must
// hold together (tcb_audit.hpp); and as long as nothing was rewritten, what is read is a prefix of what was
// written.
//
// Input: four bytes of personality, then steps of three bytes: what, and two bytes of how much. The high bit
// of "what" is the side.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "sim/tcp/stack.hpp"
#include "sim/tcp/states.hpp"
#include "tests/unit/sim/tcp/tcb_audit.hpp"

namespace {

using namespace synscope;
using namespace synscope::sim;
using namespace synscope::sim::tcp;
using wire::TcpFlags;

constexpr std::size_t kMostSteps = 500;
constexpr std::size_t kMostInFlight = 400;

constexpr std::byte stream_byte(std::size_t side, std::uint64_t offset) {
    return static_cast<std::byte>((offset * 31 + offset / 253 + side * 101) & 0xff);
}

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::abort();
}

/// Every change of a state is an edge of the diagram.
class Edges final : public Observer {
  public:
    void state_changed(Instant, const Tcb&, TcpState from, TcpState to, std::string_view why) override {
        if (!edge_allowed(from, to)) fail(std::string{"no such edge: "} + std::string{why});
    }
};

Personality personality(unsigned bits, unsigned more) {
    Personality p = (bits & 1) != 0 ? kBsd : kLinux;
    p.timestamps = (bits & 2) == 0;
    p.sack = (bits & 4) == 0;
    p.window_scaling = (bits & 8) == 0;
    p.ecn = static_cast<std::uint8_t>(bits >> 4 & 1);
    p.syncookies = (bits & 32) != 0 ? 2 : 1;
    p.congestion = static_cast<CongestionAlgorithm>(bits >> 6 & 3u) == CongestionAlgorithm::None
                       ? CongestionAlgorithm::Reno
                       : CongestionAlgorithm::Cubic;
    if ((more & 1) != 0) p.rmem = {2304, 2304, 6000};
    if ((more & 2) != 0) p.fastopen = kFastOpenClient | kFastOpenServer | kFastOpenEveryListener;
    if ((more & 4) != 0) p.fastopen |= kFastOpenClientNoCookie | kFastOpenServerNoCookie;
    if ((more & 8) != 0) p.slow_start_exit = SlowStartExit::HystartPlusPlus;
    if ((more & 16) != 0) p.rack = false;
    if ((more & 32) != 0) p.initial_cwnd = 2;
    p.tw_reuse = 1;
    return p;
}

class Meeting {
  public:
    explicit Meeting(ByteSpan head) {
        for (std::size_t side = 0; side < 2; ++side) {
            StackOptions options;
            options.personality = personality(load_u8(head, 2 * side), load_u8(head, 2 * side + 1));
            options.seed = 7 + side;
            options.addresses = {ends_[side].address};
            options.observer = &edges_;
            stacks_.emplace_back(options);
        }
        listener_ = stacks_[1].create();
        (void)stacks_[1].bind(listener_, ends_[1]);
        (void)stacks_[1].listen(now_, listener_, 2);
        sockets_[0] = stacks_[0].create();
        (void)stacks_[0].bind(*sockets_[0], ends_[0]);
        (void)stacks_[0].connect(now_, *sockets_[0], ends_[1]);
        collect();
    }

    void step(unsigned what, unsigned amount) {
        side_ = what >> 7;
        act(what & 0x1f, amount);
        if (!sockets_[1])
            if (const auto id = stacks_[1].accept(now_, listener_)) sockets_[1] = *id;
        collect();
        for (const Stack& stack : stacks_)
            if (const std::string fault = test::audit(stack); !fault.empty()) fail(fault);
    }

  private:
    Stack& stack() { return stacks_[side_]; }

    void act(unsigned what, unsigned amount) {
        switch (what) {
            case 0:
                return write(amount % 9000, {});
            case 1:
                return write(amount % 3000, {.more = (amount & 1) != 0,
                                             .out_of_band = (amount & 2) != 0,
                                             .end_of_record = (amount & 4) != 0});
            case 2:
                return read(1 + amount);
            case 3:
                if (sockets_[side_])
                    (void)stack().shutdown(now_, *sockets_[side_], static_cast<ShutdownHow>(amount % 3));
                return;
            case 4:
                if (sockets_[side_]) stack().close(now_, *sockets_[side_]);
                return;
            case 5:
                if (sockets_[side_]) stack().abort(now_, *sockets_[side_]);
                return;
            case 6:
                return pass(Duration::microseconds(amount));
            case 7:
                return pass(Duration::milliseconds(amount));
            case 8:
                return until_deadline();
            case 9:
                return tune(amount);
            case 10:
                return icmp(amount);
            case 11:
                return open_again(amount);
            case 12:
                return deliver_all();
            case 13:
                return deliver(amount, true);
            case 14:
                return lose(amount);
            case 15:
                return rewrite(amount);
            default:
                return deliver(amount, false);
        }
    }
    void write(std::size_t count, SendFlags flags) {
        if (!sockets_[side_]) return;
        const std::uint64_t first = written_[side_];
        const Payload data = Payload::made_by(count, [&](MutableByteSpan out) {
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = stream_byte(side_, first + i);
        });
        // An urgent octet leaves the stream of its reader.
        if (flags.out_of_band) honest_ = false;
        written_[side_] += stack().send(now_, *sockets_[side_], data, flags).bytes;
    }
    void read(std::size_t most) {
        if (!sockets_[side_]) return;
        const auto got = stack().take(now_, *sockets_[side_], most);
        if (!got) return;
        for (const std::byte b : got->span()) {
            const std::uint64_t at = read_[side_]++;
            if (honest_ && (at >= written_[1 - side_] || b != stream_byte(1 - side_, at)))
                fail("what was read is not what was written");
        }
    }
    void pass(Duration time) {
        now_ = now_ + time;
        for (Stack& s : stacks_)
            s.advance(now_);
    }
    void until_deadline() {
        const Instant due = stack().next_deadline();
        if (due != kNever && due > now_) pass(due - now_);
    }
    void tune(unsigned bits) {
        if (!sockets_[side_] || stack().find(*sockets_[side_]) == nullptr) return;
        SocketOptions o = stack().options(*sockets_[side_]);
        o.no_delay = (bits & 1) != 0;
        o.cork = (bits & 2) != 0;
        o.keep_alive = (bits & 4) != 0;
        if ((bits & 8) != 0) o.user_timeout_ms = 1 + bits;
        if ((bits & 16) != 0) o.linger = {true, 0};
        if ((bits & 32) != 0) o.receive_buffer = 2304 + bits;
        if ((bits & 64) != 0) o.window_clamp = 1 + bits / 8;
        if ((bits & 128) != 0) o.keep_idle = Duration::milliseconds(1 + bits);
        stack().set_options(now_, *sockets_[side_], o);
    }
    void icmp(unsigned amount) {
        honest_ = honest_ && (amount & 15) == static_cast<unsigned>(IcmpKind::FragmentationNeeded);
        IcmpReport report;
        report.kind = static_cast<IcmpKind>(amount % 10);
        report.source = ends_[side_];
        report.destination = ends_[1 - side_];
        report.next_hop_mtu = static_cast<std::uint16_t>(amount);
        if (const Tcb* t = stack().find(ends_[side_], ends_[1 - side_]))
            report.seq = t->snd.una + (amount >> 8 & 3u);
        stack().icmp(now_, report);
    }
    /// The same pair of ends anew: TIME-WAIT, crossed opens, fast open.
    void open_again(unsigned amount) {
        honest_ = false;
        const SocketId id = stack().create();
        SocketOptions o;
        o.reuse_address = true;
        o.fastopen_connect = (amount & 1) != 0;
        stack().set_options(now_, id, o);
        if (stack().bind(id, ends_[side_]) == Error::None) (void)stack().connect(now_, id, ends_[1 - side_]);
        sockets_[side_] = id;
    }

    // ---- the wire
    void collect() {
        for (std::size_t side = 0; side < 2; ++side) {
            for (Segment& s : stacks_[side].output())
                if (flights_[side].size() < kMostInFlight) flights_[side].push_back(std::move(s));
            stacks_[side].output().clear();
            stacks_[side].wakeups().clear();
        }
    }
    /// To the side in hand.
    void deliver(std::size_t which, bool keep) {
        auto& flights = flights_[1 - side_];
        if (flights.empty()) return;
        which %= flights.size();
        const Segment s = flights[which];
        if (!keep) flights.erase(flights.begin() + static_cast<std::ptrdiff_t>(which));
        stack().arrives(now_, s);
    }
    void deliver_all() {
        for (std::size_t left = flights_[1 - side_].size(); left > 0; --left)
            deliver(0, false);
    }
    void lose(std::size_t which) {
        auto& flights = flights_[1 - side_];
        if (!flights.empty())
            flights.erase(flights.begin() + static_cast<std::ptrdiff_t>(which % flights.size()));
    }
    /// One field of the first segment that is on its way to this side.
    void rewrite(unsigned amount) {
        auto& flights = flights_[1 - side_];
        if (flights.empty()) return;
        honest_ = false;
        Segment& s = flights.front();
        const unsigned value = amount >> 3;
        const auto near = static_cast<std::uint32_t>(value) - 0x1000u;
        switch (amount & 7) {
            case 0:
                s.header.seq = s.header.seq + near;
                break;
            case 1:
                s.header.ack = s.header.ack + near;
                break;
            case 2:
                s.header.flags = TcpFlags{static_cast<std::uint16_t>(s.header.flags.bits() ^ (value & 0xff))};
                break;
            case 3:
                s.header.window = static_cast<std::uint16_t>(value);
                break;
            case 4:
                s.header.urgent = static_cast<std::uint16_t>(value);
                s.header.flags = TcpFlags{static_cast<std::uint16_t>(s.header.flags.bits() | TcpFlags::kUrg)};
                break;
            case 5:
                rewrite_option(s, value);
                break;
            case 6:
                s.payload = s.payload.slice(0, value % (s.payload.size() + 1));
                s.ecn = static_cast<Ecn>(value & 3);
                break;
            default:
                sack(s, value);
                break;
        }
    }
    static void rewrite_option(Segment& s, unsigned value) {
        std::vector<std::byte> bytes(s.header.options.span().begin(), s.header.options.span().end());
        if (bytes.empty()) {
            s.header.options.push(static_cast<std::byte>(value & 0xff));
            return;
        }
        bytes[(value >> 8) % bytes.size()] = static_cast<std::byte>(value & 0xff);
        s.header.options = wire::OptionBytes{bytes};
    }
    /// A block of the receiver's own numbers.
    void sack(Segment& s, unsigned value) {
        const Tcb* t = stack().find(ends_[side_], ends_[1 - side_]);
        if (t == nullptr) return;
        const Seq32 first = t->snd.una + (value & 0x3f) * 500u - 1000u;
        const Seq32 last = first + (value >> 6) * 500u;
        std::array<std::byte, 12> block{std::byte{1}, std::byte{1}, std::byte{5}, std::byte{10}};
        store_be32(block, 4, first.raw());
        store_be32(block, 8, last.raw());
        s.header.options = wire::OptionBytes{block};
    }

    std::array<Endpoint, 2> ends_{{{IpAddress::v4(0x0a000001), 4000}, {IpAddress::v4(0x0a000002), 80}}};
    Edges edges_;
    std::vector<Stack> stacks_;
    SocketId listener_;
    std::array<std::optional<SocketId>, 2> sockets_;
    std::array<std::vector<Segment>, 2> flights_;  ///< sent by either side
    std::array<std::uint64_t, 2> written_{};
    std::array<std::uint64_t, 2> read_{};
    bool honest_ = true;
    std::size_t side_ = 0;
    Instant now_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes = std::as_bytes(std::span{data, size});
    if (bytes.size() < 4) return 0;
    Meeting meeting{bytes.first(4)};
    std::size_t steps = 0;
    for (std::size_t at = 4; at + 3 <= bytes.size() && steps < kMostSteps; at += 3, ++steps)
        meeting.step(load_u8(bytes, at), load_be16(bytes, at + 1));
    return 0;
}
