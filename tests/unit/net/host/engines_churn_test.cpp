// Connections that come, talk, and go, some of them rudely: afterwards a server has what it had before.
// SYNSCOPE_CHURN_SECONDS is how long, for each engine (scripts/soak churn); by default a hundred connections.
#include <malloc.h>

#include <fstream>
#include <iostream>

#include "tests/unit/net/host/engines_suite.hpp"

extern "C" {
/// There when a sanitizer keeps the heap (sanitizer/allocator_interface.h).
[[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();
}

namespace synscope::host {
namespace {

std::size_t entries(const char* folder) {
    std::error_code gone;
    const std::filesystem::directory_iterator all{folder, gone};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// What this process has, the server and the test in it, and how much memory its children take.
struct Belongings {
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    std::size_t children = 0;
    std::size_t heap_bytes = 0;
    std::size_t children_bytes = 0;

    static Belongings now() {
        Belongings b;
        b.descriptors = entries("/proc/self/fd");
        b.threads = entries("/proc/self/task");
        for (const pid_t child : children_of_this_process()) {
            ++b.children;
            std::size_t pages = 0;
            std::ifstream{"/proc/" + std::to_string(child) + "/statm"} >> pages >> pages;
            b.children_bytes += pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        }
        b.heap_bytes = __sanitizer_get_current_allocated_bytes != nullptr
                           ? __sanitizer_get_current_allocated_bytes()
                           : ::mallinfo2().uordblks;
        return b;
    }
    /// Tables and buffers may have grown to the size they needed, once.
    [[nodiscard]] bool no_more_than(const Belongings& before) const {
        return descriptors <= before.descriptors && threads <= before.threads &&
               children <= before.children && heap_bytes <= before.heap_bytes + (std::size_t{64} << 10) &&
               children_bytes <= before.children_bytes + (std::size_t{8} << 20);
    }
};
std::ostream& operator<<(std::ostream& out, const Belongings& b) {
    return out << b.descriptors << " descriptors, " << b.threads << " threads, " << b.children
               << " children, " << b.heap_bytes << " bytes of heap, " << b.children_bytes
               << " bytes in children";
}

/// One connection, in one of the ways in which clients come and go.
void converse(const Endpoint& server, std::mt19937& random) {
    Peer peer{server};
    const std::string text(1 + random() % 3000, 'c');
    switch (random() % 6) {
        case 0:  // comes and goes
            return;
        case 1:  // comes, and is gone with a reset
            return peer.reset();
        case 2:  // talks, and leaves when it has its answer
            peer.send(text);
            EXPECT_EQ(peer.receive(text.size()).size(), text.size());
            return;
        case 3:  // says that it is done, and takes what comes
            peer.send(text);
            peer.finish();
            EXPECT_EQ(peer.receive_all().size(), text.size());
            return;
        case 4:  // talks, and does not wait for the answer
            peer.send(text);
            return;
        default:  // resets in the middle
            peer.send(text);
            EXPECT_EQ(peer.receive(1), "C");
            return peer.reset();
    }
}

/// Four clients at once, each of which begins anew when it has gone. How many there were.
std::size_t churn(const Endpoint& server, std::size_t at_least, std::chrono::seconds time, unsigned seed) {
    const auto end = std::chrono::steady_clock::now() + time;
    std::atomic<std::size_t> count{0};
    std::vector<std::thread> clients;
    for (unsigned client = 0; client < 4; ++client)
        clients.emplace_back([&, client] {
            std::mt19937 random{seed + client};
            while (count < at_least || std::chrono::steady_clock::now() < end) {
                converse(server, random);
                if (testing::Test::HasFailure()) return;
                ++count;
            }
        });
    for (std::thread& t : clients)
        t.join();
    return count;
}

/// What there is once nothing comes or goes any more.
Belongings settled() {
    Belongings last = Belongings::now();
    for (int same = 0; same < 5;) {
        ::poll(nullptr, 0, 10);
        const Belongings now = Belongings::now();
        same = now.descriptors == last.descriptors && now.threads == last.threads &&
                       now.children == last.children
                   ? same + 1
                   : 0;
        last = now;
    }
    return last;
}

class EngineChurn : public EngineTest {};

TEST_P(EngineChurn, LeavesNothingBehind) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::chrono::seconds time{size_from_environment("SYNSCOPE_CHURN_SECONDS", 0)};
    Server server{options()};
    churn(server.address(), 50, {}, seed);  // what is made once and kept is made now
    const Belongings before = settled();
    const std::size_t count = churn(server.address(), 100, time, seed + 100);
    const Belongings after = settled();
    EXPECT_TRUE(after.no_more_than(before)) << "before: " << before << "\nafter:  " << after;
    if (time.count() > 0) std::cout << count << " connections; " << after << '\n';
}

INSTANTIATE_TEST_SUITE_P(All, EngineChurn, testing::ValuesIn(stream_engines()), engine_test_name);

}  // namespace
}  // namespace synscope::host
