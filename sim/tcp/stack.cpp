#include "sim/tcp/stack.hpp"

#include <algorithm>

#include "sim/tcp/core.hpp"
#include "sim/tcp/icmp.hpp"
#include "sim/tcp/segment_arrives.hpp"
#include "sim/tcp/segment_out.hpp"
#include "sim/tcp/seq.hpp"
#include "sim/tcp/timeouts.hpp"
#include "sim/tcp/user_calls.hpp"
#include "sim/tcp/window.hpp"

namespace synscope::sim::tcp {
namespace {

/// One call into the stack: its time, and what is swept when it is over.
class Call {
  public:
    Call(Core& core, Instant now) noexcept : core_(core) { core.now = std::max(core.now, now); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { core_.sweep(); }
    /// The connection if the user still holds it.
    [[nodiscard]] Tcb* user(SocketId id) const noexcept {
        Tcb* t = core_.find(id);
        return t == nullptr || t->orphan ? nullptr : t;
    }

  private:
    Core& core_;
};

}  // namespace

Stack::Stack(StackOptions options) : core_(std::make_unique<Core>(std::move(options))) {}
Stack::Stack(Stack&&) noexcept = default;
Stack& Stack::operator=(Stack&&) noexcept = default;
Stack::~Stack() = default;

void Stack::arrives(Instant now, const Segment& segment) {
    const Call call{*core_, now};
    segment_arrives(*core_, segment);
}
void Stack::icmp(Instant now, const IcmpReport& report) {
    const Call call{*core_, now};
    icmp_arrives(*core_, report);
}
Instant Stack::next_deadline() const noexcept {
    return core_->deadlines.first();
}

void Stack::advance(Instant now) {
    for (;;) {
        const Instant due = core_->deadlines.first();
        if (due == kNever || due > now) break;
        const Call call{*core_, due};
        timeouts(*core_, *core_->slots[core_->deadlines.first_slot()]);
    }
    core_->now = std::max(core_->now, now);
}
std::vector<Segment>& Stack::output() noexcept {
    return core_->out;
}
std::vector<SocketId>& Stack::wakeups() noexcept {
    return core_->woken;
}

SocketId Stack::create() {
    Tcb& t = core_->create();
    t.rcv.buffer = core_->p.rmem.initial;
    t.send_buffer = core_->p.wmem.initial;
    return t.id;
}
Error Stack::bind(SocketId socket, const Endpoint& local) {
    const Call call{*core_, core_->now};
    Tcb* t = call.user(socket);
    return t == nullptr ? Error::BadDescriptor : bind_socket(*core_, *t, local);
}
Error Stack::listen(Instant now, SocketId socket, std::uint32_t backlog) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    return t == nullptr ? Error::BadDescriptor : passive_open(*core_, *t, backlog);
}
Error Stack::connect(Instant now, SocketId socket, const Endpoint& remote) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    if (t == nullptr) return Error::BadDescriptor;
    bool handled = false;
    const Error again = connect_again(*t, handled);
    return handled ? again : active_open(*core_, *t, remote);
}
Result<SocketId, Error> Stack::accept(Instant now, SocketId listener) {
    const Call call{*core_, now};
    Tcb* t = call.user(listener);
    if (t == nullptr) return failure(Error::BadDescriptor);
    return accept_connection(*core_, *t);
}
IoResult Stack::send(Instant now, SocketId socket, ByteSpan bytes, SendFlags flags) {
    return send(now, socket, Payload::copy_of(bytes), flags);
}
IoResult Stack::send(Instant now, SocketId socket, const Payload& bytes, SendFlags flags) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    return t == nullptr ? IoResult{0, Error::BadDescriptor} : send_bytes(*core_, *t, bytes, flags);
}
IoResult Stack::send_to(Instant now, SocketId socket, const Endpoint& remote, const Payload& bytes,
                        SendFlags flags) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    if (t == nullptr) return {0, Error::BadDescriptor};
    if (!flags.fast_open) return send_bytes(*core_, *t, bytes, flags);
    return send_with_open(*core_, *t, remote, bytes, flags);
}
IoResult Stack::receive(Instant now, SocketId socket, MutableByteSpan out, ReceiveFlags flags) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    return t == nullptr ? IoResult{0, Error::BadDescriptor} : receive_bytes(*core_, *t, out, flags);
}
Result<Payload, Error> Stack::take(Instant now, SocketId socket, std::size_t most) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    if (t == nullptr) return failure(Error::BadDescriptor);
    Payload bytes = t->received.take(most);
    if (bytes.empty()) {
        const auto answer = read_answer_without_bytes(*t);
        if (!answer) return failure(Error::Again);
        if (answer->error != Error::None) return failure(Error{answer->error});
        return Payload{};
    }
    t->rcv.read = t->rcv.read + static_cast<std::uint32_t>(bytes.size());
    adjust_receive_buffer(*core_, *t);
    window_update_after_read(*core_, *t, bytes.size());
    return bytes;
}
Error Stack::shutdown(Instant now, SocketId socket, ShutdownHow how) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    return t == nullptr ? Error::BadDescriptor : shutdown_socket(*core_, *t, how);
}
void Stack::close(Instant now, SocketId socket) {
    const Call call{*core_, now};
    if (Tcb* t = call.user(socket)) close_socket(*core_, *t);
}
std::optional<Instant> Stack::begin_close(Instant now, SocketId socket, bool nonblocking) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    if (t == nullptr) return std::nullopt;
    tcp::begin_close(*core_, *t);
    const bool waits = t->options.linger.on && (!nonblocking || core_->p.nonblocking_close_lingers);
    if (!waits || !is_closing(*t)) return std::nullopt;
    return now + Duration::seconds(t->options.linger.seconds);
}
bool Stack::closing(SocketId socket) const noexcept {
    const Tcb* t = core_->find(socket);
    return t != nullptr && is_closing(*t);
}
void Stack::abort(Instant now, SocketId socket) {
    const Call call{*core_, now};
    if (Tcb* t = call.user(socket)) abort_socket(*core_, *t);
}
Error Stack::disconnect(Instant now, SocketId socket) {
    const Call call{*core_, now};
    Tcb* t = call.user(socket);
    return t == nullptr ? Error::BadDescriptor : disconnect_socket(*core_, *t);
}

const SocketOptions& Stack::options(SocketId socket) const {
    return core_->find(socket)->options;
}
void Stack::set_options(Instant now, SocketId socket, const SocketOptions& options) {
    const Call call{*core_, now};
    if (Tcb* t = call.user(socket)) apply_options(*core_, *t, options);
}
void Stack::set_no_delay(Instant now, SocketId socket) {
    const Call call{*core_, now};
    if (Tcb* t = call.user(socket)) tcp::set_no_delay(*core_, *t);
}

void Stack::set_quick_ack(Instant now, SocketId socket, bool on) {
    const Call call{*core_, now};
    if (Tcb* t = call.user(socket)) tcp::set_quick_ack(*core_, *t, on);
}
Error Stack::take_error(SocketId socket) {
    Tcb* t = core_->find(socket);
    return t == nullptr ? Error::BadDescriptor : consume_error(*t);
}
std::uint32_t Stack::poll(SocketId socket) {
    Tcb* t = core_->find(socket);
    return t == nullptr ? 0x020u : poll_socket(*core_, *t);  // POLLNVAL
}
TcpInfo Stack::info(Instant now, SocketId socket) const {
    core_->now = std::max(core_->now, now);
    const Tcb* t = core_->find(socket);
    return t == nullptr ? TcpInfo{} : status(*core_, *t);
}
std::uint32_t Stack::unread(SocketId socket) const {
    const Tcb* t = core_->find(socket);
    if (t == nullptr) return 0;
    auto count = static_cast<std::uint32_t>(t->received.bytes());
    // Up to the urgent mark, as a read would stop there.
    if (t->rcv.urgent_pending && !t->options.oob_inline && after_eq(t->rcv.up, t->rcv.read) &&
        t->rcv.up != t->rcv.read)
        count = std::min(count, span(t->rcv.read, t->rcv.up));
    return count;
}
std::uint32_t Stack::unacknowledged(SocketId socket) const {
    const Tcb* t = core_->find(socket);
    if (t == nullptr || t->state == TcpState::Closed || t->state == TcpState::SynSent) return 0;
    return span(t->snd.una, t->snd.written);
}
std::uint32_t Stack::unsent(SocketId socket) const {
    const Tcb* t = core_->find(socket);
    return t == nullptr ? 0 : t->unsent.bytes();
}
bool Stack::at_mark(SocketId socket) const {
    const Tcb* t = core_->find(socket);
    return t != nullptr && t->rcv.urgent_pending && t->rcv.up == t->rcv.read;
}
const Tcb* Stack::find(SocketId socket) const noexcept {
    return core_->find(socket);
}
const Tcb* Stack::find(const Endpoint& local, const Endpoint& remote) const noexcept {
    return core_->find(local, remote);
}
std::vector<SocketId> Stack::sockets() const {
    std::vector<SocketId> ids;
    for (const auto& t : core_->slots)
        if (t != nullptr) ids.push_back(t->id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

const Personality& Stack::personality() const noexcept {
    return core_->p;
}
void Stack::set_personality(const Personality& personality) {
    core_->p = personality;
}
const StackCounters& Stack::counters() const noexcept {
    return core_->counters;
}
void Stack::set_link_refuses(bool refuses) noexcept {
    core_->link_refuses = refuses;
}
void Stack::set_addresses(std::vector<IpAddress> addresses) {
    core_->addresses = std::move(addresses);
}
void Stack::set_observer(Observer* observer) noexcept {
    core_->observer = observer;
}
void Stack::flush_fastopen_cache() noexcept {
    core_->cookie_cache.clear();
}
void Stack::set_fastopen_cookie(const IpAddress& peer, ByteSpan cookie, std::uint16_t mss) {
    CookieEntry entry;
    entry.peer = peer;
    entry.size = static_cast<std::uint8_t>(std::min(cookie.size(), entry.cookie.size()));
    std::copy_n(cookie.begin(), entry.size, entry.cookie.begin());
    entry.mss = mss;
    core_->cookie_cache.push_back(entry);
}

}  // namespace synscope::sim::tcp
