#include "tests/unit/sim/tcp/two_stacks.hpp"

#include <algorithm>
#include <array>

#include "net/base/text.hpp"
#include "tests/unit/sim/tcp/tcb_audit.hpp"

namespace synscope::sim::tcp::test {
namespace {

struct Flight {
    Instant at;
    std::uint64_t order = 0;
    std::size_t to = 0;
    Segment segment;
};
struct Later {
    bool operator()(const Flight& a, const Flight& b) const {
        return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
};

StackOptions stack_options(const TransferOptions& o, std::size_t side, Observer* observer) {
    StackOptions s;
    s.personality = o.personality[side];
    s.seed = o.seed * 2 + side;
    s.addresses = {IpAddress::v4(0x0a000001 + static_cast<std::uint32_t>(side))};
    s.observer = observer;
    return s;
}

/// What fires, and who gives up.
class Watcher final : public Observer {
  public:
    void timer_fired(Instant, const Tcb&, TimerKind) override { ++fired; }
    void state_changed(Instant, const Tcb&, TcpState, TcpState, std::string_view why) override {
        gave_up = gave_up || why == "timed out";
    }
    std::uint64_t fired = 0;
    bool gave_up = false;
};

constexpr std::byte stream_byte(std::size_t side, std::uint64_t offset) {
    return static_cast<std::byte>((offset * 31 + offset / 253 + side * 101) & 0xff);
}

class Run {
  public:
    explicit Run(const TransferOptions& options) : o_(options), draw_(options.seed) {
        for (std::size_t side = 0; side < 2; ++side) {
            stacks_.emplace_back(stack_options(o_, side, &watcher_));
            outcome_.intended[side] = o_.bytes[side];
        }
        if (o_.wraps) now_ = wrap_time(*o_.wraps);
        outcome_.start = now_;
    }

    Outcome go() {
        listener_ = stacks_[1].create();
        const Endpoint server{IpAddress::v4(0x0a000002), 80};
        tune(1, listener_);
        (void)stacks_[1].bind(listener_, server);
        (void)stacks_[1].listen(now_, listener_, 4);
        socket_[0] = stacks_[0].create();
        tune(0, *socket_[0]);
        (void)stacks_[0].connect(now_, *socket_[0], server);
        std::uint64_t turns = 0;
        std::uint64_t idle_turns = 0;
        while (outcome_.broken.empty() && !finished()) {
            flush();
            programs(false);
            flush();
            inspect();
            if (!step()) {
                // Nothing is on its way: a program that hesitated is all there is.
                programs(true);
                flush();
                if (!step() && ++idle_turns > 20'000) break;
            }
            if (++turns > 3'000'000) outcome_.broken = "timer storm: too many turns";
        }
        judge();
        outcome_.end = now_;
        outcome_.timers_fired = watcher_.fired;
        return outcome_;
    }

  private:
    /// The ISN clock ticks every 64 ns (isn.hpp): what a SYN would carry now says when it carries what we
    /// want.
    Instant wrap_time(std::size_t side) {
        Stack probe{stack_options(o_, side, nullptr)};
        const SocketId id = probe.create();
        const Endpoint server{IpAddress::v4(0x0a000002), 80};
        const Endpoint client{IpAddress::v4(0x0a000001), client_port()};
        Segment syn;
        if (side == 0) {
            (void)probe.bind(id, client);
            (void)probe.connect({}, id, server);
        } else {
            (void)probe.bind(id, server);
            (void)probe.listen({}, id, 4);
            syn.source = client.address;
            syn.destination = server.address;
            syn.header.source_port = client.port;
            syn.header.destination_port = server.port;
            syn.header.flags = wire::TcpFlags{wire::TcpFlags::kSyn};
            probe.arrives({}, syn);
        }
        const std::uint32_t now = probe.output().at(0).header.seq.raw();
        const std::uint32_t wanted = 0u - static_cast<std::uint32_t>(draw_.below(o_.bytes[side] + 2));
        const std::int64_t start = std::int64_t{wanted - now} << 6;
        // The server hears of the SYN one journey later.
        const std::int64_t journey = side == 0 ? 0 : o_.wire.delay.ns;
        return Instant{std::max<std::int64_t>(start - journey, 0)};
    }
    /// The port a client of this seed is given.
    std::uint16_t client_port() {
        Stack probe{stack_options(o_, 0, nullptr)};
        const SocketId id = probe.create();
        (void)probe.connect({}, id, {IpAddress::v4(0x0a000002), 80});
        return probe.output().at(0).header.source_port;
    }
    void inspect() {
        if (!o_.audited || !outcome_.broken.empty()) return;
        for (const Stack& stack : stacks_)
            if (std::string fault = audit(stack); !fault.empty()) outcome_.broken = std::move(fault);
    }
    void tune(std::size_t side, SocketId id) {
        SocketOptions s = stacks_[side].options(id);
        if (o_.send_buffer) s.send_buffer = o_.send_buffer;
        if (o_.receive_buffer) s.receive_buffer = o_.receive_buffer;
        if (o_.odd_programs) s.no_delay = draw_.chance(300);
        stacks_[side].set_options(now_, id, s);
    }
    void flush() {
        for (std::size_t side = 0; side < 2; ++side) {
            for (Segment& s : stacks_[side].output()) {
                if (o_.watch) o_.watch(s);
                reset_sent_ = reset_sent_ || s.header.flags.has(wire::TcpFlags::kRst);
                if (!outcome_.isn[side] && s.header.flags.has(wire::TcpFlags::kSyn))
                    outcome_.isn[side] = s.header.seq;
                put(1 - side, s);
            }
            stacks_[side].output().clear();
            stacks_[side].wakeups().clear();
        }
    }
    void put(std::size_t to, const Segment& s) {
        ++outcome_.segments;
        if (!s.payload.empty()) ++outcome_.data_segments;
        if (draw_.chance(o_.wire.loss_per_mille)) return;
        Instant at = now_ + o_.wire.delay;
        if (o_.wire.bytes_per_ms != 0) {
            free_[to] = std::max(free_[to], now_) +
                        Duration::nanoseconds(static_cast<std::int64_t>(s.payload.size() + 40) * 1'000'000 /
                                              o_.wire.bytes_per_ms);
            at = free_[to] + o_.wire.delay;
        }
        if (draw_.chance(o_.wire.reorder_per_mille))
            at = at + Duration::microseconds(static_cast<std::int64_t>(draw_.below(30'000)));
        const std::uint64_t copies = draw_.chance(o_.wire.duplicate_per_mille) ? 2 : 1;
        for (std::uint64_t i = 0; i < copies; ++i) {
            flights_.push_back({at, o_.shuffled ? draw_.next() : ++order_, to, s});
            std::push_heap(flights_.begin(), flights_.end(), Later{});
        }
    }
    bool step() {
        const Instant first = std::min(stacks_[0].next_deadline(), stacks_[1].next_deadline());
        std::optional<Instant> next;
        if (first != kNever) next = first;
        if (pause_ && (!next || *pause_ < *next)) next = pause_;
        const bool tie = next && !flights_.empty() && flights_.front().at == *next;
        const bool timer_first = tie && o_.shuffled && draw_.chance(500);
        if (!flights_.empty() && !timer_first && (!next || flights_.front().at <= *next)) {
            std::pop_heap(flights_.begin(), flights_.end(), Later{});
            const Flight f = std::move(flights_.back());
            flights_.pop_back();
            move_to(f.at);
            stacks_[f.to].arrives(now_, f.segment);
            return true;
        }
        if (!next || *next > outcome_.start + o_.give_up) return false;
        move_to(*next);
        if (pause_ && *pause_ <= now_) pause_.reset();
        for (Stack& s : stacks_)
            s.advance(now_);
        return true;
    }
    void move_to(Instant t) {
        if (t < now_) outcome_.broken = "time went back";
        now_ = t;
    }
    void programs(bool must) {
        if (!socket_[1])
            if (const auto id = stacks_[1].accept(now_, listener_)) socket_[1] = *id;
        if (o_.odd_programs && !pause_ && draw_.chance(20))
            pause_ = now_ + Duration::milliseconds(static_cast<std::int64_t>(draw_.below(400)));
        for (std::size_t side = 0; side < 2; ++side) {
            if (!socket_[side] || closed_[side]) continue;
            if (o_.odd_programs && !must && draw_.chance(300)) continue;
            read(side);
            write(side);
            end(side);
        }
    }
    void read(std::size_t side) {
        const std::size_t most = o_.odd_programs ? 1 + draw_.below(3000) : 1 << 20;
        const auto got = stacks_[side].take(now_, *socket_[side], most);
        if (!got) {
            if (got.error() != Error::Again && got.error() != Error::NotConnected)
                reason_[side] = got.error();
            return;
        }
        if (got->empty()) {
            ended_[side] = true;
            return;
        }
        std::uint64_t& at = outcome_.delivered[1 - side];
        for (const std::byte b : got->span())
            if (b != stream_byte(1 - side, at++)) {
                outcome_.broken = concat("byte ", at - 1, " is not the one that was written");
                return;
            }
        if (at > o_.bytes[1 - side]) outcome_.broken = "more bytes than were written";
    }
    void write(std::size_t side) {
        while (written_[side] < o_.bytes[side]) {
            if ((stacks_[side].poll(*socket_[side]) & readiness::kOut) == 0) return;
            const std::uint64_t left = o_.bytes[side] - written_[side];
            const std::uint64_t most = o_.odd_programs ? 1 + draw_.below(5000) : 65536;
            const std::size_t count = static_cast<std::size_t>(std::min(left, most));
            const std::uint64_t first = written_[side];
            const Payload data = Payload::made_by(count, [&](MutableByteSpan out) {
                for (std::size_t i = 0; i < out.size(); ++i)
                    out[i] = stream_byte(side, first + i);
            });
            SendFlags flags;
            flags.more = o_.odd_programs && draw_.chance(100);
            const IoResult result = stacks_[side].send(now_, *socket_[side], data, flags);
            written_[side] += result.bytes;
            if (result.error != Error::None) {
                if (result.error != Error::Again) reason_[side] = result.error;
                return;
            }
            if (o_.odd_programs) return;
        }
    }
    void end(std::size_t side) {
        const bool done = written_[side] == o_.bytes[side];
        const Tcb* t = stacks_[side].find(*socket_[side]);
        if (done && !shut_[side] && t != nullptr && t->state != TcpState::SynSent) {
            shut_[side] = true;
            (void)stacks_[side].shutdown(now_, *socket_[side], ShutdownHow::Write);
        }
        if (reason_[side] || (done && shut_[side] && ended_[side])) {
            stacks_[side].close(now_, *socket_[side]);
            closed_[side] = true;
        }
    }
    [[nodiscard]] bool finished() const { return closed_[0] && closed_[1]; }
    void judge() {
        if (!outcome_.broken.empty()) return;
        const bool reset = reason_[0] || reason_[1];
        if (!finished() && !reset && now_ + Duration::seconds(300) < outcome_.start + o_.give_up) {
            // An end that closed and never heard of its FIN gives up without a word; the other may wait for
            // ever. So may one whose peer was reset: data that overtakes the ACK of a SYN cookie is answered
            // by a RST.
            const bool may_be_gone = reset_sent_ || watcher_.gave_up;
            for (std::size_t side = 0; side < 2; ++side)
                if (may_be_gone && closed_[side] && stacks_[side].find(*socket_[side]) == nullptr) {
                    outcome_.reason = Error::TimedOut;
                    return;
                }
            const Tcb* a = socket_[0] ? stacks_[0].find(*socket_[0]) : nullptr;
            const Tcb* b = socket_[1] ? stacks_[1].find(*socket_[1]) : nullptr;
            outcome_.broken =
                concat("stalled at ", now_.ns / 1'000'000, " ms, read ", outcome_.delivered[0], " and ",
                       outcome_.delivered[1], ", states ",
                       a == nullptr ? std::string_view{"none"} : tcp_state_name(a->state), " and ",
                       b == nullptr ? std::string_view{"none"} : tcp_state_name(b->state));
            return;
        }
        for (const auto& reason : reason_)
            if (reason) outcome_.reason = *reason;
        if (reset || !finished()) return;
        outcome_.complete = true;
        for (std::size_t side = 0; side < 2; ++side)
            if (outcome_.delivered[side] != o_.bytes[side])
                outcome_.broken = concat("read ", outcome_.delivered[side], " of ", o_.bytes[side], " bytes");
    }

    TransferOptions o_;
    Draw draw_;
    Watcher watcher_;
    std::vector<Stack> stacks_;
    SocketId listener_;
    std::array<std::optional<SocketId>, 2> socket_;
    std::array<bool, 2> closed_{}, shut_{}, ended_{};
    std::array<std::uint64_t, 2> written_{};
    std::array<std::optional<Error>, 2> reason_;
    std::array<Instant, 2> free_{};
    std::vector<Flight> flights_;
    std::uint64_t order_ = 0;
    bool reset_sent_ = false;
    std::optional<Instant> pause_;
    Instant now_;
    Outcome outcome_;
};

}  // namespace

Outcome transfer(const TransferOptions& options) {
    return Run{options}.go();
}

}  // namespace synscope::sim::tcp::test
