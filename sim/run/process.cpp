#include "sim/run/process.hpp"

#include <utility>

namespace synscope::sim {

void Process::run(Task<void> task, Instant when) {
    task_ = std::move(task);
    machine_.set_alarm(when, identity_.index, ++alarms_);
}

void Process::suspend(std::coroutine_handle<> waiting, const Wait& wait) {
    waiting_ = waiting;
    for_events_ = wait.for_events;
    ++alarms_;
    if (wait.until) machine_.set_alarm(*wait.until, identity_.index, alarms_);
}

void Process::alarm(std::uint64_t number) {
    if (number != alarms_) return;
    resume();
}

void Process::look() {
    if (waiting_ && for_events_) resume();
}

void Process::resume() {
    for_events_ = false;
    if (!started_) {
        started_ = true;
        task_.start();
    } else if (waiting_) {
        std::exchange(waiting_, {}).resume();
    }
}

}  // namespace synscope::sim
