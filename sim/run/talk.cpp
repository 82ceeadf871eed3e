#include "sim/run/talk.hpp"

#include <algorithm>

#include "net/base/text.hpp"

namespace synscope::sim {

using namespace service;

Talk::Talk(Calls& calls, const TalkHome& home, const SimSocket& socket, const framing::FramingInfo& framing)
    : calls_(calls),
      home_(home),
      socket_(socket),
      framing_(framing),
      conversation_(ConnectionKey{socket.id.value}, framing, *this) {}

void Talk::framed(const framing::Placed& placed, bool outgoing) {
    if (!framing_.boundaries) return;
    calls_.framed(socket_, outgoing, placed.index, placed.bytes, placed.body, framing_.name);
}

ByteSpan Talk::first_message() const {
    const ByteSpan output = conversation_.output();
    return message_sizes_.empty() ? output : output.first(std::min(output.size(), message_sizes_.front()));
}

void Talk::sent_first_message() {
    conversation_.sent(first_message().size());
    if (!message_sizes_.empty()) message_sizes_.pop_front();
}

void Talk::framed_out(const framing::Placed& placed) {
    framed(placed, true);
    if (socket_.datagram && !placed.bytes.empty()) message_sizes_.push_back(placed.bytes.size());
}

void Talk::broken(const framing::FrameError& error) {
    calls_.note(Severity::Warning,
                concat("connection from ", socket_.remote.text(), ": ", framing::fault_text(error),
                       " (framing ", framing_.name, "); closed"));
}

std::optional<Refusal> Talk::send_to(ConnectionKey to, ByteSpan message) {
    if (const auto refusal = home_.why_not_to(to)) return refusal;
    outbox_.push_back({to, {message.begin(), message.end()}});
    return std::nullopt;
}

}  // namespace synscope::sim
