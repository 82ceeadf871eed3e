#include "sim/run/calls.hpp"

#include <algorithm>

#include "net/base/text.hpp"

namespace synscope::sim {

namespace {

constexpr std::int64_t kInet = 2;    // AF_INET
constexpr std::int64_t kStream = 1;  // SOCK_STREAM

KernelSample sample_of(SocketId socket, TcpState state, const tcp::TcpInfo& info) {
    KernelSample k;
    k.socket = socket;
    k.source = SampleSource::Simulator;
    k.state = state;
    k.congestion_state = info.ca_state;
    k.not_sent = info.notsent_bytes;
    k.unacked = info.unacked;
    k.retransmits = info.retransmits;
    k.total_retransmits = info.total_retrans;
    k.snd_cwnd = info.snd_cwnd;
    k.snd_ssthresh = info.snd_ssthresh;
    k.snd_mss = info.snd_mss;
    k.rcv_mss = info.rcv_mss;
    k.snd_wnd = info.snd_wnd;
    k.rcv_wnd = info.rcv_wnd;
    k.rtt_us = info.rtt;
    k.rttvar_us = info.rttvar;
    k.rto_us = info.rto;
    k.ato_us = info.ato;
    return k;
}

}  // namespace

std::string error_words(tcp::Error error) {
    const int number = static_cast<int>(error);
    const auto name = errno_name(number);
    return name ? std::string(*name) : concat("error ", number);
}

Calls::Calls(Process& process, Recorder& recorder, std::string_view file)
    : process_(process), recorder_(recorder), file_(recorder.out().intern(file)) {}

// ---- recording
// ------------------------------------------------------------------------------------------------------

EventId Calls::emit(std::optional<EventId> cause, const EventBody& body) {
    return recorder_.out().emit(now(), process_.identity().actor, cause, body);
}

Calls::Entered Calls::enter(Syscall call, const SimSocket* s, std::array<std::int64_t, 2> args, int line) {
    if (s != nullptr && s->open()) sample(*s, std::nullopt);
    SyscallEntered body;
    body.call = call;
    body.fd = s != nullptr ? s->fd : -1;
    body.has_socket = s != nullptr && s->open();
    if (body.has_socket) body.socket = s->id;
    body.thread = process_.identity().thread;
    body.args = args;
    body.source = {file_, static_cast<std::uint32_t>(std::max(line, 0))};
    return {call, body.fd, body.has_socket ? std::optional(body.socket) : std::nullopt,
            emit(std::nullopt, body), UINT64_MAX};
}

void Calls::act(const Entered& entered) {
    recorder_.set_cause(process_.machine().box(), now(), entered.event);
}

Returned Calls::leave(const Entered& entered, std::int64_t value, tcp::Error error, SimSocket* moved) {
    SyscallReturned body;
    body.call = entered.call;
    body.fd = entered.fd;
    body.has_socket = entered.socket.has_value();
    body.socket = entered.socket.value_or(SocketId{});
    body.thread = process_.identity().thread;
    body.result = value;
    body.error = static_cast<std::int32_t>(error);
    if (moved != nullptr && value > 0) {
        std::uint64_t& offset = writes_stream(entered.call) ? moved->bytes_written : moved->bytes_read;
        body.bytes = {offset, offset + std::min(static_cast<std::uint64_t>(value), entered.room)};
        offset = body.bytes.end;
    }
    const EventId event = emit(entered.event, body);
    if (moved != nullptr && moved->open()) sample(*moved, event);
    return {value, error, event};
}

void Calls::sample(const SimSocket& s, std::optional<EventId> cause) {
    if (s.datagram) return;
    const tcp::Tcb* tcb = tcp().find(s.id);
    // A socket that has not begun is CLOSED, as everybody knows.
    if (tcb == nullptr || (tcb->state == TcpState::Closed && !tcb->ever_established)) return;
    KernelSample k = sample_of(s.id, tcb->state, tcp().info(now(), s.id));
    if (tcb->state == TcpState::Listen) {
        k = KernelSample{};
        k.socket = s.id;
        k.source = SampleSource::Simulator;
        k.state = TcpState::Listen;
        k.receive_queue = static_cast<std::uint32_t>(tcb->listen.accept_queue.size());
    } else {
        k.receive_queue = tcp().unread(s.id);
        k.send_queue = tcp().unacknowledged(s.id);
    }
    emit(cause, k);
}

void Calls::name(const SimSocket& s, SocketRole role, std::optional<EventId> cause) {
    emit(cause, SocketNamed{s.id, s.fd, role, s.local, s.remote});
}

void Calls::ready(const SimSocket& s, std::uint32_t mask, ReadinessVia via) {
    emit(std::nullopt, ReadinessReported{s.fd, s.id, process_.identity().thread, mask, via});
}

void Calls::framed(const SimSocket& s, bool outgoing, std::uint32_t index, ByteRange bytes, ByteRange body,
                   std::string_view framing) {
    emit(std::nullopt, MessageFramed{s.id, outgoing, index, bytes, body, recorder_.out().intern(framing)});
}

Task<void> Calls::busy(std::string_view reason, Duration duration, const SimSocket& s) {
    if (duration.ns <= 0) co_return;
    const TextId text = recorder_.out().intern(reason);
    const EventId began = emit(std::nullopt, BusyBegan{text, duration, s.id, s.open()});
    co_await process_.sleep(duration);
    emit(began, BusyEnded{text});
}

void Calls::mark(std::string_view name, const SimSocket& s) {
    emit(std::nullopt, Marker{recorder_.out().intern(name), s.id, s.open()});
}

void Calls::note(Severity severity, std::string_view text) {
    emit(std::nullopt, Note{severity, recorder_.out().intern(text)});
}

std::int32_t Calls::free_fd() {
    const auto place = std::find(fds_.begin(), fds_.end(), false);
    const auto fd = static_cast<std::int32_t>(place - fds_.begin());
    if (place == fds_.end())
        fds_.push_back(true);
    else
        *place = true;
    return fd;
}

// ---- the calls
// ------------------------------------------------------------------------------------------------------

Task<Returned> Calls::socket(SimSocket& out, int line) {
    co_await process_.sleep(kBetween);
    out = SimSocket{};
    const Entered entered = enter(Syscall::Socket, nullptr, {kInet, kStream}, line);
    co_await process_.sleep(kEntry + kExit);
    out.id = tcp().create();
    recorder_.owns(process_.machine().box(), out.id, process_.identity().actor);
    out.fd = free_fd();
    co_return leave(entered, out.fd, tcp::Error::None);
}

Task<Returned> Calls::bind(SimSocket& s, Endpoint to, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Bind, &s, {}, line);
    co_await process_.sleep(kEntry + kExit);
    const tcp::Error error = s.datagram ? take_port(s, to) : tcp().bind(s.id, to);
    const Returned result = leave(entered, error == tcp::Error::None ? 0 : -1, error);
    if (s.datagram && result.ok()) name(s, SocketRole::Datagram, result.event);
    co_return result;
}

Task<Returned> Calls::listen(SimSocket& s, int backlog, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Listen, &s, {backlog, 0}, line);
    co_await process_.sleep(kEntry);
    act(entered);
    const tcp::Error error = tcp().listen(now(), s.id, static_cast<std::uint32_t>(std::max(backlog, 0)));
    process_.machine().pump();
    co_await process_.sleep(kExit);
    const Returned result = leave(entered, error == tcp::Error::None ? 0 : -1, error);
    if (result.ok()) {
        if (const tcp::Tcb* tcb = tcp().find(s.id)) s.local = tcb->local;
        recorder_.owns_port(process_.machine().box(), s.local.port, process_.identity().actor);
        name(s, SocketRole::Listener, result.event);
    }
    co_return result;
}

Task<Returned> Calls::accept(SimSocket& listener, SimSocket& out, bool wait, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Accept, &listener, {}, line);
    co_await process_.sleep(kEntry);
    auto taken = tcp().accept(now(), listener.id);
    while (!taken && taken.error() == tcp::Error::Again && wait) {
        co_await process_.event();
        taken = tcp().accept(now(), listener.id);
    }
    act(entered);
    process_.machine().pump();
    if (taken) recorder_.owns(process_.machine().box(), *taken, process_.identity().actor);
    co_await process_.sleep(kExit);
    if (!taken) co_return leave(entered, -1, taken.error());
    out = SimSocket{};
    out.id = *taken;
    out.fd = free_fd();
    if (const tcp::Tcb* tcb = tcp().find(out.id)) {
        out.local = tcb->local;
        out.remote = tcb->remote;
    }
    const Returned result = leave(entered, out.fd, tcp::Error::None);
    name(out, SocketRole::Accepted, result.event);
    sample(out, result.event);
    co_return result;
}

Task<Returned> Calls::connect(SimSocket& s, Endpoint to, bool wait, std::optional<Duration> most, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Connect, &s, {}, line);
    const std::optional<Instant> deadline = most ? std::optional(now() + *most) : std::nullopt;
    s.remote = to;
    co_await process_.sleep(kEntry);
    act(entered);
    tcp::Error error = tcp().connect(now(), s.id, to);
    process_.machine().pump();
    // Named now, not when it returns: the SYN is out, and what becomes of it belongs to this socket.
    if (const tcp::Tcb* tcb = tcp().find(s.id); tcb != nullptr && tcb->local.port != 0) {
        s.local = tcb->local;
        name(s, SocketRole::Connecting, entered.event);
    }
    while (error == tcp::Error::InProgress && wait) {
        const tcp::Tcb* tcb = tcp().find(s.id);
        const std::uint32_t ready = tcp().poll(s.id);
        if (tcb == nullptr || (ready & (tcp::readiness::kErr | tcp::readiness::kHup)) != 0) {
            error = tcp().take_error(s.id);
            if (error == tcp::Error::None) error = tcp::Error::ConnectionRefused;
        } else if (tcb->state != TcpState::SynSent && tcb->state != TcpState::SynReceived) {
            error = tcp::Error::None;
        } else if (deadline && now() >= *deadline) {
            break;
        } else {
            co_await process_.event(deadline);
        }
    }
    co_await process_.sleep(kExit);
    co_return leave(entered, error == tcp::Error::None ? 0 : -1, error, &s);
}

Task<Returned> Calls::send(SimSocket& s, ByteSpan bytes, bool wait, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Send, &s, {static_cast<std::int64_t>(bytes.size()), 0}, line);
    co_await process_.sleep(kEntry);
    std::size_t done = 0;
    tcp::Error error = tcp::Error::None;
    for (;;) {
        act(entered);
        const tcp::IoResult r = tcp().send(now(), s.id, bytes.subspan(done));
        process_.machine().pump();
        done += r.bytes;
        error = r.error;
        // A blocking send() returns when all of it lies in the send buffer.
        if (!wait || done == bytes.size() || (error != tcp::Error::None && error != tcp::Error::Again)) break;
        co_await process_.event();
    }
    co_await process_.sleep(kExit);
    if (done > 0) co_return leave(entered, static_cast<std::int64_t>(done), tcp::Error::None, &s);
    co_return leave(entered, -1, error, &s);
}

Task<Returned> Calls::recv(SimSocket& s, MutableByteSpan into, bool wait, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Recv, &s, {static_cast<std::int64_t>(into.size()), 0}, line);
    co_await process_.sleep(kEntry);
    tcp::IoResult r;
    for (;;) {
        act(entered);
        r = tcp().receive(now(), s.id, into);
        process_.machine().pump();
        if (r.error != tcp::Error::Again || !wait) break;
        co_await process_.event();
    }
    co_await process_.sleep(kExit);
    const bool failed = r.error != tcp::Error::None;
    co_return leave(entered, failed ? -1 : static_cast<std::int64_t>(r.bytes), r.error, &s);
}

Task<Returned> Calls::shutdown(SimSocket& s, tcp::ShutdownHow how, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Shutdown, &s, {static_cast<std::int64_t>(how), 0}, line);
    co_await process_.sleep(kEntry);
    act(entered);
    const tcp::Error error = tcp().shutdown(now(), s.id, how);
    process_.machine().pump();
    co_await process_.sleep(kExit);
    co_return leave(entered, error == tcp::Error::None ? 0 : -1, error, &s);
}

Task<Returned> Calls::close(SimSocket& s, bool wait, int line) {
    co_await process_.sleep(kBetween);
    const Entered entered = enter(Syscall::Close, &s, {}, line);
    co_await process_.sleep(kEntry);
    act(entered);
    const std::optional<Instant> until = s.datagram ? std::nullopt : tcp().begin_close(now(), s.id, !wait);
    process_.machine().pump();
    while (until && now() < *until && tcp().closing(s.id))
        co_await process_.event(until);
    act(entered);
    if (s.datagram)
        udp().close(s.local.port);
    else
        tcp().close(now(), s.id);
    process_.machine().pump();
    co_await process_.sleep(kExit);
    fds_[static_cast<std::size_t>(s.fd)] = false;
    s.fd = -1;
    co_return leave(entered, 0, tcp::Error::None);
}

}  // namespace synscope::sim
