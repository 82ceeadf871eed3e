#pragma once
// What the sender spends its time on: TCP_INFO's busy_time, rwnd_limited and sndbuf_limited, as Linux's clock
// keeps them: one activity at a time, the more specific one wins. Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

inline void chrono_switch(const Core& core, Tcb& t, Activity next) noexcept {
    if (t.chrono.now != Activity::Idle)
        t.chrono.spent(t.chrono.now) = t.chrono.spent(t.chrono.now) + (core.now - t.chrono.since);
    t.chrono.since = core.now;
    t.chrono.now = next;
}
inline void chrono_start(const Core& core, Tcb& t, Activity what) noexcept {
    if (what > t.chrono.now) chrono_switch(core, t, what);
}
inline void chrono_stop(const Core& core, Tcb& t, Activity what) noexcept {
    if (t.sent.empty() && t.unsent.empty()) {
        if (t.chrono.now != Activity::Idle) chrono_switch(core, t, Activity::Idle);
    } else if (what == t.chrono.now && what != Activity::Busy) {
        chrono_switch(core, t, Activity::Busy);
    }
}

}  // namespace synscope::sim::tcp
