// Captures come from anywhere. The input is a list of records, each one packet or one socket event; whatever
// they say, lists stay sorted, places are true, and provenance partitions its bytes.
//
// A record: kind, time step (signed), length, then that many bytes. Kinds below 128 are raw IP packets; the
// others are socket events of a small number of sockets, so that they meet.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "capture/track/provenance.hpp"

using namespace synscope;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

Endpoint endpoint(std::uint8_t bits) {
    return {IpAddress::v4(0x0a000001u + (bits & 1u)), static_cast<std::uint16_t>(80 + (bits >> 1 & 1))};
}

EventBody socket_event(std::uint8_t kind, ByteSpan bytes) {
    const auto byte = [&](std::size_t i) { return i < bytes.size() ? load_u8(bytes, i) : std::uint8_t{0}; };
    const SocketId socket{byte(0) & 3u};
    const std::uint64_t begin = byte(1);
    switch (kind % 6) {
        case 0:
            return SocketNamed{socket, 3, static_cast<SocketRole>(byte(1) % 4), endpoint(byte(2)),
                               endpoint(byte(3))};
        case 1: {
            SyscallEntered call;
            call.socket = socket;
            call.has_socket = true;
            return call;
        }
        case 2: {
            SyscallReturned call;
            call.call = static_cast<Syscall>(byte(3) % kSyscallCount);
            call.socket = socket;
            call.has_socket = true;
            call.result = byte(2);
            call.bytes = {begin, begin + byte(2)};
            return call;
        }
        case 3: {
            KernelSample sample;
            sample.socket = socket;
            sample.state = static_cast<TcpState>(byte(1) % kTcpStateCount);
            return sample;
        }
        case 4:
            return MessageFramed{
                socket, (byte(2) & 1) != 0, byte(3), {begin, begin + byte(4)}, {begin, begin}, {}};
        default:
            return TcpStateChanged{socket, TcpState::Closed, static_cast<TcpState>(byte(1) % kTcpStateCount),
                                   Evidence::Simulator};
    }
}

template <class T, class TimeOf>
void require_sorted(const std::vector<T>& list, TimeOf time_of) {
    for (std::size_t i = 1; i < list.size(); ++i)
        require(time_of(list[i - 1]) <= time_of(list[i]));
}

void check(const track::Tracker& tracker, const track::Connection& connection, std::size_t index) {
    require(connection.id.value == index);
    require_sorted(connection.segments, [](const auto& s) { return s.at; });
    require_sorted(connection.states, [](const auto& s) { return s.at; });
    require_sorted(connection.calls, [](const auto& c) { return c.returned_at; });
    require_sorted(connection.socket_calls, [](const auto& c) { return c.returned_at; });
    require_sorted(connection.messages, [](const auto& m) { return m.at; });
    for (std::size_t i = 0; i < connection.segments.size(); ++i) {
        const auto place = tracker.find(connection.segments[i].packet);
        require(place && place->connection == connection.id && place->segment == i);
    }
    for (const Direction direction : {Direction::ClientToServer, Direction::ServerToClient}) {
        std::uint64_t next = 0;
        for (const track::ByteRun& run : track::provenance(connection, direction)) {
            require(run.bytes.begin == next && run.bytes.end > next);
            next = run.bytes.end;
        }
        for (const track::Fate& fate : track::fates(connection, direction))
            require(fate.write.has_value() != fate.message.has_value());
        for (const track::Occupancy& step : track::occupancy(connection, direction))
            require(step.flight <= step.send_queue && step.send_queue <= next && step.receive_queue <= next);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan input = std::as_bytes(std::span(data, size));
    track::Tracker tracker;
    Instant at;
    std::uint32_t events = 0;
    std::uint64_t packets = 0;
    for (std::size_t i = 0; i + 3 <= input.size();) {
        const std::uint8_t kind = load_u8(input, i);
        at = at + Duration::microseconds(static_cast<std::int8_t>(load_u8(input, i + 1)) * 100);
        const std::size_t length = std::min<std::size_t>(load_u8(input, i + 2), input.size() - i - 3);
        const ByteSpan bytes = input.subspan(i + 3, length);
        i += 3 + length;
        const EventId id{events++};
        if (kind < 128) {
            const Event event{id, at, ActorId{0}, {}, PacketCaptured{PacketId{packets++}}};
            tracker.packet(event, wire::LinkType::Raw, bytes, static_cast<std::uint32_t>(bytes.size()));
        } else {
            const std::optional<EventId> cause =
                id.value > 0 ? std::optional(EventId{id.value - 1}) : std::nullopt;
            tracker.event(
                {id, at, ActorId{static_cast<std::uint16_t>(kind & 1)}, cause, socket_event(kind, bytes)});
        }
    }
    for (std::size_t i = 0; i < tracker.connections().size(); ++i)
        check(tracker, tracker.connections()[i], i);
    return 0;
}
