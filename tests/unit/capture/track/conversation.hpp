#pragma once
// Conversations for tests, written as packets are written everywhere else: "C S 0:0(0) wscale 7",
// "S S. 0:0(0) ack 1", "C P. 1:6(5) ack 1 win 100". C and S are the ends, numbers are relative.

#include <string>
#include <string_view>
#include <vector>

#include "capture/track/tracker.hpp"

namespace synscope::track {

class Conversation {
  public:
    /// Initial sequence numbers of client and server.
    Conversation(std::uint32_t client_isn, std::uint32_t server_isn);

    Tracker tracker;
    Endpoint client;
    Endpoint server;

    /// Feeds packets, each 1 ms after the one before.
    Conversation& packets(const std::vector<std::string>& lines);
    /// One packet at this many milliseconds.
    PacketId packet_at(std::int64_t ms, std::string_view line);
    void handshake() { packets({"C S 0:0(0)", "S S. 0:0(0) ack 1", "C . 1:1(0) ack 1"}); }
    /// From now on other initial sequence numbers.
    void restart(std::uint32_t client_isn, std::uint32_t server_isn);

    // ---- socket events. Actor 1 is the client's process, 2 the server's; each has one socket.
    EventId event(std::int64_t ms, Side side, EventBody body, std::optional<EventId> cause = {});
    void named(std::int64_t ms, Side side, std::optional<EventId> cause = {});
    /// A call from `ms` to `until`. Bytes are counted on by write and read.
    void write(std::int64_t ms, std::int64_t until, Side side, std::uint64_t length);
    void read(std::int64_t ms, std::int64_t until, Side side, std::uint64_t length);
    EventId call(std::int64_t ms, std::int64_t until, Side side, Syscall call, std::int64_t result,
                 ByteRange bytes = {}, std::int32_t error = 0);
    void sample(std::int64_t ms, Side side, TcpState state);
    void message(std::int64_t ms, Side side, bool outgoing, std::uint64_t length);

    [[nodiscard]] const Connection& connection(std::size_t i = 0) const {
        return tracker.connections().at(i);
    }
    /// "C SYN-SENT, S SYN-RECEIVED, ...": the changes of one kind of evidence, in order.
    [[nodiscard]] std::string states(Evidence evidence = Evidence::Inferred,
                                     std::size_t connection = 0) const;
    /// As Wireshark numbers them: "C S 0:0(0), S S. 0:0(0) ack 1".
    [[nodiscard]] std::string segments(std::size_t connection = 0) const;

    SocketId socket_of[2] = {SocketId{10}, SocketId{20}};

  private:
    std::vector<std::byte> frame(std::string_view line) const;

    std::uint32_t isn_[2];
    std::int64_t now_ms_ = 0;
    std::uint32_t next_event_ = 0;
    std::uint64_t next_packet_ = 0;
    std::uint64_t written_[2] = {};
    std::uint64_t read_[2] = {};
    std::uint64_t framed_[2][2] = {};
    std::uint32_t messages_[2][2] = {};
};

inline Instant at_ms(std::int64_t ms) {
    return Instant{} + Duration::milliseconds(ms);
}

/// Every test that touches sequence numbers runs far from the wrap and across it.
struct InitialNumbers {
    std::uint32_t client;
    std::uint32_t server;
};
inline constexpr InitialNumbers kInitialNumbers[] = {
    {1000, 900000}, {0xffffffff, 0xfffffffe}, {0xfffffffd, 0}};

}  // namespace synscope::track
