#include "sim/core/rules.hpp"

namespace synscope::sim {
namespace {

constexpr std::uint16_t kSyn = 0x002;  // RFC 9293 section 3.1

}  // namespace

Rules::Rules(std::vector<Rule> rules) {
    for (const Rule& rule : rules)
        add(rule);
}

void Rules::add(const Rule& rule) {
    rules_.push_back({rule, 0});
    wants_flow_ = wants_flow_ || rule.sequence.has_value();
}

Verdict Rules::judge(const PacketFacts& facts) {
    Verdict verdict;
    if (wants_flow_ && facts.tcp && (facts.tcp->flags & kSyn) != 0) zeros_[facts.tcp->flow] = facts.tcp->seq;
    for (std::uint32_t i = 0; i < rules_.size(); ++i) {
        auto& [rule, matched] = rules_[i];
        if (!matches(rule, facts)) continue;
        ++matched;
        if (rule.nth && matched != *rule.nth) continue;
        switch (rule.action) {
            case RuleAction::Drop:
                verdict.drop = true;
                break;
            case RuleAction::Delay:
                verdict.delay = verdict.delay + rule.delay;
                break;
            case RuleAction::Duplicate:
                ++verdict.copies;
                break;
        }
        if (!verdict.rule) verdict.rule = i;
    }
    return verdict;
}

bool Rules::matches(const Rule& rule, const PacketFacts& facts) const {
    if (rule.sender && *rule.sender != facts.sender) return false;
    if (rule.packet && *rule.packet != facts.packet) return false;
    if (rule.min_payload && facts.payload_bytes < *rule.min_payload) return false;
    if (rule.flags && (!facts.tcp || facts.tcp->flags != *rule.flags)) return false;
    return !rule.sequence || (facts.tcp && in_range(*rule.sequence, *facts.tcp));
}

bool Rules::in_range(SequenceRange range, const PacketFacts::Tcp& tcp) const {
    const auto zero = zeros_.find(tcp.flow);
    if (zero == zeros_.end() || tcp.length == 0) return false;
    const std::int64_t begin = Seq32::distance(zero->second, tcp.seq);
    return begin < std::int64_t{range.end} && std::int64_t{range.first} < begin + std::int64_t{tcp.length};
}

}  // namespace synscope::sim
