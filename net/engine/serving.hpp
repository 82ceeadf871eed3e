#pragma once
// What engines do alike with a client, however they wait: taking one from the queue, and writing what is to
// be written. Where the ways part (sleeping or EAGAIN) each says so by what it passes in and what comes back.
// Thread rule: as for Socket.

#include <climits>

#include "net/engine/engine.hpp"

namespace synscope::engine {

/// One client from the queue, passing over those that went away or for whom no descriptor was left (which is
/// noted). Accepted, WouldBlock or Failed; a blocking listener sleeps here. `flags` as for accept4.
[[nodiscard]] Acceptance next_client(const Run& run, SpareDescriptor& spare, Socket& out, int flags,
                                     Where where = Where::here());

/// The clients in the queue of a nonblocking listener, each given to `admit(Socket&&)`. Fails when the
/// listener is of no more use.
template <class Admit>
[[nodiscard]] Result<void, OsError> accept_until_empty(const Run& run, SpareDescriptor& spare, Admit&& admit,
                                                       Where where = Where::here()) {
    for (;;) {
        Socket socket;
        const Acceptance next = next_client(run, spare, socket, SOCK_NONBLOCK, where);
        if (next.status == AcceptStatus::Failed)
            return failure(OsError{"accept4", next.error, run.listener.local.text()});
        if (next.status != AcceptStatus::Accepted) return {};
        admit(std::move(socket));
    }
}

/// What one client may have of an engine that has others to turn to: a service that always has more to say,
/// and a peer that reads as fast, would otherwise keep it for ever.
inline constexpr int kSendsPerTurn = 16;

enum class Written : std::uint8_t {
    All,     ///< nothing is left; the sending side was shut down where the connection asked for it
    Later,   ///< the send buffer is full (nonblocking only: a blocking send() sleeps until there is room)
    Enough,  ///< `most_sends` were made, and there is more
    Broken,
};
/// send() until the output is empty; it may take less than it is given each time.
[[nodiscard]] Written write_output(Calls& calls, Socket& socket, Connection& connection,
                                   int most_sends = INT_MAX, Where where = Where::here());

/// Whether the connection takes input now.
[[nodiscard]] bool takes_input(const Connection& connection);
/// Whether nothing is left to be said: it asked to be closed, or the peer is done and has all its answers.
[[nodiscard]] bool is_over(const Connection& connection, bool peer_is_done);

}  // namespace synscope::engine
