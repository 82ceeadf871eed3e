#pragma once
// UDP (RFC 768) in a trace: the datagrams between sockets of our own programs, and which way each went. UDP
// has no connections; what stands for one here is a pair of sockets that know each other by name, and a
// packet belongs to it by its addresses and ports, exactly. What a capture alone holds is not guessed at.
//
// Feed every name and packet in the order of the trace, then look(): a packet may come before the names of
// its ends, since they are told by other processes, and waits for them. Thread rule: one thread.

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "capture/track/sockets.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model {

/// Two sockets that talk UDP.
struct DatagramPeer {
    Endpoint client;
    Endpoint server;
    Instant at;  ///< when the first of them began to know: the connect() of a client, or its first datagram
    EventId event;  ///< the name
};

struct Datagram {
    PacketId packet;
    EventId event;
    Instant at;
    Direction direction = Direction::ClientToServer;
    std::uint32_t length = 0;  ///< bytes it carries, without headers
    std::uint32_t peer = 0;    ///< index into peers()
};

class Datagrams {
  public:
    /// `server`: the program that says so is one.
    void named(const TraceSource& source, const Event& event, const SocketNamed& name, bool server);
    /// What no name fits to waits for one.
    void captured(const TraceSource& source, const Event& event, PacketId packet);
    /// Looks at what waits, where there are new names.
    void look(const TraceSource& source);
    /// A packet put on a wire of ours, whose ends have their names by then: whether it is a datagram.
    bool sent(const TraceSource& source, const Event& event, PacketId packet);

    [[nodiscard]] const std::vector<DatagramPeer>& peers() const noexcept { return peers_; }
    /// In the order in which they were sorted out.
    [[nodiscard]] const std::vector<Datagram>& all() const noexcept { return all_; }

  private:
    struct Ends {
        Endpoint source;
        Endpoint destination;
        std::uint32_t length = 0;
    };
    struct Waiting {
        PacketId packet;
        EventId event;
        Instant at;
        std::optional<Ends> ends{};  ///< known once it was looked at
    };
    [[nodiscard]] static std::optional<Ends> ends_of(const TraceSource& source, PacketId packet);
    bool place(const Waiting& one, const Ends& ends);

    std::vector<DatagramPeer> peers_;
    std::unordered_map<track::FlowKey, std::uint32_t, track::FlowKeyHash> by_ends_;
    std::deque<Waiting> waiting_;
    std::size_t named_ = 0;  ///< peers when waiting_ was last looked through
    std::vector<Datagram> all_;
};

}  // namespace synscope::model
