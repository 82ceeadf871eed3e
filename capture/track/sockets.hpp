#pragma once
// The sockets of our own programs: what is known of each, and what of it waits to be joined to a connection.
// Joining itself is the tracker's. Thread rule: one thread.

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "capture/track/tracker.hpp"

namespace synscope::track {

/// IPv4-mapped IPv6 addresses, which dual-stack sockets report, are IPv4 addresses on the wire.
[[nodiscard]] Endpoint unmapped(Endpoint endpoint);

/// Both ends of a conversation, in one order; unmapped.
struct FlowKey {
    Endpoint low;
    Endpoint high;
    [[nodiscard]] static FlowKey of(const Endpoint& a, const Endpoint& b);
    friend bool operator==(const FlowKey&, const FlowKey&) = default;
};
struct FlowKeyHash {
    [[nodiscard]] std::size_t operator()(const FlowKey& key) const noexcept;
};

struct SocketRecord {
    ActorId actor;
    SocketId socket;
    Instant first_at;  ///< its earliest event
    bool named = false;
    SocketRole role = SocketRole::Connecting;
    Endpoint local;
    Endpoint remote;
    Instant named_at;
    std::optional<std::size_t> connection;
    Side side = Side::Client;
    /// Not yet in a connection's lists; `side` in them is not set.
    struct Waiting {
        std::vector<StreamCall> calls;
        std::vector<SocketCall> socket_calls;
        std::vector<Message> messages;
        std::vector<StateChange> states;
    };
    Waiting waiting;
    std::optional<Reported> readable;  ///< reported, and no read or accept has answered it
    std::optional<Reported> writable;
};

class Sockets {
  public:
    /// Notes what an event says about a socket; which record got something new.
    std::optional<std::size_t> event(const Event& event);
    [[nodiscard]] SocketRecord& record(std::size_t index) { return records_[index]; }
    [[nodiscard]] std::optional<std::size_t> find(ActorId actor, SocketId socket) const;
    /// The named sockets with these addresses.
    [[nodiscard]] std::span<const std::size_t> on(const FlowKey& key) const;

  private:
    std::optional<std::size_t> note(const Event& event, const SyscallEntered& call);
    std::optional<std::size_t> note(const Event& event, const SyscallReturned& call);
    std::optional<std::size_t> note(const Event& event, const SocketNamed& named);
    std::optional<std::size_t> note(const Event& event, const ReadinessReported& report);
    std::optional<std::size_t> note(const Event& event, const ClockPaired& pairing);
    std::optional<std::size_t> note(const Event& event, const MessageFramed& message);
    std::optional<std::size_t> state(const Event& event, SocketId socket, TcpState state, Evidence evidence);
    void note_wait(const Event& event, const SyscallReturned& call, EventId entered, Instant entered_at);
    std::optional<Reported> answer(SocketRecord& record, const SyscallReturned& call, Instant entered_at);
    std::size_t touch(ActorId actor, SocketId socket, Instant at);
    /// Listeners and datagram sockets have no connection: nothing of them is kept.
    [[nodiscard]] bool keeps(const SocketRecord& record) const noexcept;

    std::vector<SocketRecord> records_;
    std::unordered_map<std::uint64_t, std::size_t> by_id_;
    std::unordered_map<FlowKey, std::vector<std::size_t>, FlowKeyHash> by_flow_;
    std::unordered_map<EventId, Instant> entered_;             ///< calls that have not returned
    std::unordered_map<std::uint64_t, Reported::Wait> waits_;  ///< by actor and thread: the last one
    std::unordered_map<EventId, SocketCall> accepted_;         ///< accept() by its return: not named yet
    struct Clock {
        std::int64_t offset_ns = 0;  ///< wall minus monotonic
        Duration error;
    };
    std::unordered_map<ActorId, Clock> clocks_;  ///< by the last pairing
};

}  // namespace synscope::track
