#include "sim/core/scheduler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace synscope::sim {
namespace {

constexpr Instant at_ms(std::int64_t ms) {
    return Instant{} + Duration::milliseconds(ms);
}
constexpr Instant kForever{kMaxInstantNs};

Scheduler::Entry entry(std::uint64_t argument) {
    return {.target = 1, .kind = 2, .argument = argument};
}

std::vector<std::uint64_t> all_of(Scheduler& scheduler) {
    std::vector<std::uint64_t> out;
    while (const auto next = scheduler.pop_until(kForever))
        out.push_back(next->argument);
    return out;
}

TEST(Scheduler, EntriesComeByInstantAndThenByInsertion) {
    Scheduler scheduler;
    scheduler.at(at_ms(2), entry(0));
    scheduler.at(at_ms(1), entry(1));
    scheduler.at(at_ms(2), entry(2));
    scheduler.at(at_ms(1), entry(3));
    EXPECT_EQ(scheduler.next_time(), at_ms(1));
    EXPECT_EQ(all_of(scheduler), (std::vector<std::uint64_t>{1, 3, 0, 2}));
    EXPECT_EQ(scheduler.now(), at_ms(2));
    EXPECT_EQ(scheduler.next_time(), std::nullopt);
}

TEST(Scheduler, TheClockMovesToWhatHappensAndNoFurther) {
    Scheduler scheduler;
    scheduler.at(at_ms(5), entry(0));
    EXPECT_EQ(scheduler.pop_until(at_ms(4)), std::nullopt);
    EXPECT_EQ(scheduler.now(), Instant{});
    scheduler.idle_until(at_ms(4));
    EXPECT_EQ(scheduler.now(), at_ms(4));
    EXPECT_EQ(scheduler.pop_until(at_ms(5)), entry(0)) << "its end is included";
    EXPECT_EQ(scheduler.now(), at_ms(5));
}

TEST(Scheduler, WhatIsCancelledNeverHappensAndItsHandleNamesNothingElse) {
    Scheduler scheduler;
    const auto first = scheduler.at(at_ms(1), entry(0));
    const auto second = scheduler.at(at_ms(2), entry(1));
    EXPECT_TRUE(scheduler.cancel(first));
    EXPECT_FALSE(scheduler.cancel(first));
    const auto reused = scheduler.at(at_ms(3), entry(2));
    EXPECT_EQ(reused.slot, first.slot) << "the place is used again";
    EXPECT_FALSE(scheduler.pending(first));
    EXPECT_FALSE(scheduler.cancel(first));
    EXPECT_FALSE(scheduler.move(first, at_ms(9)));
    EXPECT_TRUE(scheduler.pending(second));
    EXPECT_EQ(all_of(scheduler), (std::vector<std::uint64_t>{1, 2}));
    EXPECT_FALSE(scheduler.cancel(second)) << "it has happened";
    EXPECT_FALSE(scheduler.pending(Scheduler::Handle{}));
}

TEST(Scheduler, WhatIsMovedIsInsertedAnew) {
    Scheduler scheduler;
    const auto moved = scheduler.at(at_ms(1), entry(0));
    scheduler.at(at_ms(5), entry(1));
    EXPECT_TRUE(scheduler.move(moved, at_ms(5)));
    scheduler.at(at_ms(5), entry(2));
    EXPECT_EQ(all_of(scheduler), (std::vector<std::uint64_t>{1, 0, 2}));
}

#if defined(GTEST_HAS_DEATH_TEST) && !defined(NDEBUG)
TEST(SchedulerDeathTest, NothingIsScheduledInThePast) {
    Scheduler scheduler;
    scheduler.at(at_ms(5), entry(0));
    EXPECT_TRUE(scheduler.pop_until(kForever));
    EXPECT_DEATH(scheduler.at(at_ms(4), entry(1)), "past");
}
#endif

TEST(Scheduler, ShufflingChangesTheOrderOfOneInstantOnly) {
    const auto run = [](std::optional<std::uint64_t> seed) {
        Scheduler scheduler{{.shuffle_seed = seed}};
        for (std::uint64_t i = 0; i < 40; ++i)
            scheduler.at(at_ms(static_cast<std::int64_t>(i / 10)), entry(i));
        return all_of(scheduler);
    };
    const auto usual = run(std::nullopt);
    const auto shuffled = run(7);
    EXPECT_TRUE(std::is_sorted(usual.begin(), usual.end()));
    EXPECT_NE(shuffled, usual);
    EXPECT_EQ(shuffled, run(7)) << "the seed decides";
    EXPECT_NE(shuffled, run(8));
    for (std::size_t i = 0; i < shuffled.size(); ++i)
        EXPECT_EQ(shuffled[i] / 10, i / 10) << "instants keep their order";
}

TEST(Scheduler, AgreesWithASortedMapOverAnyCalls) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    Scheduler scheduler;
    std::map<std::pair<std::int64_t, std::uint64_t>, std::uint64_t>
        model;  // (instant, insertion) -> argument
    std::vector<std::pair<Scheduler::Handle,
                          std::map<std::pair<std::int64_t, std::uint64_t>, std::uint64_t>::key_type>>
        handles;
    std::uint64_t inserted = 0;
    for (int step = 0; step < 20'000; ++step) {
        const Instant when = scheduler.now() + Duration{static_cast<std::int64_t>(random() % 50)};
        const auto kind = random() % 8;
        if (kind < 4) {
            handles.push_back({scheduler.at(when, entry(inserted)), {when.ns, inserted}});
            model[{when.ns, inserted}] = inserted;
            ++inserted;
        } else if (kind < 6 && !handles.empty()) {
            auto& [handle, key] = handles[random() % handles.size()];
            const auto found = model.find(key);
            if (kind == 4) {
                EXPECT_EQ(scheduler.cancel(handle), found != model.end());
                if (found != model.end()) model.erase(found);
            } else {
                EXPECT_EQ(scheduler.move(handle, when), found != model.end());
                if (found != model.end()) {
                    const auto argument = found->second;
                    model.erase(found);
                    key = {when.ns, inserted++};
                    model[key] = argument;
                }
            }
        } else {
            const auto next = scheduler.pop_until(kForever);
            ASSERT_EQ(next.has_value(), !model.empty());
            if (!next) continue;
            EXPECT_EQ(next->argument, model.begin()->second);
            EXPECT_EQ(scheduler.now().ns, model.begin()->first.first);
            model.erase(model.begin());
        }
        ASSERT_EQ(scheduler.size(), model.size());
    }
}

}  // namespace
}  // namespace synscope::sim
