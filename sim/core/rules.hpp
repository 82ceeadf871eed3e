#pragma once
// What happens to chosen packets on the wire: drop, delay or duplicate the n-th one, the next SYN, a range of
// sequence numbers, one packet by its id.
//
//   Rules rules{{{.action = RuleAction::Drop, .flags = 0x002, .nth = 1}}};
//   const Verdict verdict = rules.judge(facts);
//
// A rule counts the packets that match all its conditions, whatever other rules do to them. All rules see all
// packets; of several that act on one packet, a drop wins, delays add up and each duplicate makes one more
// copy. Rules are asked once per packet, when its host puts it on the wire: not again behind a switch or
// router.
//
// Sequence ranges are relative, as in the program's text form: 0 is the SYN, 1 the first byte of data. The
// zero of a direction is its last SYN that passed here; before any has passed, no range matches. Thread rule:
// one object, one thread.

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "net/base/seq32.hpp"

namespace synscope::sim {

/// What rules see of a packet.
struct PacketFacts {
    PacketId packet{};
    std::uint32_t sender = 0;         ///< which host sends it
    std::uint32_t payload_bytes = 0;  ///< of TCP or UDP
    struct Tcp {
        std::uint16_t flags = 0;  ///< the header's control bits (net/wire/tcp_flags.hpp)
        Seq32 seq{};
        std::uint32_t length = 0;  ///< in sequence numbers: SYN and FIN count
        std::uint64_t flow = 0;    ///< names the direction of the connection; 0 unless Rules::wants_flow()
    };
    std::optional<Tcp> tcp{};
};

enum class RuleAction : std::uint8_t { Drop, Delay, Duplicate };

/// Relative sequence numbers [first, end).
struct SequenceRange {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
    friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

/// All conditions that are given must hold.
struct Rule {
    RuleAction action = RuleAction::Drop;
    std::optional<std::uint32_t> sender{};
    std::optional<std::uint16_t> flags{};  ///< TCP with exactly these control bits
    std::optional<std::uint32_t> min_payload{};
    std::optional<SequenceRange> sequence{};  ///< TCP that takes one of these numbers
    std::optional<PacketId> packet{};
    std::optional<std::uint32_t> nth{};  ///< only the n-th matching one, from 1
    Duration delay{};                    ///< for Delay
    friend bool operator==(const Rule&, const Rule&) = default;
};

struct Verdict {
    bool drop = false;
    Duration delay{};                     ///< it is held back this long; others overtake it
    std::uint32_t copies = 0;             ///< beside the packet itself
    std::optional<std::uint32_t> rule{};  ///< the first rule that acts
    friend bool operator==(const Verdict&, const Verdict&) = default;
};

class Rules {
  public:
    Rules() = default;
    explicit Rules(std::vector<Rule> rules);

    /// Without rules there is nothing to ask.
    [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }
    /// Whether facts must say which flow a segment belongs to.
    [[nodiscard]] bool wants_flow() const noexcept { return wants_flow_; }
    [[nodiscard]] Verdict judge(const PacketFacts& facts);
    /// A rule more, from now on: hands on the wire.
    void add(const Rule& rule);

  private:
    struct Counted {
        Rule rule;
        std::uint32_t matched = 0;
    };
    [[nodiscard]] bool matches(const Rule& rule, const PacketFacts& facts) const;
    [[nodiscard]] bool in_range(SequenceRange range, const PacketFacts::Tcp& tcp) const;

    std::vector<Counted> rules_;
    bool wants_flow_ = false;
    std::unordered_map<std::uint64_t, Seq32> zeros_;  ///< looked up, never walked
};

}  // namespace synscope::sim
