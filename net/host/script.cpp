#include "net/host/script.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "net/base/text.hpp"
#include "net/host/errors.hpp"
#include "net/host/pause.hpp"

namespace synscope::host {

using engine::CallResult;
using engine::Io;
using engine::IoStatus;

namespace {

std::string_view step_name(const scenario::StepAction& action) {
    return std::visit(Overload{[](const scenario::Connect&) { return std::string_view{"connect"}; },
                               [](const scenario::Send&) { return std::string_view{"send"}; },
                               [](const scenario::Recv&) { return std::string_view{"recv"}; },
                               [](const scenario::Wait&) { return std::string_view{"wait"}; },
                               [](const scenario::Shutdown&) { return std::string_view{"shutdown"}; },
                               [](const scenario::Close&) { return std::string_view{"close"}; },
                               [](const scenario::Mark&) { return std::string_view{"mark"}; },
                               [](const scenario::Reset&) { return std::string_view{"reset"}; },
                               [](const scenario::Resolve&) { return std::string_view{"resolve"}; },
                               [](const scenario::Ping&) { return std::string_view{"ping"}; },
                               [](const scenario::Dhcp&) { return std::string_view{"dhcp"}; }},
                      action);
}

}  // namespace

ScriptRunner::ScriptRunner(engine::Calls& calls, const scenario::Client& client,
                           const framing::FramingInfo& framing, const Endpoint& server)
    : calls_(calls), client_(client), framing_(framing), server_(server), buffer_(65536) {}

Result<void, UserError> ScriptRunner::run() {
    Result<void, UserError> result;
    for (std::size_t i = 0; i < client_.steps.size() && result; ++i) {
        const scenario::Step& current = client_.steps[i];
        const Outcome outcome =
            std::visit([this](const auto& action) { return step(action); }, current.action);
        if (!outcome)
            result =
                failure(UserError{concat("client '", client_.name, "', step ", i + 1, " (",
                                         step_name(current.action), "): ", outcome.error()),
                                  current.line > 0 ? concat("scenario line ", current.line) : std::string{},
                                  {}});
    }
    hang_up();
    return result;
}

void ScriptRunner::hang_up() {
    if (socket_.fd) calls_.close(socket_);
}

ScriptRunner::Outcome ScriptRunner::connected() const {
    if (!socket_.fd) return failure(std::string{"there is no connection"});
    return {};
}

void ScriptRunner::framed(const framing::Placed& placed, bool outgoing) {
    engine::Observer* observer = calls_.observer();
    if (observer == nullptr || !framing_.boundaries) return;
    observer->emit(engine::monotonic_ns(), std::nullopt,
                   MessageFramed{socket_.id, outgoing, placed.index, placed.bytes, placed.body,
                                 observer->intern(framing_.name)});
}

// ---- steps
// --------------------------------------------------------------------------------------------------------

ScriptRunner::Outcome ScriptRunner::step(const scenario::Connect& step) {
    if (socket_.fd) return failure(std::string{"there is a connection already"});
    const auto failed = [](const CallResult& r) { return failure(errno_words(r.error)); };
    const int family = server_.address.family == 6 ? AF_INET6 : AF_INET;
    if (const auto r = calls_.socket(socket_, family, SOCK_STREAM); !r.ok()) return failed(r);
    if (const auto set = engine::apply_options(calls_, socket_, client_.options); !set)
        return failure(concat(set.error().detail, ": ", errno_words(set.error().error)));
    const auto send_timeout = [&](Duration d) {
        const timeval value{d.ns / 1'000'000'000, d.ns % 1'000'000'000 / 1'000};
        return calls_.set_option(socket_, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
    };
    if (step.timeout)
        if (const auto r = send_timeout(*step.timeout); !r.ok()) return failed(r);

    const CallResult r = calls_.connect(socket_, server_);
    if (!r.ok() && r.error == EINPROGRESS && step.timeout)
        return failure(concat("no answer from ", server_.text(), " within ", duration_text(*step.timeout)));
    if (!r.ok() && r.error == EINTR) {
        if (const Outcome done = finish_interrupted_connect(); !done) return done;
    } else if (!r.ok()) {
        return failure(concat(server_.text(), ": ", errno_words(r.error)));
    }
    // The limit was for connect(); a send() may wait as long as it likes.
    if (step.timeout)
        if (const auto reset = send_timeout({}); !reset.ok()) return failed(reset);
    // The kernel takes TCP_QUICKACK back when a connection is made.
    if (client_.options.quick_ack)
        calls_.set_option(socket_, IPPROTO_TCP, TCP_QUICKACK, *client_.options.quick_ack ? 1 : 0);
    encoder_ = framing_.encoder({});
    decoder_ = framing_.decoder({});
    unread_messages_ = 0;
    return {};
}

/// connect(2): after EINTR the handshake goes on by itself; calling again would only say EALREADY.
ScriptRunner::Outcome ScriptRunner::finish_interrupted_connect() {
    pollfd writable{socket_.fd.get(), POLLOUT, 0};
    while (::poll(&writable, 1, -1) < 0 && errno == EINTR) {
    }
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return failure(concat(server_.text(), ": ", errno_words(error)));
    return {};
}

ScriptRunner::Outcome ScriptRunner::step(const scenario::Send& step) {
    if (const Outcome there = connected(); !there) return there;
    std::vector<std::byte> body;
    body.reserve(step.data.size() * step.repeat);
    for (std::uint32_t i = 0; i < step.repeat; ++i)
        std::transform(step.data.begin(), step.data.end(), std::back_inserter(body),
                       [](char c) { return static_cast<std::byte>(c); });
    std::vector<std::byte> bytes;
    const auto placed = encoder_->encode(body, bytes);
    if (!placed) return failure(framing::fault_text(placed.error()));
    framed(*placed, true);
    if (const Outcome sent = send_all(bytes); !sent) return sent;
    chunk_ = buffer_.size();
    every_ = {};
    while (encoder_->waiting()) {
        const auto more = read_once(buffer_.size());
        if (!more) return failure(more.error());
        if (!*more) return failure(std::string{"the server closed the connection before it was ready"});
    }
    return {};
}

ScriptRunner::Outcome ScriptRunner::send_all(ByteSpan bytes) {
    for (ByteSpan rest{bytes}; !rest.empty();) {
        const Io io = engine::send_some(calls_, socket_, rest);
        if (io.status != IoStatus::Some)
            return failure(concat(errno_words(io.error), " after ", bytes.size() - rest.size(), " of ",
                                  bytes.size(), " bytes"));
        rest = rest.subspan(io.count);
    }
    return {};
}

void ScriptRunner::take_messages() {
    while (const auto message = decoder_->next()) {
        framed(*message, false);
        ++unread_messages_;
    }
}

Result<bool, std::string> ScriptRunner::read_once(std::size_t most_bytes) {
    const auto into = MutableByteSpan{buffer_}.first(std::min({most_bytes, buffer_.size(), chunk_}));
    const std::uint64_t before = unread_bytes_;
    const Io io = engine::recv_some(calls_, socket_, into);
    if (io.status == IoStatus::End) return false;
    if (io.status != IoStatus::Some) return failure(errno_words(io.error));
    unread_bytes_ = before + io.count;
    decoder_->feed(into.first(io.count));
    take_messages();
    if (const auto error = decoder_->error()) return failure(framing::fault_text(*error));
    std::vector<std::byte> said;
    while (const auto signal = decoder_->signal())
        encoder_->hear(*signal, said);
    if (const Outcome sent = send_all(said); !sent) return failure(sent.error());
    if (every_.ns > 0) pause_for(every_, -1);
    return true;
}

ScriptRunner::Outcome ScriptRunner::step(const scenario::Recv& step) {
    if (const Outcome there = connected(); !there) return there;
    chunk_ = step.chunk.value_or(buffer_.size());
    every_ = step.every;
    const auto closed_after = [](std::uint64_t have, std::uint64_t wanted, std::string_view unit) {
        return failure(concat("the server closed the connection after ", have, " of ", wanted, " ", unit));
    };
    if (step.bytes) {
        // Exactly so many: what came beyond stays with the kernel, for the next step.
        for (std::uint64_t left = *step.bytes; left > 0;) {
            unread_bytes_ = 0;
            const auto more = read_once(left);
            if (!more) return failure(more.error());
            if (!*more) return closed_after(*step.bytes - left, *step.bytes, "bytes");
            left -= unread_bytes_;
        }
    } else if (step.messages) {
        while (unread_messages_ < *step.messages) {
            const auto more = read_once(buffer_.size());
            if (!more) return failure(more.error());
            if (!*more) return closed_after(unread_messages_, *step.messages, "messages");
        }
    } else {
        for (;;) {
            const auto more = read_once(buffer_.size());
            if (!more) return failure(more.error());
            if (!*more) break;
        }
        decoder_->finish();
        take_messages();
        if (const auto error = decoder_->at_end()) return failure(framing::fault_text(*error));
    }
    unread_messages_ -= std::min(unread_messages_, step.messages.value_or(unread_messages_));
    return {};
}

ScriptRunner::Outcome ScriptRunner::step(const scenario::Wait& step) {
    pause_for(step.duration, -1);
    return {};
}

ScriptRunner::Outcome ScriptRunner::step(const scenario::Shutdown& step) {
    if (const Outcome there = connected(); !there) return there;
    const int how = step.how == scenario::ShutdownHow::Read    ? SHUT_RD
                    : step.how == scenario::ShutdownHow::Write ? SHUT_WR
                                                               : SHUT_RDWR;
    const CallResult r = calls_.shutdown(socket_, how);
    if (!r.ok()) return failure(errno_words(r.error));
    return {};
}

ScriptRunner::Outcome ScriptRunner::step(const scenario::Close&) {
    if (const Outcome there = connected(); !there) return there;
    hang_up();
    return {};
}

ScriptRunner::Outcome ScriptRunner::step(const scenario::Reset&) {
    if (const Outcome there = connected(); !there) return there;
    const linger now{1, 0};
    const CallResult r = calls_.set_option(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    if (!r.ok()) return failure(errno_words(r.error));
    hang_up();
    return {};
}

// scenario::needs_simulator() refuses these before anything runs.
ScriptRunner::Outcome ScriptRunner::step(const scenario::Resolve&) {
    return failure(std::string{"only the simulator can"});
}
ScriptRunner::Outcome ScriptRunner::step(const scenario::Ping&) {
    return failure(std::string{"only the simulator can"});
}
ScriptRunner::Outcome ScriptRunner::step(const scenario::Dhcp&) {
    return failure(std::string{"only the simulator can"});
}

ScriptRunner::Outcome ScriptRunner::step(const scenario::Mark& step) {
    if (engine::Observer* observer = calls_.observer(); observer != nullptr)
        observer->emit(engine::monotonic_ns(), std::nullopt,
                       Marker{observer->intern(step.name), socket_.id, static_cast<bool>(socket_.fd)});
    return {};
}

}  // namespace synscope::host
