// The calls on a socket of datagrams.
#include <netinet/in.h>

#include "net/base/text.hpp"
#include "net/engine/sockaddr.hpp"
#include "net/engine/traced.hpp"

namespace synscope::engine {

CallResult Calls::recvfrom(Socket& s, MutableByteSpan into, int flags, Endpoint& from, Where where) {
    SockAddr sender;
    const std::int64_t room = static_cast<std::int64_t>(into.size());
    // MSG_TRUNC: the result is the datagram's own length, also where only its beginning fitted.
    const CallResult result =
        traced(Syscall::Recvfrom, s.fd.get(), &s, {room, flags | MSG_TRUNC}, where, [&] {
            return std::int64_t{::recvfrom(s.fd.get(), into.data(), into.size(), flags | MSG_TRUNC,
                                           sender.get(), sender.size_for_kernel())};
        });
    if (!result.ok()) return result;
    from = sender.endpoint();
    if (observer_ != nullptr && result.value > room) {
        const std::string text =
            concat("a datagram of ", result.value, " bytes from ", from.text(), ": recvfrom asked for ", room,
                   ", and the other ", result.value - room, " are lost");
        observer_->emit(monotonic_ns(), result.event, Note{Severity::Warning, observer_->intern(text)});
    }
    return result;
}

CallResult Calls::sendto(Socket& s, ByteSpan bytes, int flags, const Endpoint& to, Where where) {
    const SockAddr address{to};
    return traced(Syscall::Sendto, s.fd.get(), &s, {static_cast<std::int64_t>(bytes.size()), flags}, where,
                  [&] {
                      return std::int64_t{::sendto(s.fd.get(), bytes.data(), bytes.size(),
                                                   flags | MSG_NOSIGNAL, address.get(), address.size())};
                  });
}

void Calls::name_datagram(Socket& s) {
    s.local = local_endpoint(s.fd.get());
    name(s, SocketRole::Datagram, std::nullopt);
}

Socket Calls::datagram_peer(const Socket& s, const Endpoint& peer) {
    Socket out;
    out.id = next_id();
    out.local = s.local;
    out.remote = peer;
    out.has_tcp = false;
    name(out, SocketRole::Datagram, std::nullopt);
    return out;
}

}  // namespace synscope::engine
