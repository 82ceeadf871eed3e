#pragma once
// Many clients at once: one thread, as many nonblocking sockets, one epoll. Each goes through the script's
// steps by itself; where a call has nothing to do, the next one whose socket is ready has its turn.
//
//     run_crowd(calls, client, framing, server)      // client.count of them
//
// Thread rule: blocks the calling thread until all have ended.

#include "net/base/address.hpp"
#include "net/base/result.hpp"
#include "net/engine/socket.hpp"
#include "net/framing/framing.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::host {

/// One that fails does not end the others; the first failure is the crowd's, and says how many there were.
/// Raises this process's limit of descriptors as far as it needs; fails before anything runs when the hard
/// limit is lower than that.
[[nodiscard]] Result<void, UserError> run_crowd(engine::Calls& calls, const scenario::Client& client,
                                                const framing::FramingInfo& framing, const Endpoint& server);

}  // namespace synscope::host
