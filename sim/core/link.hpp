#pragma once
// One direction of a wire: a queue, a transmitter of some rate, and a line with delay and accidents.
//
//   Link link{options, seed, "link 0 client>server"};
//   link.offer(now, {.packet = id, .bytes = 1514}, verdict, outcomes);   what happens to it at once
//   ... when *link.next_event() has come ...
//   link.advance(now, outcomes);                                         what came out, or was lost, by now
//
// Sans-I/O: it handles numbers and sizes, never bytes, and time is a parameter. The simulator owns the frames
// as values and runs it in virtual time; the lab owns them as bytes and runs it in real time.
//
// A packet's way: larger than the MTU allows, or dropped by a rule: gone at once. Else it waits in the queue
// (drop-tail: refused when the queue is full; CoDel, RFC 8289: dropped when it leaves after packets have
// waited too long), is sent at the link's rate, and travels for the delay. On the line it may be lost (at
// random, or in bursts after Gilbert and Elliott), doubled, corrupted in one bit behind the link header, held
// back so that later ones overtake it, and delayed by jitter, which keeps the order. A lost packet is told
// when it would have arrived. Each accident has a stream of chance of its own (random.hpp), drawn once per
// packet (and copy) in the order of sending.
//
// Conservation: offered + duplicated = delivered + dropped + inside(). Ownership: values. Thread rule: one
// object, one thread.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/base/event.hpp"
#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "sim/core/codel.hpp"
#include "sim/core/random.hpp"
#include "sim/core/ring.hpp"
#include "sim/core/rules.hpp"

namespace synscope::sim {

/// Loss in bursts: a line that is good or bad, with a chance for each packet to change over and to be lost
/// (E. N. Gilbert 1960, E. O. Elliott 1963). The mean burst is 1 / `leave` packets long.
struct BurstLoss {
    double enter = 0;        ///< chance per packet that a good line turns bad
    double leave = 1;        ///< that a bad one turns good
    double loss_in_bad = 1;  ///< chance of losing a packet
    double loss_in_good = 0;
    friend bool operator==(const BurstLoss&, const BurstLoss&) = default;
};

/// What may wait for the transmitter; the packet that is being sent does not count. Without a rate nothing
/// ever waits.
struct QueueLimit {
    std::optional<std::uint32_t> packets{};
    std::optional<std::uint64_t> bytes{};
    std::optional<CoDelOptions> codel{};  ///< absent: drop-tail alone
    friend bool operator==(const QueueLimit&, const QueueLimit&) = default;
};

struct LinkOptions {
    std::optional<std::uint64_t> rate_bits_per_second{};  ///< absent: sending takes no time
    Duration delay{};
    Duration jitter{};  ///< up to so much more, evenly distributed
    QueueLimit queue{};
    std::uint32_t mtu = 1500;         ///< bytes behind the link header
    std::uint32_t header_bytes = 14;  ///< of the link layer: Ethernet
    double loss = 0;                  ///< chances per packet, 0 to 1
    std::optional<BurstLoss> burst{};
    double duplication = 0;
    double corruption = 0;
    double reordering = 0;
    /// A packet chosen for reordering is held back up to this long; absent: the delay, but at least 1 ms.
    std::optional<Duration> reordering_hold{};
    friend bool operator==(const LinkOptions&, const LinkOptions&) = default;
};

/// A packet as a link knows it.
struct PacketRef {
    std::uint64_t packet = 0;  ///< whatever its owner calls it
    std::uint32_t bytes = 0;   ///< on the wire, link header included
    bool ecn_capable = false;  ///< may be marked by CoDel instead of being dropped
    friend bool operator==(const PacketRef&, const PacketRef&) = default;
};

struct LinkOutcome {
    enum class Kind : std::uint8_t {
        Delivered,
        Dropped,
        Duplicated,  ///< told beforehand: one more of the same will be delivered or dropped
    };
    Kind kind = Kind::Delivered;
    DropReason reason = DropReason::Rule;  ///< when dropped
    bool congestion = false;               ///< when delivered: to be marked CE (RFC 3168)
    std::optional<std::uint32_t>
        flipped_bit;  ///< when delivered: which of the frame's, from 0, the high bit of a byte first
    PacketRef packet{};
    Instant at{};
    friend bool operator==(const LinkOutcome&, const LinkOutcome&) = default;
};

struct LinkCounts {
    std::uint64_t offered = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t delivered = 0;
    std::uint64_t dropped = 0;
    std::uint64_t delivered_bytes = 0;
    friend bool operator==(const LinkCounts&, const LinkCounts&) = default;
};

class Link {
  public:
    /// `name` tells the streams of chance of one link and direction from those of others.
    Link(const LinkOptions& options, std::uint64_t seed, std::string_view name);

    /// `now` never steps back over the calls of one link.
    void offer(Instant now, const PacketRef& packet, const Verdict& verdict, std::vector<LinkOutcome>& out);
    /// When advance() will have something to do, if ever.
    [[nodiscard]] std::optional<Instant> next_event() const noexcept;
    /// Appends what has come about by `now`, in order of time.
    void advance(Instant now, std::vector<LinkOutcome>& out);

    [[nodiscard]] const LinkOptions& options() const noexcept { return options_; }
    /// From now on. What was sent or, without CoDel, queued before keeps the times it was given.
    void change(const LinkOptions& options);
    [[nodiscard]] const LinkCounts& counts() const noexcept { return counts_; }
    /// Packets that are waiting or on their way.
    [[nodiscard]] std::uint64_t inside() const noexcept;
    /// Of them, those that wait for the transmitter.
    [[nodiscard]] std::uint64_t waiting_packets(Instant now) noexcept;
    [[nodiscard]] std::uint64_t waiting_bytes(Instant now) noexcept;

  private:
    struct Waiting {
        PacketRef packet{};
        Instant since{};  ///< CoDel: when it came
        Duration held{};  ///< by a rule
        std::uint32_t copies = 0;
    };
    struct Sent {
        Instant begins{};  ///< when the transmitter takes it out of the queue
        std::uint32_t bytes = 0;
    };
    struct Travelling {
        LinkOutcome outcome;
        std::uint64_t order = 0;  ///< among those that arrive at one instant
    };
    struct Later {
        [[nodiscard]] bool operator()(const Travelling& a, const Travelling& b) const noexcept {
            return a.outcome.at != b.outcome.at ? a.outcome.at > b.outcome.at : a.order > b.order;
        }
    };
    [[nodiscard]] bool full(Instant now, std::uint32_t bytes) noexcept;
    [[nodiscard]] Duration sending_time(std::uint32_t bytes) noexcept;
    void forget_begun(Instant now) noexcept;
    void drop(Instant at, const PacketRef& packet, DropReason reason, std::vector<LinkOutcome>& out);
    void serve_one(std::vector<LinkOutcome>& out);
    void send(Instant begins, const Waiting& waiting, bool mark, std::vector<LinkOutcome>& out);
    void travel(Instant sent, Duration held, const LinkOutcome& outcome);
    void damage(LinkOutcome& outcome) noexcept;
    [[nodiscard]] std::optional<DropReason> lost() noexcept;
    [[nodiscard]] const Travelling* first_arrival() const noexcept;
    void arrive(std::vector<LinkOutcome>& out);

    LinkOptions options_;
    LinkCounts counts_;
    Instant free_at_{};  ///< the transmitter
    // Drop-tail: when a packet will be sent is known once it comes, so that it is on the line at once; what
    // is left to know is how many have not begun.
    Ring<Sent> not_begun_;
    std::uint64_t not_begun_bytes_ = 0;
    // CoDel: decided when it leaves the queue.
    Ring<Waiting> queue_;
    std::uint64_t queue_bytes_ = 0;
    CoDel codel_;
    // On the line: those that keep the order, and the few that do not, as a heap.
    Ring<Travelling> line_;
    std::vector<Travelling> late_;
    std::uint64_t travelled_ = 0;
    Instant last_arrival_{};
    bool bad_ = false;  ///< the line, for bursts
    std::uint32_t timed_bytes_ = 0;
    Duration timed_{};  ///< what sending_time(timed_bytes_) was
    Random loss_, burst_, duplication_, corruption_, reordering_, jitter_;
};

}  // namespace synscope::sim
