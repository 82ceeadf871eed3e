#include "net/host/script.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/base/text.hpp"
#include "net/host/errors.hpp"
#include "net/host/pause.hpp"

namespace synscope::host {

using engine::CallResult;
using engine::Io;
using engine::IoStatus;

ScriptRunner::ScriptRunner(ScriptSetup setup) : setup_(std::move(setup)), calls_(setup_.calls) {}

Task<void> ScriptRunner::run() {
    const auto& steps = setup_.client.steps;
    for (std::size_t i = 0; i < steps.size() && outcome_; ++i) {
        const scenario::Step& current = steps[i];
        const Outcome done =
            co_await std::visit([this](const auto& action) { return step(action); }, current.action);
        if (!done)
            outcome_ =
                failure(UserError{concat(setup_.owner, ", step ", i + 1, " (",
                                         scenario::step_name(current.action), "): ", done.error()),
                                  current.line > 0 ? concat("scenario line ", current.line) : std::string{},
                                  {}});
    }
    hang_up();
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
    if (observer == nullptr || !setup_.framing.boundaries) return;
    observer->emit(engine::monotonic_ns(), std::nullopt,
                   MessageFramed{socket_.id, outgoing, placed.index, placed.bytes, placed.body,
                                 observer->intern(setup_.framing.name)});
}

// ---- waiting
// ------------------------------------------------------------------------------------------------------

bool ScriptRunner::Wait::await_ready() const {
    if (script.setup_.turn != nullptr) return false;
    if (until) pause_for(Duration{*until - engine::monotonic_ns()}, -1);
    return true;
}

void ScriptRunner::Wait::await_suspend(std::coroutine_handle<> waiting) const noexcept {
    Turn& turn = *script.setup_.turn;
    turn.script = waiting;
    turn.events = events;
    turn.until = until;
}

ScriptRunner::Wait ScriptRunner::pause(Duration duration) {
    return {*this, 0, engine::monotonic_ns() + duration.ns};
}

ScriptRunner::Deadline ScriptRunner::deadline_of(const scenario::Recv& step) {
    if (!step.timeout) return {};
    return engine::monotonic_ns() + step.timeout->ns;
}

bool ScriptRunner::nothing_comes(Deadline until) {
    return setup_.turn == nullptr && until && !poll_for(POLLIN, until);
}

bool ScriptRunner::poll_for(short events, Deadline until) {
    for (;;) {
        int left_ms = -1;
        if (until) {
            // Rounded up: poll() counts in milliseconds, and must not say too early that the time is over.
            const std::int64_t left_ns = *until - engine::monotonic_ns();
            left_ms = left_ns > 0 ? static_cast<int>((left_ns + 999'999) / 1'000'000) : 0;
        }
        pollfd wanted{socket_.fd.get(), events, 0};
        const CallResult r = calls_.poll({&wanted, 1}, left_ms);
        if (r.value > 0) {
            calls_.ready(socket_, static_cast<std::uint32_t>(wanted.revents), ReadinessVia::Poll);
            return true;
        }
        if (r.value == 0 || r.error != EINTR) return false;
    }
}

void ScriptRunner::note_missing(std::uint64_t came, std::uint64_t wanted, std::string_view unit) {
    engine::Observer* observer = calls_.observer();
    if (observer == nullptr) return;
    const std::string text =
        concat(setup_.owner, ": the time is over after ", came, " of ", wanted, " ", unit, ": it goes on");
    observer->emit(engine::monotonic_ns(), std::nullopt, Note{Severity::Warning, observer->intern(text)});
}

// ---- moving bytes
// ------------------------------------------------------------------------------------------------------

Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Send& step) {
    if (const Outcome there = connected(); !there) co_return there;
    std::vector<std::byte> body;
    body.reserve(step.data.size() * step.repeat);
    for (std::uint32_t i = 0; i < step.repeat; ++i)
        std::transform(step.data.begin(), step.data.end(), std::back_inserter(body),
                       [](char c) { return static_cast<std::byte>(c); });
    if (datagrams()) co_return co_await send_datagrams(body, {step.chunk, step.every});
    std::vector<std::byte> bytes;
    const auto placed = encoder_->encode(body, bytes);
    if (!placed) co_return failure(framing::fault_text(placed.error()));
    framed(*placed, true);
    Outcome sent = co_await send_all(bytes, {step.chunk, step.every});
    if (!sent) co_return sent;
    const auto until_told = [this](std::uint64_t) { return encoder_->waiting() ? setup_.buffer.size() : 0; };
    const auto heard = co_await read_while(until_told, {}, {});
    if (!heard) co_return failure(heard.error());
    if (heard->ended) co_return failure(std::string{"the server closed the connection before it was ready"});
    co_return Outcome{};
}

Task<ScriptRunner::Outcome> ScriptRunner::send_all(ByteSpan bytes, Pace pace) {
    for (ByteSpan rest{bytes}; !rest.empty();) {
        const std::size_t size = std::min<std::size_t>(rest.size(), pace.chunk.value_or(UINT32_MAX));
        const Io io = engine::send_some(calls_, socket_, rest.first(size));
        if (io.status == IoStatus::WouldBlock) {
            co_await readiness(POLLOUT);
            continue;
        }
        if (io.status != IoStatus::Some)
            co_return failure(concat(errno_words(io.error), " after ", bytes.size() - rest.size(), " of ",
                                     bytes.size(), " bytes"));
        rest = rest.subspan(io.count);
        if (pace.every.ns > 0) co_await pause(pace.every);
    }
    co_return Outcome{};
}

void ScriptRunner::take_messages() {
    while (const auto message = decoder_->next()) {
        framed(*message, false);
        ++unread_messages_;
    }
}

ScriptRunner::Outcome ScriptRunner::take(ByteSpan bytes) {
    decoder_->feed(bytes);
    take_messages();
    if (const auto error = decoder_->error()) return failure(framing::fault_text(*error));
    while (const auto signal = decoder_->signal())
        encoder_->hear(*signal, said_);
    return {};
}

template <class Wanted>
Task<Result<ScriptRunner::Came, std::string>> ScriptRunner::read_while(Wanted wanted, Pace pace,
                                                                       Deadline until) {
    Came came;
    for (;;) {
        const std::size_t most = std::min<std::uint64_t>(wanted(came.bytes), setup_.buffer.size());
        if (most == 0) co_return came;
        const auto into = setup_.buffer.first(std::min<std::size_t>(most, pace.chunk.value_or(UINT32_MAX)));
        came.missed = nothing_comes(until);
        if (came.missed) co_return came;
        const Io io = engine::recv_some(calls_, socket_, into);
        if (io.status == IoStatus::WouldBlock) {
            co_await arrival(until);
            came.missed = expired();
            if (came.missed) co_return came;
            continue;
        }
        if (io.status == IoStatus::Failed) co_return failure(errno_words(io.error));
        came.ended = io.status == IoStatus::End;
        if (came.ended) co_return came;
        came.bytes += io.count;
        if (const Outcome taken = take(into.first(io.count)); !taken) co_return failure(taken.error());
        if (!said_.empty()) {
            const std::vector<std::byte> said = std::exchange(said_, {});
            const Outcome sent = co_await send_all(said, {});
            if (!sent) co_return failure(sent.error());
        }
        if (pace.every.ns > 0) co_await pause(pace.every);
    }
}

Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Recv& step) {
    if (const Outcome there = connected(); !there) co_return there;
    if (datagrams()) co_return co_await receive_datagrams(step);
    const auto wanted = [this, &step](std::uint64_t come) -> std::uint64_t {
        // Exactly so many: what came beyond stays with the kernel, for the next step.
        if (step.bytes) return *step.bytes - come;
        if (step.messages && unread_messages_ >= *step.messages) return 0;
        return setup_.buffer.size();
    };
    const auto came = co_await read_while(wanted, {step.chunk, step.every}, deadline_of(step));
    if (!came) co_return failure(came.error());
    const auto closed_after = [](std::uint64_t have, std::uint64_t asked, std::string_view unit) {
        return failure(concat("the server closed the connection after ", have, " of ", asked, " ", unit));
    };
    if (came->ended && step.bytes) co_return closed_after(came->bytes, *step.bytes, "bytes");
    if (came->ended && step.messages) co_return closed_after(unread_messages_, *step.messages, "messages");
    if (came->missed && step.bytes) note_missing(came->bytes, *step.bytes, "bytes");
    if (came->missed && step.messages) note_missing(unread_messages_, *step.messages, "messages");
    if (came->missed && step.until_eof) note_missing(0, 1, "end-of-file");
    if (came->ended && step.until_eof) {
        decoder_->finish();
        take_messages();
        if (const auto error = decoder_->at_end()) co_return failure(framing::fault_text(*error));
    }
    unread_messages_ -= std::min(unread_messages_, step.messages.value_or(unread_messages_));
    co_return Outcome{};
}

Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Wait& step) {
    co_await pause(step.duration);
    co_return Outcome{};
}

// ---- closing
// ------------------------------------------------------------------------------------------------------

Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Shutdown& step) {
    if (const Outcome there = connected(); !there) co_return there;
    const int how = step.how == scenario::ShutdownHow::Read    ? SHUT_RD
                    : step.how == scenario::ShutdownHow::Write ? SHUT_WR
                                                               : SHUT_RDWR;
    const CallResult r = calls_.shutdown(socket_, how);
    if (!r.ok()) co_return failure(errno_words(r.error));
    co_return Outcome{};
}

Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Close&) {
    if (const Outcome there = connected(); !there) co_return there;
    hang_up();
    co_return Outcome{};
}

Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Reset&) {
    if (const Outcome there = connected(); !there) co_return there;
    const linger now{1, 0};
    const CallResult r = calls_.set_option(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    if (!r.ok()) co_return failure(errno_words(r.error));
    hang_up();
    co_return Outcome{};
}

// scenario::needs_simulator() refuses these before anything runs.
Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Resolve&) {
    co_return failure(std::string{"only the simulator can"});
}
Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Ping&) {
    co_return failure(std::string{"only the simulator can"});
}
Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Dhcp&) {
    co_return failure(std::string{"only the simulator can"});
}

Task<ScriptRunner::Outcome> ScriptRunner::step(const scenario::Mark& step) {
    engine::Observer* observer = calls_.observer();
    // A mark has one moment: of a crowd, the first one's.
    const bool first = setup_.turn == nullptr || setup_.turn->number == 0;
    if (observer != nullptr && first)
        observer->emit(engine::monotonic_ns(), std::nullopt,
                       Marker{observer->intern(step.name), socket_.id, static_cast<bool>(socket_.fd)});
    co_return Outcome{};
}

}  // namespace synscope::host
