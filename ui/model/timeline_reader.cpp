#include <algorithm>

#include "ui/model/timeline.hpp"

namespace synscope::model {

namespace {

// Below this many events starting over is cheaper than one frame; above it, only once per eighth of growth.
constexpr std::size_t kCheapRestart = 20'000;

/// Whatever is neither a packet nor a count of lost ones was told by one of our programs.
bool is_ours(const EventBody& body) {
    return !std::holds_alternative<PacketCaptured>(body) && !std::holds_alternative<CaptureCounters>(body);
}

std::vector<EventId> in_order(const TraceSource& source, std::size_t from, std::size_t to, bool by_time) {
    std::vector<std::pair<Instant, EventId>> keyed;
    keyed.reserve(to - from);
    for (std::size_t i = from; i < to; ++i) {
        const EventId id{static_cast<std::uint32_t>(i)};
        keyed.emplace_back(by_time ? source.event(id).at : Instant{}, id);
    }
    if (by_time)
        std::stable_sort(keyed.begin(), keyed.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<EventId> order;
    order.reserve(keyed.size());
    for (const auto& [at, id] : keyed)
        order.push_back(id);
    return order;
}

}  // namespace

TraceReader::TraceReader() : tracker_(std::make_unique<track::Tracker>()) {}
TraceReader::~TraceReader() = default;

void TraceReader::update(const TraceSource& source) {
    const std::size_t size = source.size();
    if (size == seen_) return;
    const bool was_session = session_;
    for (std::size_t i = seen_; i < size && !session_; ++i)
        session_ = is_ours(source.event(EventId{static_cast<std::uint32_t>(i)}).body);
    const std::vector<EventId> order = in_order(source, seen_, size, session_);
    if (seen_ > 0 && session_ && (!was_session || source.event(order.front()).at < newest_)) late_ = true;
    seen_ = size;
    if (late_ && (size <= kCheapRestart || size - restarted_at_ >= restarted_at_ / 8))
        restart(source);
    else
        feed(source, order);
}

void TraceReader::settle(const TraceSource& source) {
    update(source);
    if (late_) restart(source);
}

void TraceReader::restart(const TraceSource& source) {
    tracker_ = std::make_unique<track::Tracker>();
    ++generation_;
    late_ = false;
    restarted_at_ = seen_;
    feed(source, in_order(source, 0, seen_, session_));
}

void TraceReader::feed(const TraceSource& source, const std::vector<EventId>& order) {
    for (const EventId id : order) {
        const Event event = source.event(id);
        newest_ = std::max(newest_, event.at);
        const PacketId* packet = nullptr;
        if (const auto* captured = std::get_if<PacketCaptured>(&event.body)) packet = &captured->packet;
        if (const auto* sent = std::get_if<PacketSent>(&event.body)) packet = &sent->packet;
        if (packet != nullptr) {
            const PacketBytes bytes = source.packet(*packet);
            tracker_->packet(event, bytes.link, bytes.bytes, bytes.original_length);
        } else {
            tracker_->event(event);
        }
    }
}

}  // namespace synscope::model
