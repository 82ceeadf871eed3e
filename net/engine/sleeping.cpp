#include "net/engine/sleeping.hpp"

#include <poll.h>

#include <array>

namespace synscope::engine {

namespace {

/// Sleeps until the peer sent something, or another connection left something for this one. recv() can wait
/// for the first alone: with a chat a thread has two things to wait for, and asks poll() for both. True when
/// the socket is readable.
bool wait_for_peer_or_others(Calls& calls, const Socket& socket, int wake_fd, Connection& connection) {
    std::array<pollfd, 2> either{{{socket.fd.get(), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    if (!calls.poll(either, -1).ok()) return false;  // a signal: look again
    if (either[1].revents != 0) connection.collect();
    if (either[0].revents == 0) return false;
    calls.ready(socket, static_cast<std::uint32_t>(either[0].revents), ReadinessVia::Poll);
    return true;
}

/// Until one of us has had enough; false when the connection broke.
bool converse(const Run& run, Socket& socket, Connection& connection, std::optional<int> wake_fd,
              MutableByteSpan buffer) {
    bool peer_is_done = false;
    for (;;) {
        // send() sleeps until there is room in the send buffer, and may still take less than all.
        if (write_output(run.calls, socket, connection) == Written::Broken) return false;
        // All is written. With the peer's end-of-file read there is nothing left to wait for.
        if (is_over(connection, peer_is_done)) return true;
        if (wake_fd && !wait_for_peer_or_others(run.calls, socket, *wake_fd, connection)) continue;

        connection.before_read();
        const Io io = recv_some(run.calls, socket, buffer);
        switch (io.status) {
            case IoStatus::Some:
                connection.on_bytes(ByteSpan{buffer}.first(io.count));
                break;
            case IoStatus::End:
                connection.on_eof();
                peer_is_done = true;
                break;
            case IoStatus::WouldBlock:  // a receive timeout, if somebody set one
                break;
            case IoStatus::Failed:
                return false;
        }
    }
}

}  // namespace

Result<bool, OsError> accept_sleeping(const Run& run, SpareDescriptor& spare, Socket& out, Where where) {
    while (!run.stop.requested()) {
        const Acceptance acceptance = next_client(run, spare, out, 0, where);
        if (acceptance.status == AcceptStatus::Accepted) return true;
        if (acceptance.status == AcceptStatus::Failed && !run.stop.requested())
            return failure(OsError{"accept", acceptance.error, run.listener.local.text()});
    }
    return false;
}

void serve_sleeping(const Run& run, Socket& socket, MutableByteSpan buffer, Company company) {
    {
        const StopSignal::Interruptible interruptible{run.stop, run.calls, socket};
        const auto connection = run.host.open(socket);
        const auto wake_fd = company == Company::Others ? connection->own_wake_fd() : std::nullopt;
        if (converse(run, socket, *connection, wake_fd, buffer)) connection->before_close();
    }
    run.calls.close(socket);
}

}  // namespace synscope::engine
