// The step `connect` in its three forms: a call that blocks, one that poll() waits for, one of a crowd.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include <cerrno>

#include "net/base/text.hpp"
#include "net/host/errors.hpp"
#include "net/host/script.hpp"

namespace synscope::host {

using engine::CallResult;

Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Connect& step) {
    if (socket_.fd) co_return failure(std::string{"there is a connection already"});
    Outcome made = open_socket();
    if (!made) co_return made;
    if (setup_.turn != nullptr)
        made = co_await connect_in_turn(step);
    else
        made = step.blocking ? connect_blocking(step) : connect_polling(step);
    if (!made) co_return made;
    // The kernel takes TCP_QUICKACK back when a connection is made.
    if (const auto quick_ack = setup_.client.options.quick_ack)
        calls_.set_option(socket_, IPPROTO_TCP, TCP_QUICKACK, *quick_ack ? 1 : 0);
    encoder_ = setup_.framing.encoder({});
    decoder_ = setup_.framing.decoder({});
    said_.clear();
    unread_messages_ = 0;
    co_return Outcome{};
}

ScriptRunner::Outcome ScriptRunner::open_socket() {
    const int family = setup_.server.address.family == 6 ? AF_INET6 : AF_INET;
    if (const auto r = calls_.socket(socket_, family, datagrams() ? SOCK_DGRAM : SOCK_STREAM); !r.ok())
        return failure(errno_words(r.error));
    if (const auto set = engine::apply_options(calls_, socket_, setup_.client.options); !set)
        return failure(concat(set.error().detail, ": ", errno_words(set.error().error)));
    return {};
}

ScriptRunner::Outcome ScriptRunner::no_answer(const scenario::Connect& step) const {
    return failure(concat("no answer from ", setup_.server.text(), " within ",
                          duration_text(step.timeout.value_or(Duration{}))));
}

/// The timeout is SO_SNDTIMEO, which Linux honours for connect (socket(7)).
ScriptRunner::Outcome ScriptRunner::connect_blocking(const scenario::Connect& step) {
    const auto send_timeout = [&](Duration d) -> Outcome {
        const timeval value{d.ns / 1'000'000'000, d.ns % 1'000'000'000 / 1'000};
        const auto r = calls_.set_option(socket_, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
        if (!r.ok()) return failure(errno_words(r.error));
        return {};
    };
    if (step.timeout)
        if (const Outcome set = send_timeout(*step.timeout); !set) return set;
    const CallResult r = calls_.connect(socket_, setup_.server);
    if (!r.ok() && r.error == EINPROGRESS && step.timeout) return no_answer(step);
    if (!r.ok() && r.error == EINTR) {
        // connect(2): the handshake goes on by itself; calling again would only say EALREADY.
        if (!poll_writable(step.timeout)) return no_answer(step);
        if (const Outcome made = connect_ended(); !made) return made;
    } else if (!r.ok()) {
        return failure(concat(setup_.server.text(), ": ", errno_words(r.error)));
    }
    // The limit was for connect(); a send() may wait as long as it likes.
    return step.timeout ? send_timeout({}) : Outcome{};
}

ScriptRunner::Outcome ScriptRunner::connect_polling(const scenario::Connect& step) {
    if (const auto r = calls_.set_nonblocking(socket_); !r.ok()) return failure(errno_words(r.error));
    const CallResult r = calls_.connect(socket_, setup_.server);
    if (!r.ok() && r.error != EINPROGRESS)
        return failure(concat(setup_.server.text(), ": ", errno_words(r.error)));
    if (!r.ok()) {
        if (!poll_writable(step.timeout)) return no_answer(step);
        if (const Outcome made = connect_ended(); !made) return made;
    }
    if (const auto back = calls_.set_blocking(socket_); !back.ok()) return failure(errno_words(back.error));
    return {};
}

Task<ScriptRunner::Outcome> ScriptRunner::connect_in_turn(const scenario::Connect& step) {
    if (const auto r = calls_.set_nonblocking(socket_); !r.ok()) co_return failure(errno_words(r.error));
    std::optional<std::int64_t> until;
    if (step.timeout) until = engine::monotonic_ns() + step.timeout->ns;
    const CallResult r = calls_.connect(socket_, setup_.server);
    if (!r.ok() && r.error != EINPROGRESS)
        co_return failure(concat(setup_.server.text(), ": ", errno_words(r.error)));
    // Once and edge-triggered, which is enough: a script waits only after a call has found nothing to do.
    const auto added = calls_.epoll_ctl(setup_.turn->epoll, EPOLL_CTL_ADD, socket_.fd.get(), &socket_,
                                        EPOLLIN | EPOLLOUT | EPOLLET, setup_.turn->number);
    if (!added.ok()) co_return failure(errno_words(added.error));
    if (r.ok()) co_return Outcome{};
    co_await Wait{*this, POLLOUT, until};
    if (setup_.turn->events == 0) co_return no_answer(step);
    co_return connect_ended();
}

bool ScriptRunner::poll_writable(std::optional<Duration> most) {
    Deadline until;
    if (most) until = engine::monotonic_ns() + most->ns;
    return poll_for(POLLOUT, until);
}

ScriptRunner::Outcome ScriptRunner::connect_ended() {
    const int error = calls_.take_error(socket_);
    if (error != 0) return failure(concat(setup_.server.text(), ": ", errno_words(error)));
    return {};
}

}  // namespace synscope::host
