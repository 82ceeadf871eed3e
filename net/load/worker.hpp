#pragma once
// One thread of the load: its share of the connections, and the loop that waits for all of them.
// Thread rule: run() on its own thread; report() after it has returned. What the workers of a run share is
// Shared, which outlives them.

#include <atomic>
#include <cstdint>
#include <queue>
#include <vector>

#include "net/load/connection.hpp"
#include "net/load/load.hpp"

namespace synscope::load {

/// CLOCK_MONOTONIC readings and what one worker must know of the others.
struct Shared {
    const LoadOptions& options;
    std::int64_t begin_ns = 0;
    std::int64_t measure_from_ns = 0;
    std::int64_t until_ns = 0;
    engine::UniqueFd over{};  ///< an eventfd; readable: everybody ends
    std::atomic<std::uint64_t> connects{0};
    std::atomic<int> hopeless{0};  ///< errno of a connect() that failed before any had worked
};

class Worker {
  public:
    /// Serves the connections first, first + step, ... of the run's.
    Worker(Shared& shared, std::uint32_t first, std::uint32_t step);
    void run();
    [[nodiscard]] const LoadReport& report() const noexcept { return report_; }

  private:
    struct Client {
        Connection connection;
        std::int64_t since_ns = 0;  ///< when its message was sent, or due; in churn, when it connected
        std::int64_t due_ns = 0;    ///< with a rate: when its next message is
        bool established = false;
    };
    /// Something to be done at a time: a message that is due, or another try to connect.
    struct Deadline {
        std::int64_t at_ns = 0;
        std::uint32_t client = 0;
        bool operator>(const Deadline& other) const noexcept { return at_ns > other.at_ns; }
    };
    bool wait();
    void do_what_is_due();
    void open(std::uint32_t index);
    void open_more();
    void event(std::uint32_t index);
    void established(Client& client, std::uint32_t index);
    void begin_message(Client& client, std::uint32_t index);
    void answered(Client& client, std::uint32_t index);
    void failed(Client& client, std::uint32_t index, const Turn& turn);
    void count(const Turn& turn);
    void end();
    [[nodiscard]] bool measuring() const noexcept {
        return now_ns_ >= shared_.measure_from_ns && now_ns_ < shared_.until_ns;
    }

    Shared& shared_;
    const LoadOptions& options_;
    const engine::SockAddr target_;
    engine::UniqueFd epoll_;
    std::vector<Client> clients_;
    std::vector<std::byte> buffer_;
    std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines_;
    std::int64_t interval_ns_ = 0;  ///< between two messages of a connection; 0: no rate
    std::uint32_t unopened_ = 0;    ///< clients from here on have not been opened
    std::uint32_t opening_ = 0;     ///< connecting now
    std::int64_t now_ns_ = 0;
    LoadReport report_;
};

}  // namespace synscope::load
