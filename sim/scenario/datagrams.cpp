#include "sim/scenario/datagrams.hpp"

#include <utility>

#include "net/base/text.hpp"

namespace synscope::scenario {

namespace {

using Reason = std::optional<std::pair<std::string, std::string>>;  ///< what, and a hint

Reason reason(const Connect& connect) {
    if (connect.timeout)
        return {{"connect over UDP has no timeout", "it sends nothing and waits for nobody: leave it out"}};
    if (!connect.blocking)
        return {
            {"connect over UDP never blocks", "it sends nothing and waits for nobody: leave 'blocking' out"}};
    return {};
}
Reason reason(const Send& send) {
    const std::uint64_t bytes = std::uint64_t{send.repeat} * send.data.size();
    const std::uint64_t piece = send.chunk && *send.chunk < bytes ? *send.chunk : bytes;
    if (piece > kMaxDatagramBytes)
        return {{concat("a datagram takes at most ", kMaxDatagramBytes, " bytes, not ", piece),
                 "'chunk' cuts into datagrams, such as chunk: 1k"}};
    return {};
}
Reason reason(const Recv& recv) {
    if (recv.until_eof)
        return {{"datagrams have no end-of-file",
                 "wait for so many: {messages: 2}, or with a limit: {messages: 2, timeout: 1s}"}};
    if (recv.bytes && recv.chunk)
        return {{"over UDP one recv() takes one datagram, whatever its size",
                 "'bytes' is the room for it; more datagrams are 'messages', with 'chunk' as the room"}};
    return {};
}
Reason reason(const Shutdown&) {
    return {{"UDP has no shutdown", "no FIN says that nothing more will come: just close"}};
}
Reason reason(const Reset&) {
    return {{"UDP has no reset", "there is no connection that could be aborted: just close"}};
}
/// Steps that mean the same whatever the client talks.
template <class Any>
Reason reason(const Any&) {
    return {};
}

std::optional<std::string_view> option_of_streams(const SocketOptions& o) {
    const std::pair<std::string_view, bool> options[]{
        {"no_delay", o.no_delay.has_value()},
        {"quick_ack", o.quick_ack.has_value()},
        {"cork", o.cork.has_value()},
        {"keep_alive", o.keep_alive.has_value()},
        {"linger", o.linger_s.has_value()},
        {"keep_alive_idle", o.keep_alive_idle_s.has_value()},
        {"keep_alive_interval", o.keep_alive_interval_s.has_value()},
        {"keep_alive_count", o.keep_alive_count.has_value()},
        {"user_timeout", o.user_timeout_ms.has_value()},
        {"max_segment", o.max_segment.has_value()},
        {"syn_retries", o.syn_retries.has_value()},
        {"congestion", o.congestion.has_value()},
    };
    for (const auto& [name, given] : options)
        if (given) return name;
    return {};
}

}  // namespace

std::optional<NotInDatagrams> why_not_datagrams(const Client& client) {
    if (client.framing != "none")
        return NotInDatagrams{nullptr, "framing", "framings are for streams, and UDP is none",
                              "a datagram is a message already: leave the framing out"};
    if (const auto option = option_of_streams(client.options))
        return NotInDatagrams{nullptr, "options", concat("'", *option, "' is an option of TCP, not of UDP"),
                              "receive_buffer and send_buffer are for both"};
    for (const Step& step : client.steps) {
        auto why = std::visit([](const auto& action) { return reason(action); }, step.action);
        if (why) return NotInDatagrams{&step, {}, std::move(why->first), std::move(why->second)};
    }
    return {};
}

}  // namespace synscope::scenario
