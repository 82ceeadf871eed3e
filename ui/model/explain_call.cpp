#include <array>
#include <utility>

#include "net/base/datagram.hpp"
#include "net/base/text.hpp"
#include "ui/model/call_phases.hpp"
#include "ui/model/explain.hpp"

namespace synscope::model {

namespace {

std::optional<Side> side_of(const track::Tracker& tracker, const Event& entered, const SyscallEntered& call,
                            const std::optional<Event>& returned) {
    std::optional<SocketId> socket;
    if (call.has_socket) socket = call.socket;
    if (returned) {
        if (const auto* body = std::get_if<SyscallReturned>(&returned->body);
            body != nullptr && body->has_socket)
            socket = body->socket;
    }
    if (!socket) return std::nullopt;
    const auto id = tracker.find(entered.actor, *socket);
    if (!id) return std::nullopt;
    const track::Connection& c = tracker.connections()[id->value];
    return c.client_actor == entered.actor && c.client_socket == socket ? Side::Client : Side::Server;
}

std::string success_sentence(const std::string& who, const SyscallReturned& done) {
    switch (done.call) {
        case Syscall::Connect:
            return who + " has the connection: its SYN was answered.";
        case Syscall::Accept:
            return who +
                   " takes a connection that the kernel had ready. The handshake was over before this call "
                   "returned.";
        case Syscall::Shutdown:
            return who + " says it will send no more: the kernel sends a FIN behind the last byte.";
        case Syscall::Close:
            return who +
                   " gives the socket back. If nobody else holds it, the kernel now ends the connection.";
        case Syscall::Poll:
        case Syscall::Select:
        case Syscall::EpollWait:
            return done.result == 0 ? who + " waited for any of its sockets, and none had anything."
                                    : who + " learns which of its sockets have something for it.";
        case Syscall::Listen:
            return who + " is ready to be connected to.";
        case Syscall::Bind:
            return who + " takes an address.";
        default:
            break;
    }
    if (writes_stream(done.call))
        return concat(
            who, " hands ", count_text(done.bytes.size(), "byte", "bytes"), " (", bytes_text(done.bytes),
            " of its stream) to the kernel. The call says that the kernel has them, not that they have been ",
            "sent or arrived.");
    if (reads_stream(done.call) && done.result == 0)
        return who +
               " reads end-of-file: the other side has ended, and every byte before that has been read.";
    if (reads_stream(done.call))
        return concat(
            who, " takes ", count_text(done.bytes.size(), "byte", "bytes"), " (", bytes_text(done.bytes),
            " of the other side's stream) out of the kernel's receive queue: as many as were there, however ",
            "they were written.");
    return concat("The call succeeded with ", done.result, ".");
}

bool is_datagram(const track::Tracker& tracker, ActorId actor, const SyscallReturned& call) {
    return call.call == Syscall::Recvfrom || call.call == Syscall::Sendto ||
           (call.has_socket && tracker.is_datagram(actor, call.socket));
}

/// Of a call on a socket of datagrams; empty where it means what it means on any socket.
std::string datagram_sentence(const std::string& who, const SyscallReturned& done) {
    if (done.call == Syscall::Connect)
        return who +
               " says whom it talks to from now on. Over UDP that sends nothing: nobody is asked, and "
               "nobody answers.";
    if (done.call == Syscall::Close) return who + " gives the socket back. Over UDP nobody is told.";
    if (writes_stream(done.call))
        return concat(who, " sends one datagram of ", count_text(done.bytes.size(), "byte", "bytes"),
                      ". Nobody will tell it whether that arrived.");
    if (!reads_stream(done.call)) return {};
    if (const std::uint64_t lost = lost_bytes(done); lost > 0)
        return concat(who, " takes one datagram of ",
                      count_text(static_cast<std::uint64_t>(done.result), "byte", "bytes"),
                      " and has room for ", done.bytes.size(), ": the other ", lost,
                      " are lost, for UDP keeps no rest for the next call.");
    return concat(who, " takes one datagram of ", count_text(done.bytes.size(), "byte", "bytes"),
                  ": one call, one datagram, as it was sent.");
}

}  // namespace

Explanation explain_call(const track::Tracker& tracker, const Event& entered,
                         const std::optional<Event>& returned) {
    const auto* call = std::get_if<SyscallEntered>(&entered.body);
    if (call == nullptr) return {};
    const auto* done = returned ? std::get_if<SyscallReturned>(&returned->body) : nullptr;
    const auto side = side_of(tracker, entered, *call, returned);
    const std::string who = side ? concat("The ", side_name(*side)) : std::string("The program");
    const std::string_view name = syscall_name(call->call);
    Explanation result;
    result.rule = concat(name, "(2)");
    if (done == nullptr) {
        result.line = concat(name, "() has not returned");
        result.sentence = concat(who, " is still in this call when the trace ends.");
        return result;
    }
    const Duration took = returned->at - entered.at;
    if (done->result < 0) {
        const auto error = errno_name(done->error);
        const std::string error_text = error ? std::string(*error) : concat("errno ", done->error);
        result.line = concat(name, "() = ", done->result, " ", error_text);
        const std::string_view sentence = errno_sentence(error_text);
        result.sentence = sentence.empty()
                              ? concat(who, "'s call failed with ", error_text, ".")
                              : concat(who, "'s call came back without success: ", sentence, ".");
    } else {
        result.line = concat(name, "() = ", done->result);
        if (is_datagram(tracker, entered.actor, *done)) result.sentence = datagram_sentence(who, *done);
        if (result.sentence.empty()) result.sentence = success_sentence(who, *done);
    }
    if (const auto found = find_phases(tracker, entered, *returned)) {
        result.sentence += phases_sentence(tracker.connections()[found->connection.value], found->phases);
        return result;
    }
    constexpr Duration kWorthSaying = Duration::microseconds(200);
    if (took >= kWorthSaying) result.sentence += concat(" It took ", duration_text(took), ".");
    return result;
}

std::string_view errno_sentence(std::string_view name) noexcept {
    using Entry = std::pair<std::string_view, std::string_view>;
    static constexpr std::array<Entry, 14> kSentences{{
        {"EAGAIN", "nothing was there (or there was no room), and this socket does not wait"},
        {"EINTR", "a signal came in between"},
        {"EINPROGRESS", "the connection is being made; the result comes later"},
        {"ECONNREFUSED", "nobody listens on that port"},
        {"ECONNRESET", "the other side broke the connection off (RST)"},
        {"EPIPE", "the other side does not take bytes any more"},
        {"ETIMEDOUT", "the other side did not answer in time"},
        {"EHOSTUNREACH", "there is no way to that host"},
        {"ENETUNREACH", "there is no way to that network"},
        {"EADDRINUSE", "somebody has that address and port already"},
        {"EADDRNOTAVAIL", "this machine does not have that address"},
        {"ENOTCONN", "the socket is not connected"},
        {"EBADF", "that descriptor is not open"},
        {"EMFILE", "the process has no descriptor left"},
    }};
    for (const auto& [errno_text, sentence] : kSentences) {
        if (errno_text == name) return sentence;
    }
    return {};
}

}  // namespace synscope::model
