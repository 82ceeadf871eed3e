#pragma once
// What both programs of the benchmark do around their simulators, so that they are timed and told alike:
//
//     PROGRAM WORKLOAD DIVISOR [CAPTURE]
//
// DIVISOR makes the workload smaller. With CAPTURE every packet on the bottleneck is written there as pcap.
// Prints, tab between them, data segments delivered to an endpoint (its bytes by the size of a full segment),
// seconds of wall time, of processor time and of virtual time. In C++17, for ns-3's headers.

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/sim/stopwatch.hpp"
#include "tests/bench/sim/workloads.hpp"

namespace synscope::bench {

/// Run: made of a workload and its divisor; capture(path), run(), complete(), segments(), virtual_seconds().
template <class Run>
int workload_main(const char* program, int argc, char** argv) {
    const Workload* workload = argc >= 3 ? find_workload(argv[1]) : nullptr;
    const std::uint64_t divisor = argc >= 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
    if (workload == nullptr || divisor == 0 || argc > 4) {
        std::fprintf(stderr, "usage: %s WORKLOAD DIVISOR [CAPTURE]\n", program);
        return 2;
    }
    Run run{*workload, divisor};
    if (argc == 4) run.capture(argv[3]);
    const Stopwatch watch;
    run.run();
    const auto spent = watch.read();
    if (!run.complete()) {
        std::fprintf(stderr, "%s: not everything arrived\n", program);
        return 1;
    }
    std::printf("%llu\t%.4f\t%.4f\t%.4f\n", static_cast<unsigned long long>(run.segments()), spent.wall_s,
                spent.cpu_s, run.virtual_seconds());
    return 0;
}

}  // namespace synscope::bench
