#include "sim/core/link.hpp"

#include <algorithm>
#include <cassert>
#include <string>

namespace synscope::sim {
namespace {

Random stream(std::uint64_t seed, std::string_view link, std::string_view decision) {
    return Random{seed, std::string{link} + ' ' + std::string{decision}};
}

}  // namespace

Link::Link(const LinkOptions& options, std::uint64_t seed, std::string_view name)
    : options_(options),
      codel_(options.queue.codel.value_or(CoDelOptions{})),
      loss_(stream(seed, name, "loss")),
      burst_(stream(seed, name, "burst loss")),
      duplication_(stream(seed, name, "duplication")),
      corruption_(stream(seed, name, "corruption")),
      reordering_(stream(seed, name, "reordering")),
      jitter_(stream(seed, name, "jitter")) {}

void Link::change(const LinkOptions& options) {
    if (options.queue.codel != options_.queue.codel)
        codel_ = CoDel{options.queue.codel.value_or(CoDelOptions{})};
    options_ = options;
    timed_bytes_ = 0;
    timed_ = {};
}

void Link::offer(Instant now, const PacketRef& packet, const Verdict& verdict,
                 std::vector<LinkOutcome>& out) {
    ++counts_.offered;
    if (verdict.drop) return drop(now, packet, DropReason::Rule, out);
    if (packet.bytes > options_.mtu + options_.header_bytes)
        return drop(now, packet, DropReason::TooBig, out);
    if (full(now, packet.bytes)) return drop(now, packet, DropReason::QueueFull, out);
    const Waiting waiting{packet, now, verdict.delay, verdict.copies};
    if (!options_.queue.codel && queue_.empty()) {
        const Instant begins = std::max(now, free_at_);
        if (begins > now) {
            not_begun_.push_back({begins, packet.bytes});
            not_begun_bytes_ += packet.bytes;
        }
        return send(begins, waiting, false, out);
    }
    const bool idle = queue_.empty() && free_at_ <= now;
    queue_.push_back(waiting);
    queue_bytes_ += packet.bytes;
    if (!idle) return;
    codel_.empty();
    serve_one(out);
}

bool Link::full(Instant now, std::uint32_t bytes) noexcept {
    const QueueLimit& limit = options_.queue;
    if (free_at_ <= now && queue_.empty()) return false;
    return (limit.packets && waiting_packets(now) >= *limit.packets) ||
           (limit.bytes && waiting_bytes(now) + bytes > *limit.bytes);
}

std::uint64_t Link::inside() const noexcept {
    return line_.size() + late_.size() + queue_.size();
}

std::uint64_t Link::waiting_packets(Instant now) noexcept {
    forget_begun(now);
    return not_begun_.size() + queue_.size();
}

std::uint64_t Link::waiting_bytes(Instant now) noexcept {
    forget_begun(now);
    return not_begun_bytes_ + queue_bytes_;
}

void Link::forget_begun(Instant now) noexcept {
    while (!not_begun_.empty() && not_begun_.front().begins <= now) {
        not_begun_bytes_ -= not_begun_.front().bytes;
        not_begun_.pop_front();
    }
}

Duration Link::sending_time(std::uint32_t bytes) noexcept {
    if (!options_.rate_bits_per_second) return {};
    if (bytes != timed_bytes_) {
        const std::uint64_t rate = *options_.rate_bits_per_second;
        // Rounded up: never faster than the rate. Two billion bytes still fit into 64 bits.
        const std::uint64_t bit_ns = std::uint64_t{bytes} * 8 * 1'000'000'000;
        timed_bytes_ = bytes;
        timed_ = Duration{static_cast<std::int64_t>((bit_ns + rate - 1) / rate)};
    }
    return timed_;
}

void Link::drop(Instant at, const PacketRef& packet, DropReason reason, std::vector<LinkOutcome>& out) {
    ++counts_.dropped;
    LinkOutcome outcome;
    outcome.kind = LinkOutcome::Kind::Dropped;
    outcome.reason = reason;
    outcome.packet = packet;
    outcome.at = at;
    out.push_back(outcome);
}

/// The next packet that CoDel lets go is sent; those before it are dropped at the same instant.
void Link::serve_one(std::vector<LinkOutcome>& out) {
    const Instant begins = std::max(free_at_, queue_.front().since);
    while (!queue_.empty()) {
        const Waiting next = queue_.take_front();
        queue_bytes_ -= next.packet.bytes;
        auto decision = CoDel::Decision::Deliver;
        if (options_.queue.codel)
            decision = codel_.leaves(begins, {begins - next.since, queue_bytes_, next.packet.ecn_capable});
        if (decision != CoDel::Decision::Drop)
            return send(begins, next, decision == CoDel::Decision::Mark, out);
        drop(begins, next.packet, DropReason::CoDel, out);
    }
    codel_.empty();
}

void Link::send(Instant begins, const Waiting& waiting, bool mark, std::vector<LinkOutcome>& out) {
    free_at_ = begins + sending_time(waiting.packet.bytes);
    LinkOutcome outcome;
    outcome.packet = waiting.packet;
    outcome.congestion = mark;
    outcome.at = free_at_;
    const std::uint32_t copies = waiting.copies + (duplication_.chance(options_.duplication) ? 1 : 0);
    for (std::uint32_t i = 0; i < copies; ++i) {
        ++counts_.duplicated;
        out.push_back(outcome);
        out.back().kind = LinkOutcome::Kind::Duplicated;
    }
    for (std::uint32_t i = 0; i <= copies; ++i)
        travel(free_at_, waiting.held, outcome);
}

std::optional<DropReason> Link::lost() noexcept {
    if (options_.burst) {
        const BurstLoss& burst = *options_.burst;
        bad_ = bad_ ? !burst_.chance(burst.leave) : burst_.chance(burst.enter);
        if (loss_.chance(bad_ ? burst.loss_in_bad : burst.loss_in_good)) return DropReason::BurstLoss;
    }
    if (loss_.chance(options_.loss)) return DropReason::RandomLoss;
    return std::nullopt;
}

void Link::travel(Instant sent, Duration held, const LinkOutcome& outcome) {
    Instant arrival = sent + options_.delay + jitter_.up_to(options_.jitter);
    const bool reordered = reordering_.chance(options_.reordering);
    if (reordered) {
        const Duration usual = std::max(options_.delay, Duration::milliseconds(1));
        held = held + reordering_.up_to(options_.reordering_hold.value_or(usual));
    }
    const bool late = reordered || held > Duration{};
    if (late)
        arrival = arrival + held;
    else
        arrival = last_arrival_ = std::max(last_arrival_, arrival);
    // Filled in where it lies.
    Travelling& packet = late ? late_.emplace_back() : line_.push_back({});
    packet.outcome = outcome;
    packet.order = travelled_++;
    packet.outcome.at = arrival;
    damage(packet.outcome);
    if (late) std::push_heap(late_.begin(), late_.end(), Later{});
}

void Link::damage(LinkOutcome& outcome) noexcept {
    if (const auto reason = lost()) {
        outcome.kind = LinkOutcome::Kind::Dropped;
        outcome.reason = *reason;
    }
    const std::uint32_t header_bits = options_.header_bytes * 8;
    const std::uint32_t bits = outcome.packet.bytes * 8;
    if (bits > header_bits && corruption_.chance(options_.corruption))
        outcome.flipped_bit = header_bits + static_cast<std::uint32_t>(corruption_.below(bits - header_bits));
}

const Link::Travelling* Link::first_arrival() const noexcept {
    if (late_.empty()) return line_.empty() ? nullptr : &line_.front();
    if (line_.empty() || Later{}(line_.front(), late_.front())) return &late_.front();
    return &line_.front();
}

std::optional<Instant> Link::next_event() const noexcept {
    std::optional<Instant> next;
    if (const Travelling* first = first_arrival()) next = first->outcome.at;
    if (!queue_.empty() && (!next || free_at_ < *next)) next = free_at_;
    return next;
}

void Link::advance(Instant now, std::vector<LinkOutcome>& out) {
    for (;;) {
        const Travelling* first = first_arrival();
        const bool serve = !queue_.empty() && free_at_ <= now && (!first || free_at_ <= first->outcome.at);
        if (serve)
            serve_one(out);
        else if (first && first->outcome.at <= now)
            arrive(out);
        else
            return;
    }
}

void Link::arrive(std::vector<LinkOutcome>& out) {
    if (first_arrival() == (line_.empty() ? nullptr : &line_.front())) {
        out.push_back(line_.take_front().outcome);
    } else {
        std::pop_heap(late_.begin(), late_.end(), Later{});
        out.push_back(late_.back().outcome);
        late_.pop_back();
    }
    const LinkOutcome& arrived = out.back();
    if (arrived.kind == LinkOutcome::Kind::Dropped) {
        ++counts_.dropped;
    } else {
        ++counts_.delivered;
        counts_.delivered_bytes += arrived.packet.bytes;
    }
}

}  // namespace synscope::sim
