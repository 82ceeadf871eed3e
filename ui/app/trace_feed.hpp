#pragma once
// From a store to a tracker: every published event once, in the order that tells the truth.
//
// A session mixes sources whose streams arrive interleaved, so its events are fed in time order. A foreign
// capture is fed in file order, as Wireshark reads it: there the order of the packets is part of what was
// recorded. Thread rule: one thread; the store may be written by another.

#include "capture/trace/store.hpp"
#include "capture/track/tracker.hpp"

namespace synscope::app {

/// Feeds one event, with the packet's bytes when it is one.
void feed_event(track::Tracker& tracker, const trace::Store& store, const Event& event);
/// Feeds everything a finished store holds.
void feed_all(track::Tracker& tracker, const trace::Store& store, bool in_time_order);

}  // namespace synscope::app
