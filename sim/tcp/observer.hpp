#pragma once
// Who watches a TCP. Everything inside is seen by a const reference to the Tcb at the moment it happens;
// nobody is asked, nothing can be changed from here. A stack without an observer pays one branch per event.
// Ownership: the caller's, for as long as the stack lives. Thread rule: called on the thread that calls the
// stack.

#include <string_view>

#include "net/base/event.hpp"
#include "sim/tcp/segment.hpp"
#include "sim/tcp/tcb.hpp"

namespace synscope::sim::tcp {

class Observer {
  public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    virtual ~Observer() = default;

    /// `why` is a short clause: "SYN arrived", "user closed".
    virtual void state_changed(Instant, const Tcb&, TcpState /*from*/, TcpState /*to*/,
                               std::string_view /*why*/) {}
    virtual void timer_set(Instant, const Tcb&, TimerKind, Instant /*deadline*/) {}
    virtual void timer_fired(Instant, const Tcb&, TimerKind) {}
    virtual void timer_stopped(Instant, const Tcb&, TimerKind) {}
    virtual void cwnd_changed(Instant, const Tcb&) {}
    virtual void rtt_sample(Instant, const Tcb&, Duration /*rtt*/) {}
    virtual void recovery_changed(Instant, const Tcb&, Recovery /*from*/, Recovery /*to*/,
                                  std::string_view /*why*/) {}
    /// Before the segment is judged. There is no Tcb for a segment that belongs to none.
    virtual void segment_arrived(Instant, const Tcb* /*tcb*/, const Segment&) {}
    virtual void segment_sent(Instant, const Tcb* /*tcb*/, const Segment&) {}
    /// Why something was done or not done: "dropped: PAWS (RFC 7323 section 5.3)".
    virtual void note(Instant, const Tcb* /*tcb*/, std::string_view /*why*/) {}
};

}  // namespace synscope::sim::tcp
