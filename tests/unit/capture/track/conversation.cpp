#include "tests/unit/capture/track/conversation.hpp"

#include <cstdlib>
#include <sstream>

#include "net/base/text.hpp"
#include "net/wire/ipv4.hpp"
#include "net/wire/tcp.hpp"
#include "tests/unit/capture/track/flag_bits.hpp"

namespace synscope::track {

namespace {

std::size_t index(Side side) {
    return side == Side::Client ? 0 : 1;
}

}  // namespace

Conversation::Conversation(std::uint32_t client_isn, std::uint32_t server_isn)
    : client{IpAddress::v4(0x0a000001), 40000},
      server{IpAddress::v4(0x0a000002), 80},
      isn_{client_isn, server_isn} {}

void Conversation::restart(std::uint32_t client_isn, std::uint32_t server_isn) {
    isn_[0] = client_isn;
    isn_[1] = server_isn;
}

std::vector<std::byte> Conversation::frame(std::string_view line) const {
    std::istringstream words{std::string(line)};
    std::string side;
    std::string flags;
    std::string numbers;
    words >> side >> flags >> numbers;
    const std::size_t from = side == "C" ? 0 : 1;
    const auto open = numbers.find('(');
    const std::int64_t seq = std::strtoll(numbers.c_str(), nullptr, 10);
    const auto length = static_cast<std::size_t>(std::strtoll(numbers.c_str() + open + 1, nullptr, 10));
    wire::TcpHeader tcp;
    tcp.source_port = from == 0 ? client.port : server.port;
    tcp.destination_port = from == 0 ? server.port : client.port;
    tcp.seq = Seq32{isn_[from]} + static_cast<std::uint32_t>(seq);
    tcp.flags = wire::TcpFlags{flag_bits(flags)};
    tcp.window = 1000;
    std::string word;
    std::int64_t value = 0;
    while (words >> word >> value) {
        if (word == "ack") tcp.ack = Seq32{isn_[1 - from]} + static_cast<std::uint32_t>(value);
        if (word == "rawack") tcp.ack = Seq32{static_cast<std::uint32_t>(value)};
        if (word == "win") tcp.window = static_cast<std::uint16_t>(value);
        if (word == "wscale")
            for (const std::int64_t b : {std::int64_t{3}, std::int64_t{3}, value})
                tcp.options.push(static_cast<std::byte>(b));
    }
    wire::Ipv4Header ip;
    ip.source = from == 0 ? client.address : server.address;
    ip.destination = from == 0 ? server.address : client.address;
    ip.protocol = 6;
    ip.total_length = static_cast<std::uint16_t>(20 + tcp.encoded_size() + length);
    std::vector<std::byte> bytes(ip.total_length);
    ip.emit(bytes);
    tcp.emit(MutableByteSpan{bytes}.subspan(20));
    return bytes;
}

PacketId Conversation::packet_at(std::int64_t ms, std::string_view line) {
    const auto bytes = frame(line);
    const PacketId id{next_packet_++};
    const Event event{EventId{next_event_++}, at_ms(ms), ActorId{0}, {}, PacketCaptured{id}};
    tracker.packet(event, wire::LinkType::Raw, bytes, static_cast<std::uint32_t>(bytes.size()));
    now_ms_ = std::max(now_ms_, ms);
    return id;
}

Conversation& Conversation::packets(const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
        packet_at(now_ms_ + 1, line);
    return *this;
}

EventId Conversation::event(std::int64_t ms, Side side, EventBody body, std::optional<EventId> cause) {
    const EventId id{next_event_++};
    const ActorId actor{static_cast<std::uint16_t>(index(side) + 1)};
    tracker.event({id, at_ms(ms), actor, cause, std::move(body)});
    return id;
}

void Conversation::named(std::int64_t ms, Side side, std::optional<EventId> cause) {
    const bool is_client = side == Side::Client;
    event(ms, side,
          SocketNamed{socket_of[index(side)], 5, is_client ? SocketRole::Connecting : SocketRole::Accepted,
                      is_client ? client : server, is_client ? server : client},
          cause);
}

EventId Conversation::call(std::int64_t ms, std::int64_t until, Side side, Syscall call, std::int64_t result,
                           ByteRange bytes, std::int32_t error) {
    SyscallEntered entered;
    entered.call = call;
    entered.socket = socket_of[index(side)];
    entered.has_socket = true;
    const EventId cause = event(ms, side, entered);
    SyscallReturned returned;
    returned.call = call;
    returned.socket = entered.socket;
    returned.has_socket = true;
    returned.result = result;
    returned.error = error;
    returned.bytes = bytes;
    event(until, side, returned, cause);
    return cause;
}

void Conversation::write(std::int64_t ms, std::int64_t until, Side side, std::uint64_t length) {
    std::uint64_t& offset = written_[index(side)];
    call(ms, until, side, Syscall::Send, static_cast<std::int64_t>(length), {offset, offset + length});
    offset += length;
}

void Conversation::read(std::int64_t ms, std::int64_t until, Side side, std::uint64_t length) {
    std::uint64_t& offset = read_[index(side)];
    call(ms, until, side, Syscall::Recv, static_cast<std::int64_t>(length), {offset, offset + length});
    offset += length;
}

void Conversation::sample(std::int64_t ms, Side side, TcpState state) {
    KernelSample sample;
    sample.socket = socket_of[index(side)];
    sample.state = state;
    event(ms, side, sample);
}

void Conversation::message(std::int64_t ms, Side side, bool outgoing, std::uint64_t length) {
    const std::size_t way = outgoing ? 1 : 0;
    std::uint64_t& offset = framed_[index(side)][way];
    event(ms, side,
          MessageFramed{socket_of[index(side)],
                        outgoing,
                        messages_[index(side)][way]++,
                        {offset, offset + length},
                        {offset + 4, offset + length},
                        TextId{0}});
    offset += length;
}

std::string Conversation::states(Evidence evidence, std::size_t connection) const {
    std::string text;
    for (const StateChange& change : this->connection(connection).states) {
        if (change.evidence != evidence) continue;
        text += concat(text.empty() ? "" : ", ", change.side == Side::Client ? "C " : "S ",
                       tcp_state_name(change.state));
    }
    return text;
}

std::string Conversation::segments(std::size_t connection) const {
    std::string text;
    for (const Segment& s : this->connection(connection).segments) {
        text += concat(text.empty() ? "" : ", ", s.direction == Direction::ClientToServer ? "C " : "S ",
                       s.flags.text(), ' ', s.seq, ':', s.seq + s.length, '(', s.length, ')');
        if (s.ack) text += concat(" ack ", *s.ack);
        if (s.retransmission) text += " again";
    }
    return text;
}

}  // namespace synscope::track
