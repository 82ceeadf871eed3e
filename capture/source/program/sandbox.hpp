#pragma once
// How synscope-capture gives away what it does not need: first every capability but CAP_NET_RAW, then that
// one, then every system call but a handful. Thread rule: acts on the calling thread; the process has one.

#include "net/base/result.hpp"

namespace synscope::source {

/// Before anything else happens. Not having CAP_NET_RAW is no error here: opening the interface will say so.
[[nodiscard]] Result<void, OsError> keep_only_net_raw();

/// Gives up every capability, for good, and makes sure of it.
[[nodiscard]] Result<void, OsError> drop_all_capabilities();

/// The descriptors the capture loop works on; -1 for one that is not there.
struct LoopDescriptors {
    int packets = -1;
    int output = -1;
    int netlink = -1;
};
/// From here on the process may wait, write its output and standard error, read the capture's counters,
/// allocate memory and exit; it may read or open nothing. Another system call kills it (SIGSYS). Not even the
/// packet socket can be written to.
[[nodiscard]] Result<void, OsError> confine(const LoopDescriptors& descriptors);

}  // namespace synscope::source
