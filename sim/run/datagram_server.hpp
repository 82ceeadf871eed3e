#pragma once
// A scenario's server of datagrams in virtual time, as the engine `udp` is on real sockets: one socket for
// all peers, no connections. Ownership: everything given outlives it. Thread rule: one world, one thread.

#include <memory>
#include <optional>
#include <vector>

#include "sim/run/server.hpp"
#include "sim/run/talk.hpp"

namespace synscope::sim {

class DatagramServer final : public TalkHome {
  public:
    /// With a service that answers datagrams.
    explicit DatagramServer(const ServerSetup& setup);
    ~DatagramServer() override;
    DatagramServer(const DatagramServer&) = delete;
    DatagramServer& operator=(const DatagramServer&) = delete;

    /// Binds and serves for ever. What it cannot begin is told to its home.
    Task<void> run();

  private:
    /// A peer is there when its first datagram comes, and has left when it was silent for so long.
    static constexpr Duration kSilence = Duration::seconds(60);
    static constexpr std::size_t kMostPeers = 1024;
    struct Peer {
        SimSocket socket;  ///< no descriptor: a name in the record
        std::unique_ptr<Talk> talk;
        Instant heard;
        bool gone = false;
    };
    Task<bool> bind();
    Task<void> receive();
    Task<void> take(Peer& peer, ByteSpan bytes);
    /// Each message a datagram. One that cannot be sent is lost, as any may be on its way.
    Task<void> answer(Peer& peer);
    Task<void> answer_all();
    void deliver_messages();
    void leave(Peer& peer);
    [[nodiscard]] Peer* peer_at(const Endpoint& from);
    [[nodiscard]] std::optional<Duration> time_to_next_leave() const;
    [[nodiscard]] std::optional<service::Refusal> why_not_to(service::ConnectionKey to) const override;

    ServerSetup setup_;
    Calls& calls_;
    SimSocket socket_;
    std::unique_ptr<service::Service> service_;
    std::vector<std::unique_ptr<Peer>> peers_;  ///< in the order of their first datagram
    std::vector<std::byte> buffer_;
    bool full_ = false;
};

}  // namespace synscope::sim
