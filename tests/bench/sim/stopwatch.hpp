#pragma once
// What a run took: on the clock on the wall, and of this process's processor time, which other programs on a
// busy machine do not change as much.

#include <chrono>
#include <ctime>

namespace synscope::bench {

class Stopwatch {
  public:
    struct Spent {
        double wall_s = 0;
        double cpu_s = 0;
    };
    [[nodiscard]] Spent read() const {
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
        return {wall.count(), static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC};
    }

  private:
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
    std::clock_t cpu_ = std::clock();
};

}  // namespace synscope::bench
