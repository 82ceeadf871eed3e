#pragma once
// What a host asks of the TCP above it. A host owns one TCP and calls it with what arrives for it and when
// its time has come; after each call it drains what the TCP wants to send. Programs call the TCP itself and
// then Host::pump(). Ownership: the host's. Thread rule: one world, one thread.

#include <vector>

#include "net/base/instant.hpp"
#include "sim/host/ip.hpp"
#include "sim/tcp/segment.hpp"
#include "sim/tcp/timers.hpp"

namespace synscope::sim {

class TcpPort {
  public:
    TcpPort() = default;
    TcpPort(const TcpPort&) = delete;
    TcpPort& operator=(const TcpPort&) = delete;
    virtual ~TcpPort() = default;

    virtual void arrives(Instant now, const tcp::Segment& segment) = 0;
    /// An ICMP error about a segment of ours, or the like found out on this host.
    virtual void icmp(Instant now, const IcmpError& error) = 0;
    virtual void advance(Instant now) = 0;
    /// tcp::kNever when there is none.
    [[nodiscard]] virtual Instant next_deadline() const = 0;
    /// Segments to send, oldest first; the host takes them out.
    [[nodiscard]] virtual std::vector<tcp::Segment>& output() = 0;
    /// Whether sockets changed so that programs may want to look.
    [[nodiscard]] virtual bool woken() const = 0;
};

}  // namespace synscope::sim
