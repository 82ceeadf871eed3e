#include "net/engine/serving.hpp"

namespace synscope::engine {

Acceptance next_client(const Run& run, SpareDescriptor& spare, Socket& out, int flags, Where where) {
    for (;;) {
        const Acceptance acceptance = spare.accept(run.calls, run.listener, out, flags, where);
        switch (acceptance.status) {
            case AcceptStatus::Accepted:
            case AcceptStatus::WouldBlock:
            case AcceptStatus::Failed:
                return acceptance;
            case AcceptStatus::Refused:
                run.host.note(Severity::Warning, "out of descriptors: a connection was closed unserved");
                break;
            case AcceptStatus::Gone:
                break;
        }
    }
}

Written write_output(Calls& calls, Socket& socket, Connection& connection, int most_sends, Where where) {
    for (int sends = 0; connection.demand().write; ++sends) {
        if (sends == most_sends) return Written::Enough;
        const Io io = send_some(calls, socket, connection.output(), where);
        if (io.status == IoStatus::Failed) return Written::Broken;
        if (io.status == IoStatus::WouldBlock) return Written::Later;
        connection.sent(io.count);
    }
    if (connection.demand().half_close) {
        calls.shutdown(socket, SHUT_WR, where);
        connection.half_closed();
    }
    return Written::All;
}

bool takes_input(const Connection& connection) {
    const Demand& demand = connection.demand();
    return demand.read && !demand.close;
}

bool is_over(const Connection& connection, bool peer_is_done) {
    const Demand& demand = connection.demand();
    return demand.close || (peer_is_done && !demand.write);
}

}  // namespace synscope::engine
