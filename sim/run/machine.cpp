#include "sim/run/machine.hpp"

#include <memory>
#include <utility>

namespace synscope::sim {

namespace {

/// RFC 792's codes of "destination unreachable", as TCP is told of them.
tcp::IcmpKind kind_of(const IcmpError& error) noexcept {
    constexpr std::uint8_t kUnreachable = 3;
    constexpr std::uint8_t kQuench = 4;
    constexpr std::uint8_t kTimeExceeded = 11;
    if (error.type == kTimeExceeded) return tcp::IcmpKind::TimeExceeded;
    if (error.type == kQuench) return tcp::IcmpKind::SourceQuench;
    if (error.type != kUnreachable) return tcp::IcmpKind::ParameterProblem;
    switch (error.code) {
        case 0:
            return tcp::IcmpKind::NetUnreachable;
        case 2:
            return tcp::IcmpKind::ProtocolUnreachable;
        case 3:
            return tcp::IcmpKind::PortUnreachable;
        case 4:
            return tcp::IcmpKind::FragmentationNeeded;
        case 5:
            return tcp::IcmpKind::SourceRouteFailed;
        case 9:
        case 10:
        case 13:
            return tcp::IcmpKind::AdminProhibited;
        default:
            return tcp::IcmpKind::HostUnreachable;
    }
}

/// A Stack where a host wants its TCP.
class StackPort final : public TcpPort {
  public:
    explicit StackPort(const tcp::StackOptions& options) : stack_(options) {}
    [[nodiscard]] tcp::Stack& stack() noexcept { return stack_; }

    void arrives(Instant now, const tcp::Segment& segment) override { stack_.arrives(now, segment); }
    void icmp(Instant now, const IcmpError& error) override {
        stack_.icmp(now, {kind_of(error), error.source, error.destination, error.seq, error.next_hop_mtu});
    }
    void advance(Instant now) override { stack_.advance(now); }
    [[nodiscard]] Instant next_deadline() const override { return stack_.next_deadline(); }
    [[nodiscard]] std::vector<tcp::Segment>& output() override { return stack_.output(); }
    [[nodiscard]] bool woken() const override {
        // Programs look at all their sockets when their host is woken: which ones changed does not matter.
        const bool any = !stack_.wakeups().empty();
        stack_.wakeups().clear();
        return any;
    }

  private:
    mutable tcp::Stack stack_;
};

}  // namespace

Machine::Machine(World& world, BoxId box, const tcp::StackOptions& options) : world_(world), box_(box) {
    auto port = std::make_unique<StackPort>(options);
    stack_ = &port->stack();
    host().set_tcp(std::move(port));
}

std::optional<IpAddress> Machine::address_towards(const IpAddress& destination) {
    // Addresses come and go with leases: the TCP hears of them when they are needed.
    const Ip& ip = host().ip();
    std::vector<IpAddress> own;
    for (std::size_t port = 0; port < ip.interfaces(); ++port)
        if (const auto address = ip.address(static_cast<std::uint16_t>(port)))
            own.push_back(address->address);
    tcp().set_addresses(std::move(own));
    return ip.source_for(destination);
}

}  // namespace synscope::sim
