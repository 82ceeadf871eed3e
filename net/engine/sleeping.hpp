#pragma once
// One client served by a thread, or a process, that sleeps for it: in recv() until bytes come, in send()
// until there is room. The straight line that every engine follows which gives a client somebody of its own.
// Thread rule: as for Socket; the connection is used by the calling thread alone.

#include "net/engine/serving.hpp"

namespace synscope::engine {

/// Sleeps in accept() until a client comes: true, and `out` is its socket. False after a stop, which must
/// reach the listener (StopSignal::Interruptible). Fails when the listener is of no more use.
[[nodiscard]] Result<bool, OsError> accept_sleeping(const Run& run, SpareDescriptor& spare, Socket& out,
                                                    Where where = Where::here());

/// Whether other connections are served at the same time, which may leave something for this one.
enum class Company : std::uint8_t { Alone, Others };

/// From the accepted socket to its close(). A stop ends it once what has arrived is answered, force at once.
/// `buffer` is what one recv() may fill.
void serve_sleeping(const Run& run, Socket& socket, MutableByteSpan buffer, Company company);

}  // namespace synscope::engine
