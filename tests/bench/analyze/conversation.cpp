#include "tests/bench/analyze/conversation.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <queue>

namespace synscope::bench {

namespace {

constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16;
constexpr std::uint16_t kFullSegment = 1448;  // MSS 1460 less the timestamps option
constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kDelayedAck = 40 * kMs;
constexpr std::int64_t kTimeout = 200 * kMs;
constexpr std::int64_t kOnTheLine = 12'000;  // a full segment at 1 Gbit/s
constexpr std::size_t kMaxFlight = 64;

enum class Step : std::uint8_t { Data, Ack, DelayedAck, Timeout, Write };

struct Due {
    std::int64_t at = 0;
    std::uint64_t order = 0;  ///< among equal times, first come
    Step step = Step::Data;
    int side = 0;  ///< who sent the data, whose ACK arrives, whose timer it is
    std::uint32_t seq = 0;
    std::uint32_t value = 0;  ///< length of data; generation of a timer
    std::uint32_t ack = 0;    ///< that data carries
    friend bool operator>(const Due& a, const Due& b) {
        return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
};

/// One end: what it sends and what it has received. Numbers count from its initial one.
struct End {
    std::uint32_t isn = 0;
    // as a sender
    std::deque<std::uint16_t> queue;                ///< segments written and not yet sent
    std::map<std::uint32_t, std::uint16_t> flight;  ///< number to length
    std::uint32_t next = 1;
    std::uint32_t una = 1;
    std::size_t window = 10;  ///< congestion window, in segments
    int duplicates = 0;
    std::int64_t line_free = 0;  ///< when its last segment has left
    std::uint32_t recover = 0;
    std::uint32_t timer = 0;
    // as a receiver
    std::uint32_t wanted = 1;
    std::map<std::uint32_t, std::uint32_t> early;  ///< begin to end
    int unacknowledged = 0;
    std::uint32_t ack_timer = 0;
    std::uint32_t echo = 0;
    std::uint16_t advertised = 502;  ///< its receive window, unscaled
};

class Conversation {
  public:
    explicit Conversation(const ConversationPlan& plan) : plan_(plan), random_(plan.seed) {
        rtt_ = static_cast<std::int64_t>(1 + draw(40)) * kMs + static_cast<std::int64_t>(draw(1'000'000));
        near_client_ = rtt_ / 2 * static_cast<std::int64_t>(draw(90) + 5) / 100;
        for (End& end : ends_)
            end.isn = static_cast<std::uint32_t>(random_());
        ts_base_ = static_cast<std::uint32_t>(random_());
    }

    std::vector<MadePacket> run() {
        std::int64_t now = handshake(plan_.start_ns);
        write(now, 0);
        while (!due_.empty()) {
            const Due due = due_.top();
            due_.pop();
            now = due.at;
            step(due);
        }
        teardown(now);
        std::stable_sort(packets_.begin(), packets_.end(),
                         [](const MadePacket& a, const MadePacket& b) { return a.at_ns < b.at_ns; });
        return std::move(packets_);
    }

  private:
    std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
    bool lost() { return random_() % 1'000'000 < static_cast<std::uint64_t>(plan_.loss * 1e6); }
    std::int64_t to_capture(int side) const { return side == 0 ? near_client_ : rtt_ / 2 - near_client_; }
    void later(std::int64_t at, Step step, int side, std::uint32_t seq = 0, std::uint32_t value = 0,
               std::uint32_t ack = 0) {
        due_.push({at, ++order_, step, side, seq, value, ack});
    }

    void capture(std::int64_t sent, int side, std::uint8_t flags, std::uint32_t seq, std::uint16_t length) {
        const End& self = ends_[side];
        const End& peer = ends_[1 - side];
        MadePacket p;
        p.at_ns = sent + to_capture(side);
        p.from_client = side == 0;
        p.flags = flags;
        p.seq = self.isn + seq;
        p.ack = (flags & kAck) != 0 ? peer.isn + self.wanted : 0;
        p.length = length;
        p.window = (flags & kSyn) != 0 ? 64240 : self.advertised;
        p.ts_value = ts_base_ + static_cast<std::uint32_t>(sent / kMs);
        p.ts_echo = self.echo;
        if (!self.early.empty()) {
            p.sack_begin = peer.isn + self.early.rbegin()->first;
            p.sack_end = peer.isn + self.early.rbegin()->second;
        }
        packets_.push_back(p);
    }

    std::int64_t handshake(std::int64_t at) {
        ends_[0].wanted = ends_[1].wanted = 1;
        capture(at, 0, kSyn, 0, 0);
        ends_[1].echo = stamp(at);
        capture(at + rtt_ / 2, 1, kSyn | kAck, 0, 0);
        ends_[0].echo = stamp(at + rtt_ / 2);
        capture(at + rtt_, 0, kAck, 1, 0);
        return at + rtt_ + 20'000;
    }
    std::uint32_t stamp(std::int64_t at) const { return ts_base_ + static_cast<std::uint32_t>(at / kMs); }

    void teardown(std::int64_t at) {
        const int first = static_cast<int>(draw(2));
        at += rtt_ + static_cast<std::int64_t>(draw(50)) * kMs;
        if (draw(20) == 0) {
            capture(at, first, kRst | kAck, ends_[first].next, 0);
            return;
        }
        capture(at, first, kFin | kAck, ends_[first].next, 0);
        ++ends_[1 - first].wanted;
        capture(at + rtt_ / 2, 1 - first, kFin | kAck, ends_[1 - first].next, 0);
        ++ends_[first].wanted;
        capture(at + rtt_, first, kAck, ends_[first].next + 1, 0);
    }

    /// What the side says next, unless the conversation is long enough.
    void write(std::int64_t now, int side) {
        End& self = ends_[side];
        if (plan_.bulk_bytes > 0) {
            if (side == 0) {
                self.queue.push_back(static_cast<std::uint16_t>(100 + draw(300)));
            } else {
                for (std::uint64_t left = plan_.bulk_bytes; left > 0; left -= self.queue.back())
                    self.queue.push_back(
                        static_cast<std::uint16_t>(std::min<std::uint64_t>(left, kFullSegment)));
            }
        } else {
            if (packets_.size() + 3 >= plan_.packets) return;
            const std::uint32_t segments = draw(4) == 0 ? 2 + draw(6) : 1;
            for (std::uint32_t i = 0; i < segments; ++i)
                self.queue.push_back(static_cast<std::uint16_t>(1 + draw(160)));
        }
        expected_ = self.next;
        for (const std::uint16_t length : self.queue)
            expected_ += length;
        speaker_ = side;
        send_more(now, side);
    }

    void send_more(std::int64_t now, int side) {
        End& self = ends_[side];
        const bool was_idle = self.flight.empty();
        while (!self.queue.empty() && self.flight.size() < self.window) {
            const std::uint16_t length = self.queue.front();
            self.queue.pop_front();
            self.flight[self.next] = length;
            transmit(now, side, self.next);
            self.next += length;
        }
        if (was_idle) start_timer(now, side);
    }

    void start_timer(std::int64_t now, int side) {
        End& self = ends_[side];
        ++self.timer;
        if (!self.flight.empty()) later(now + kTimeout + rtt_, Step::Timeout, side, 0, self.timer);
    }

    void transmit(std::int64_t now, int side, std::uint32_t seq) {
        End& self = ends_[side];
        const std::int64_t at = std::max(now, self.line_free);
        self.line_free = at + kOnTheLine;
        const std::uint16_t length = self.flight[seq];
        const bool is_lost = lost();
        self.unacknowledged = 0;
        ++self.ack_timer;  // it carries the acknowledgement
        // A third is lost before the capture, the rest behind it.
        if (!is_lost || draw(3) != 0) {
            const bool last = self.queue.empty();
            capture(at, side, static_cast<std::uint8_t>(kAck | (last ? kPsh : 0)), seq, length);
        }
        if (!is_lost) later(at + rtt_ / 2, Step::Data, side, seq, length, self.wanted);
    }

    void step(const Due& due) {
        switch (due.step) {
            case Step::Data:
                data_arrives(due.at, due.side, due.seq, due.seq + due.value);
                return ack_arrives(due.at, 1 - due.side, due.ack, false);
            case Step::Ack:
                return ack_arrives(due.at, due.side, due.seq, true);
            case Step::DelayedAck:
                if (ends_[due.side].ack_timer == due.value) acknowledge(due.at, due.side);
                return;
            case Step::Timeout:
                if (ends_[due.side].timer == due.value) timeout(due.at, due.side);
                return;
            case Step::Write:
                return write(due.at, due.side);
        }
    }

    void data_arrives(std::int64_t now, int sender, std::uint32_t begin, std::uint32_t end) {
        const int side = 1 - sender;
        End& self = ends_[side];
        if (begin != self.wanted) {
            if (begin > self.wanted) self.early[begin] = std::max(self.early[begin], end);
            return acknowledge(now, side);  // out of order, or seen before: at once
        }
        self.wanted = end;
        if (draw(50) == 0) self.advertised = static_cast<std::uint16_t>(480 + draw(23));
        self.echo = stamp(now - rtt_ / 2);
        const bool filled = !self.early.empty();
        while (!self.early.empty() && self.early.begin()->first <= self.wanted) {
            self.wanted = std::max(self.wanted, self.early.begin()->second);
            self.early.erase(self.early.begin());
        }
        if (sender == speaker_ && self.wanted == expected_) finished_turn(now, side);
        if (filled || ++self.unacknowledged >= 2) {
            acknowledge(now, side);
        } else {
            later(now + kDelayedAck, Step::DelayedAck, side, 0, ++self.ack_timer);
        }
    }

    /// All of the turn has arrived: the other side speaks, after a pause.
    void finished_turn(std::int64_t now, int side) {
        if (plan_.bulk_bytes > 0 && side == 0) return;
        const auto pause =
            plan_.bulk_bytes > 0
                ? std::int64_t{5} * kMs
                : static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(plan_.longest_pause_ns));
        later(now + pause, Step::Write, side);
    }

    void acknowledge(std::int64_t now, int side) {
        End& self = ends_[side];
        self.unacknowledged = 0;
        ++self.ack_timer;
        capture(now, side, kAck, self.next, 0);
        later(now + rtt_ / 2, Step::Ack, 1 - side, self.wanted);
    }

    void ack_arrives(std::int64_t now, int side, std::uint32_t ack, bool alone) {
        End& self = ends_[side];
        if (ack > self.una) {
            self.una = ack;
            self.flight.erase(self.flight.begin(), self.flight.lower_bound(ack));
            self.duplicates = 0;
            self.window = std::min(self.window + 1, kMaxFlight);
            start_timer(now, side);
            // In recovery a partial acknowledgement names the next lost segment (RFC 6582).
            if (ack < self.recover && !self.flight.empty()) retransmit(now, side);
        } else if (alone && ack == self.una && !self.flight.empty() && ++self.duplicates == 3) {
            self.recover = self.next;
            self.window = std::max<std::size_t>(self.flight.size() / 2, 4);
            retransmit(now, side);
        }
        send_more(now, side);
    }

    void timeout(std::int64_t now, int side) {
        End& self = ends_[side];
        self.window = 4;
        self.duplicates = 0;
        self.recover = self.next;
        retransmit(now, side);
        start_timer(now, side);
    }

    void retransmit(std::int64_t now, int side) {
        const End& self = ends_[side];
        transmit(now, side, self.flight.begin()->first);
    }

    ConversationPlan plan_;
    std::mt19937 random_;
    End ends_[2];
    std::int64_t rtt_ = 0;
    std::int64_t near_client_ = 0;  ///< from the client to the capture
    std::uint32_t ts_base_ = 0;
    int speaker_ = 0;
    std::uint32_t expected_ = 0;  ///< where the speaker's turn ends
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::uint64_t order_ = 0;
    std::vector<MadePacket> packets_;
};

}  // namespace

std::vector<MadePacket> make_conversation(const ConversationPlan& plan) {
    return Conversation{plan}.run();
}

}  // namespace synscope::bench
