#include "capture/analyze/sharded_run.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace synscope::analyze {

void ShardedRun::Part::read(const Progress* progress) {
    for (;;) {
        const auto batch = run->next();
        if (!batch) damage = batch.error();
        if (!batch || batch->empty()) return;
        if (progress != nullptr) (*progress)(run->packets_read());
    }
}

/// By first packets; the shares are in that order already.
void ShardedRun::put_in_order() {
    std::vector<std::size_t> next(parts_.size(), 0);
    for (;;) {
        std::optional<std::size_t> first;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const auto numbers = parts_[i].run->first_packets();
            if (next[i] == numbers.size()) continue;
            if (!first || numbers[next[i]] < parts_[*first].run->first_packets()[next[*first]]) first = i;
        }
        if (!first) return;
        const ConnectionId id{static_cast<std::uint32_t>(next[*first]++)};
        order_.push_back({static_cast<std::uint32_t>(*first), id});
    }
}

Result<ShardedRun, UserError> ShardedRun::run(const Open& open, const source::BpfFilter& filter,
                                              std::uint32_t shards, const Progress& progress) {
    ShardedRun result;
    for (std::uint32_t i = 0; i < std::max(shards, 1u); ++i) {
        auto opened = open();
        if (!opened) return failure(opened.error());
        // A pipe comes only once, and unpacking costs more than judging.
        if (!(*opened)->repeatable()) shards = 1;
        result.parts_.push_back({std::move(*opened), nullptr, std::nullopt});
    }
    for (std::uint32_t i = 0; i < result.parts_.size(); ++i) {
        const Share share{i, static_cast<std::uint32_t>(result.parts_.size())};
        result.parts_[i].run = std::make_unique<PacketRun>(*result.parts_[i].source, filter, share);
    }
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < result.parts_.size(); ++i)
        threads.emplace_back([&part = result.parts_[i]] { part.read(nullptr); });
    result.parts_.front().read(&progress);
    for (std::thread& thread : threads)
        thread.join();
    result.put_in_order();
    return result;
}

track::ConnectionFacts ShardedRun::connection(ConnectionId id) const {
    const Place& place = order_[id.value];
    track::ConnectionFacts facts = parts_[place.part].run->analyzer().connection(place.id);
    facts.id = id;
    return facts;
}

std::uint8_t ShardedRun::settle(const wire::TcpSegment& segment, track::Verdict& verdict) const noexcept {
    const Place& place = order_[verdict.connection.value];
    return parts_[place.part].run->analyzer().settle(place.id, segment, verdict);
}

}  // namespace synscope::analyze
