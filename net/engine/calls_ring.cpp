// The calls of an io_uring. Only io_uring_setup and io_uring_enter are calls of ours; accept and recv are
// made by the kernel and recorded as calls when we look at their completions: their times say when we learned
// of them, and the report before says where from.
#include <poll.h>

#include "net/engine/ring.hpp"
#include "net/engine/sockaddr.hpp"
#include "net/engine/traced.hpp"

namespace synscope::engine {

namespace {

/// A completion carries what the call would have returned, with the error as a negative number.
std::int64_t as_returned(int outcome) noexcept {
    if (outcome >= 0) return outcome;
    errno = -outcome;
    return -1;
}

}  // namespace

CallResult Calls::ring_setup(Ring& out, unsigned submissions, Where where) {
    return traced(Syscall::IoUringSetup, -1, nullptr, {submissions}, where,
                  [&] { return as_returned(-out.create(submissions)); });
}

CallResult Calls::ring_enter(Ring& ring, unsigned wait_for, Where where) {
    return traced(Syscall::IoUringEnter, ring.fd(), nullptr, {ring.waiting_submissions(), wait_for}, where,
                  [&] { return as_returned(io_uring_submit_and_wait(&ring.get(), wait_for)); });
}

CallResult Calls::ring_accepted(Socket& listener, Socket& out, int outcome, Where where) {
    ready(listener, POLLIN, ReadinessVia::Cqe);
    const CallResult result = traced(Syscall::Accept, listener.fd.get(), &listener, {}, where,
                                     [&] { return as_returned(outcome); });
    if (!result.ok()) return result;
    SockAddr peer;
    static_cast<void>(::getpeername(outcome, peer.get(), peer.size_for_kernel()));
    take_accepted(out, listener, outcome, peer.endpoint(), result.event);
    out.nonblocking = true;
    return result;
}

CallResult Calls::ring_received(Socket& s, std::size_t room, int outcome, Where where) {
    ready(s, POLLIN, ReadinessVia::Cqe);
    return traced(Syscall::Recv, s.fd.get(), &s, {static_cast<std::int64_t>(room), 0}, where,
                  [&] { return as_returned(outcome); });
}

}  // namespace synscope::engine
