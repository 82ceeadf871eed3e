// The steps `send` and `recv` of a client that talks UDP: a datagram for each call, whole or not at all.
#include <algorithm>
#include <cerrno>

#include "net/base/text.hpp"
#include "net/host/errors.hpp"
#include "net/host/script.hpp"

namespace synscope::host {

using engine::CallResult;

/// One datagram; with a chunk, as many as it takes. An empty message is a datagram too.
Task<ScriptRunner::Outcome> ScriptRunner::send_datagrams(ByteSpan bytes, Pace pace) {
    ByteSpan rest = bytes;
    do {
        const ByteSpan one = rest.first(std::min<std::size_t>(rest.size(), pace.chunk.value_or(UINT32_MAX)));
        const CallResult r = calls_.send(socket_, one, 0);
        if (!r.ok() && r.error == EINTR) continue;
        if (!r.ok() && r.error == EAGAIN) {
            co_await readiness(POLLOUT);
            continue;
        }
        if (!r.ok())
            co_return failure(concat("a datagram of ", one.size(), " bytes: ", errno_words(r.error)));
        rest = rest.subspan(one.size());
        if (pace.every.ns > 0) co_await pause(pace.every);
    } while (!rest.empty());
    co_return Outcome{};
}

/// `bytes` is the room for one datagram, and what does not fit is lost; `messages` are so many of them.
Task<ScriptRunner::Outcome> ScriptRunner::receive_datagrams(const scenario::Recv& step) {
    const std::uint64_t room = step.bytes.value_or(step.chunk.value_or(UINT32_MAX));
    const auto into = setup_.buffer.first(std::min<std::uint64_t>(room, setup_.buffer.size()));
    const std::uint64_t wanted = step.messages.value_or(1);
    const Deadline until = deadline_of(step);
    std::uint64_t came = 0;
    for (bool over = false; came < wanted && !over;) {
        over = nothing_comes(until);
        if (over) break;
        Endpoint from;
        const CallResult r = calls_.recvfrom(socket_, into, 0, from);
        if (!r.ok() && r.error == EAGAIN) {
            co_await arrival(until);
            over = expired();
        } else if (!r.ok() && r.error != EINTR) {
            co_return failure(errno_words(r.error));
        } else if (r.ok()) {
            ++came;
            if (step.every.ns > 0) co_await pause(step.every);
        }
    }
    if (came < wanted) note_missing(came, wanted, wanted == 1 ? "datagram" : "datagrams");
    co_return Outcome{};
}

}  // namespace synscope::host
