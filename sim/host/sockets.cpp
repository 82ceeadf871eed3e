#include "sim/host/sockets.hpp"

#include <algorithm>

namespace synscope::sim {
namespace {

using namespace linux_abi;

CallResult failed(int error) noexcept {
    return {-1, error};
}
CallResult failed(tcp::Error error) noexcept {
    return {-1, static_cast<int>(error)};
}
CallResult result_of(tcp::Error error) noexcept {
    return error == tcp::Error::None ? CallResult{} : failed(error);
}
CallResult result_of(const tcp::IoResult& io) noexcept {
    if (io.error != tcp::Error::None && io.bytes == 0) return failed(io.error);
    return {static_cast<std::int64_t>(io.bytes), 0};
}

tcp::SendFlags send_flags(int flags) noexcept {
    tcp::SendFlags f;
    f.more = (flags & kMsgMore) != 0;
    f.out_of_band = (flags & kMsgOob) != 0;
    f.end_of_record = (flags & kMsgEor) != 0;
    f.fast_open = (flags & kMsgFastOpen) != 0;
    return f;
}

}  // namespace

int Sockets::allocate(SocketId id, bool nonblocking) {
    const auto free =
        std::find_if(descriptors_.begin(), descriptors_.end(), [](const Descriptor& d) { return !d.open; });
    const auto index = free - descriptors_.begin();
    if (free == descriptors_.end()) descriptors_.emplace_back();
    descriptors_[static_cast<std::size_t>(index)] = {id, true, nonblocking};
    return static_cast<int>(index) + kFirstDescriptor;
}

const Sockets::Descriptor* Sockets::find(int fd) const noexcept {
    const Descriptor* d = find_any(fd);
    return d == nullptr || d->lingers_until ? nullptr : d;
}

const Sockets::Descriptor* Sockets::find_any(int fd) const noexcept {
    const auto index = static_cast<std::size_t>(fd - kFirstDescriptor);
    if (fd < kFirstDescriptor || index >= descriptors_.size() || !descriptors_[index].open) return nullptr;
    return &descriptors_[index];
}

std::optional<SocketId> Sockets::id(int fd) const noexcept {
    const Descriptor* d = find(fd);
    return d == nullptr ? std::nullopt : std::optional{d->id};
}
std::optional<int> Sockets::descriptor(SocketId id) const noexcept {
    for (std::size_t i = 0; i < descriptors_.size(); ++i)
        if (descriptors_[i].open && descriptors_[i].id == id) return static_cast<int>(i) + kFirstDescriptor;
    return std::nullopt;
}

CallResult Sockets::socket(int domain, int type, int protocol) {
    if (domain != kAfInet) return failed(kEafnosupport);
    if ((type & ~(kSockNonblock | kSockCloexec)) != kSockStream) return failed(kEprotonosupport);
    if (protocol != 0 && protocol != kIpprotoTcp) return failed(kEprotonosupport);
    return {allocate(stack_.create(), (type & kSockNonblock) != 0), 0};
}

CallResult Sockets::bind(Instant, int fd, const Endpoint& local) {
    const Descriptor* d = find(fd);
    return d == nullptr ? failed(kEbadf) : result_of(stack_.bind(d->id, local));
}

CallResult Sockets::listen(Instant now, int fd, int backlog) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return failed(kEbadf);
    // A negative backlog is a very large one, cut to somaxconn.
    return result_of(stack_.listen(now, d->id, static_cast<std::uint32_t>(backlog)));
}

AcceptResult Sockets::accept(Instant now, int fd, int flags) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return {failed(kEbadf), {}};
    const auto accepted = stack_.accept(now, d->id);
    if (!accepted) return {failed(accepted.error()), {}};
    const tcp::Tcb* t = stack_.find(*accepted);
    const Endpoint peer = t == nullptr ? Endpoint{} : t->remote;
    return {{allocate(*accepted, (flags & kSockNonblock) != 0), 0}, peer};
}

CallResult Sockets::connect(Instant now, int fd, const Endpoint& remote) {
    const Descriptor* d = find(fd);
    return d == nullptr ? failed(kEbadf) : result_of(stack_.connect(now, d->id, remote));
}

CallResult Sockets::disconnect(Instant now, int fd) {
    const Descriptor* d = find(fd);
    return d == nullptr ? failed(kEbadf) : result_of(stack_.disconnect(now, d->id));
}

CallResult Sockets::send(Instant now, int fd, ByteSpan bytes, int flags) {
    return send(now, fd, Payload::copy_of(bytes), flags);
}

CallResult Sockets::send(Instant now, int fd, const Payload& bytes, int flags) {
    return send_to(now, fd, bytes, flags, std::nullopt);
}

CallResult Sockets::send_to(Instant now, int fd, const Payload& bytes, int flags,
                            std::optional<Endpoint> to) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return failed(kEbadf);
    const tcp::SendFlags f = send_flags(flags);
    if (!f.fast_open) return result_of(stack_.send(now, d->id, bytes, f));
    return result_of(stack_.send_to(now, d->id, to.value_or(Endpoint{}), bytes, f));
}

CallResult Sockets::receive(Instant now, int fd, MutableByteSpan out, int flags) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return failed(kEbadf);
    tcp::ReceiveFlags f;
    f.peek = (flags & kMsgPeek) != 0;
    f.out_of_band = (flags & kMsgOob) != 0;
    f.truncate = (flags & kMsgTrunc) != 0;
    return result_of(stack_.receive(now, d->id, out, f));
}

CallResult Sockets::shutdown(Instant now, int fd, int how) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return failed(kEbadf);
    if (how < 0 || how > 2) return failed(kEinval);
    return result_of(stack_.shutdown(now, d->id, static_cast<tcp::ShutdownHow>(how)));
}

CallResult Sockets::close(Instant now, int fd) {
    if (find_any(fd) == nullptr) return failed(kEbadf);
    Descriptor& d = descriptors_[static_cast<std::size_t>(fd - kFirstDescriptor)];
    if (!d.lingers_until) d.lingers_until = stack_.begin_close(now, d.id, d.nonblocking);
    if (d.lingers_until && now < *d.lingers_until && stack_.closing(d.id)) return failed(kEagain);
    d.open = false;
    stack_.close(now, d.id);
    return {};
}

std::optional<Instant> Sockets::lingers_until(int fd) const noexcept {
    const Descriptor* d = find_any(fd);
    return d == nullptr ? std::nullopt : d->lingers_until;
}

CallResult Sockets::ioctl(Instant now, int fd, unsigned request, int argument) {
    const Descriptor* d = find(fd);
    if (d == nullptr) return failed(kEbadf);
    const tcp::Tcb* t = stack_.find(d->id);
    const bool listens = t != nullptr && t->state == TcpState::Listen;
    (void)now;
    switch (request) {
        case kSiocInq:
            return listens ? failed(kEinval) : CallResult{stack_.unread(d->id), 0};
        case kSiocOutq:
            return listens ? failed(kEinval) : CallResult{stack_.unacknowledged(d->id), 0};
        case kSiocOutqNsd:
            return listens ? failed(kEinval) : CallResult{stack_.unsent(d->id), 0};
        case kSiocAtMark:
            return {stack_.at_mark(d->id) ? 1 : 0, 0};
        case kFioNbio:
            return set_nonblocking(fd, argument != 0);
        default:
            return failed(kEinval);
    }
}

CallResult Sockets::set_nonblocking(int fd, bool on) {
    if (find(fd) == nullptr) return failed(kEbadf);
    descriptors_[static_cast<std::size_t>(fd - kFirstDescriptor)].nonblocking = on;
    return {};
}

bool Sockets::nonblocking(int fd) const noexcept {
    const Descriptor* d = find(fd);
    return d != nullptr && d->nonblocking;
}

std::uint32_t Sockets::poll(int fd) {
    const Descriptor* d = find(fd);
    constexpr std::uint32_t kPollNval = 0x20;
    return d == nullptr ? kPollNval : stack_.poll(d->id);
}

std::optional<Endpoint> Sockets::local(int fd) const {
    const Descriptor* d = find(fd);
    const tcp::Tcb* t = d == nullptr ? nullptr : stack_.find(d->id);
    return t == nullptr ? std::nullopt : std::optional{t->local};
}
std::optional<Endpoint> Sockets::peer(int fd) const {
    const Descriptor* d = find(fd);
    const tcp::Tcb* t = d == nullptr ? nullptr : stack_.find(d->id);
    if (t == nullptr || t->remote.port == 0) return std::nullopt;
    return t->remote;
}

}  // namespace synscope::sim
