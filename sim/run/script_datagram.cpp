// The steps of a client that talks UDP: a datagram for each call, whole or not at all.
#include <algorithm>

#include "net/base/text.hpp"
#include "sim/run/script.hpp"

namespace synscope::sim {

Task<Script::Outcome> Script::connect_datagrams(const scenario::Connect& step, const Endpoint& to, int line) {
    if (socket_.open()) co_return failure(std::string{"there is a connection already"});
    const auto from = calls_.process().machine().address_towards(to.address);
    if (!from) co_return failure(concat("no route to ", to.address.text(), " (ENETUNREACH)"));
    Returned r = co_await calls_.datagram_socket(socket_, line);
    r = co_await calls_.set_options(socket_, setup_.options, line);
    if (!r.ok()) co_return failure(concat("setsockopt: ", error_words(r.error)));
    if (step.from_port) {
        r = co_await calls_.bind(socket_, {*from, *step.from_port}, line);
        if (!r.ok()) co_return failure(concat("port ", *step.from_port, ": ", error_words(r.error)));
    }
    r = co_await calls_.connect_datagrams(socket_, to, line);
    if (!r.ok()) co_return failure(concat(to.text(), ": ", error_words(r.error)));
    if (blocks()) co_return Outcome{};
    co_await calls_.set_nonblocking(socket_, true, line);
    co_await calls_.epoll_add(setup_.turn->epoll, socket_, line);
    co_return Outcome{};
}

/// One datagram; with a chunk, as many as it takes. An empty message is a datagram too.
Task<Script::Outcome> Script::send_datagrams(ByteSpan bytes, const scenario::Send& step, int line) {
    ByteSpan rest = bytes;
    do {
        const ByteSpan one = rest.first(std::min<std::size_t>(rest.size(), step.chunk.value_or(UINT32_MAX)));
        const Returned r = co_await calls_.send_datagram(socket_, one, std::nullopt, line);
        if (!r.ok())
            co_return failure(concat("a datagram of ", one.size(), " bytes: ", error_words(r.error)));
        rest = rest.subspan(one.size());
        if (step.every.ns > 0) co_await pause(step.every);
    } while (!rest.empty());
    co_return Outcome{};
}

/// `bytes` is the room for one datagram, and what does not fit is lost; `messages` are so many of them.
Task<Script::Outcome> Script::receive_datagrams(const scenario::Recv& step, int line) {
    const std::uint64_t room = step.bytes.value_or(step.chunk.value_or(UINT32_MAX));
    const auto into = buffer_.first(static_cast<std::size_t>(std::min<std::uint64_t>(room, buffer_.size())));
    const std::uint64_t wanted = step.messages.value_or(1);
    const Deadline deadline = deadline_of(step);
    std::uint64_t came = 0;
    for (bool in_time = true; came < wanted && in_time;) {
        in_time = co_await comes(deadline, line);
        if (!in_time) break;
        Endpoint from;
        const Returned r = co_await calls_.recvfrom(socket_, into, blocks(), from, line);
        if (!r.ok() && r.error == tcp::Error::Again && !blocks()) {
            in_time = co_await arrives(deadline);
        } else if (!r.ok()) {
            co_return failure(error_words(r.error));
        } else {
            ++came;
            if (step.every.ns > 0) co_await pause(step.every);
        }
    }
    if (came < wanted) note_missing(came, wanted, wanted == 1 ? "datagram" : "datagrams");
    co_return Outcome{};
}

}  // namespace synscope::sim
