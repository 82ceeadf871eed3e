#pragma once
// What both simulators are given: the same links, flows and sizes. Plain values, for a program of ours and
// for one of ns-3's.

#include <array>
#include <cstdint>
#include <string_view>

namespace synscope::bench {

/// Flows of one sender and one receiver each. With more than one flow they share a bottleneck between two
/// routers, and each end has an access link of its own; with one flow the bottleneck is all there is.
struct Workload {
    std::string_view name;
    unsigned flows = 1;
    std::uint64_t bytes_per_flow = 0;
    double loss = 0;  ///< of the packets from senders to receivers, on the bottleneck
};

inline constexpr std::array<Workload, 3> kWorkloads{{
    {"bulk", 1, 400'000'000, 0},
    {"dumbbell", 100, 4'000'000, 0},
    {"loss", 1, 200'000'000, 0.01},
}};

inline constexpr std::uint64_t kBottleneckBits = 1'000'000'000;  ///< per second
inline constexpr std::uint64_t kAccessBits = 10'000'000'000;
inline constexpr std::int64_t kBottleneckDelay_ns = 5'000'000;  ///< one way
inline constexpr std::int64_t kAccessDelay_ns = 1'000'000;
inline constexpr unsigned kQueuePackets = 1000;
inline constexpr unsigned kSegmentBytes = 1448;  ///< 1500 less the headers, timestamps included
inline constexpr std::uint16_t kPort = 5001;

inline const Workload* find_workload(std::string_view name) {
    for (const Workload& workload : kWorkloads)
        if (workload.name == name) return &workload;
    return nullptr;
}

}  // namespace synscope::bench
