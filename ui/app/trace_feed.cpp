#include "ui/app/trace_feed.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace synscope::app {

namespace {

std::optional<PacketId> packet_of(const EventBody& body) {
    if (const auto* captured = std::get_if<PacketCaptured>(&body)) return captured->packet;
    if (const auto* sent = std::get_if<PacketSent>(&body)) return sent->packet;
    return std::nullopt;
}

}  // namespace

void feed_event(track::Tracker& tracker, const trace::Store& store, const Event& event) {
    if (const auto id = packet_of(event.body)) {
        const trace::Packet packet = store.packet(*id);
        tracker.packet(event, store.interface(packet.interface).link_type, packet.bytes,
                       packet.original_length);
    } else {
        tracker.event(event);
    }
}

void feed_all(track::Tracker& tracker, const trace::Store& store, bool in_time_order) {
    const auto count = static_cast<std::uint32_t>(store.size());
    if (!in_time_order) {
        for (std::uint32_t i = 0; i < count; ++i)
            feed_event(tracker, store, store.event(EventId{i}));
        return;
    }
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return store.time_of(EventId{a}) < store.time_of(EventId{b});
    });
    for (const std::uint32_t i : order)
        feed_event(tracker, store, store.event(EventId{i}));
}

}  // namespace synscope::app
