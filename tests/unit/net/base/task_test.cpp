#include "net/base/task.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace synscope {
namespace {

/// A place to wait at, and who waits there.
struct Gate {
    std::coroutine_handle<> waiting;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept { waiting = handle; }
    void await_resume() const noexcept {}
    void open() { std::exchange(waiting, {}).resume(); }
};

Task<int> twice(Gate& gate, int value) {
    co_await gate;
    co_return value * 2;
}
Task<void> sum(Gate& gate, std::string& log) {
    log += 'a';
    const int one = co_await twice(gate, 1);
    log += 'b';
    const int two = co_await twice(gate, 2);
    log += std::to_string(one + two);
}

TEST(Task, AwaitedTaskRunsWhenItIsAwaitedAndGivesItsValue) {
    Gate gate;
    std::string log;
    Task<void> task = sum(gate, log);
    EXPECT_EQ(log, "") << "nothing runs before it is started";
    task.start();
    EXPECT_EQ(log, "a");
    gate.open();
    EXPECT_EQ(log, "ab");
    EXPECT_FALSE(task.done());
    gate.open();
    EXPECT_EQ(log, "ab6");
    EXPECT_TRUE(task.done());
}

TEST(Task, TaskThatWaitsCanBeDestroyed) {
    Gate gate;
    std::string log;
    {
        Task<void> task = sum(gate, log);
        task.start();
    }
    EXPECT_EQ(log, "a");
}

}  // namespace
}  // namespace synscope
