#pragma once
// What happened in a world, one line per thing, as tcpdump would write it if it could look everywhere:
//
//   0.000000 client  ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
//   0.005000 server  waits for ARP: 10.0.0.1
//   0.010000 client  lost, random loss: 10.0.0.1 > 10.0.0.2  ICMP echo request, id 7, seq 1, length 64

#include <string>
#include <vector>

#include "net/base/text.hpp"
#include "net/wire/dhcp.hpp"
#include "net/wire/dns.hpp"
#include "net/wire/frame_text.hpp"
#include "sim/host/world.hpp"

namespace synscope::sim {

/// The frame on one line, with DNS and DHCP read. Numbers drawn at random are not shown: ids are 0, ephemeral
/// ports "any".
inline std::string text_of(const Frame& frame) {
    Frame opened = frame;
    if (const auto fault = open(opened)) return concat(drop_reason_text(*fault), " frame");
    const auto* datagram = std::get_if<Datagram>(&opened.body);
    const auto* udp = datagram != nullptr ? std::get_if<UdpMessage>(&datagram->transport) : nullptr;
    if (udp == nullptr) {
        const Payload bytes = encode(opened);
        return wire::frame_text(wire::LinkType::Ethernet, bytes.span(),
                                static_cast<std::uint32_t>(bytes.size()));
    }
    const auto end = [](const IpAddress& address, std::uint16_t port) {
        return port >= 32768 ? concat(address.text(), ":any") : concat(address.text(), ':', port);
    };
    const std::string ends = concat(end(datagram->header.source, udp->source_port), " > ",
                                    end(datagram->header.destination, udp->destination_port), "  ");
    if (udp->source_port == wire::dns::kPort || udp->destination_port == wire::dns::kPort)
        if (auto message = wire::DnsMessage::parse(udp->payload.span())) {
            message->id = 0;
            return ends + message->text();
        }
    if (auto message = wire::DhcpMessage::parse(udp->payload.span())) {
        message->transaction = 0;
        return ends + message->text();
    }
    return concat(ends, "UDP, length ", udp->payload.size());
}

class Transcript final : public WorldObserver {
  public:
    enum class Show : std::uint8_t { Packets, Everything };
    explicit Transcript(Show show = Show::Packets) : show_(show) {}

    /// Names come from the world, once its boxes are there.
    void watch(World& world) {
        world_ = &world;
        world.fabric().set_observer(this);
    }
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
    /// What has been written since the last call.
    [[nodiscard]] std::vector<std::string> take() { return std::exchange(lines_, {}); }

    void sent(const PacketEvent& event, const Frame& frame) override {
        line(event.at, event.box, text_of(frame));
    }
    void lost(const PacketEvent& event, DropReason reason, const Frame& frame) override {
        line(event.at, event.box, concat("lost, ", drop_reason_text(reason), ": ", text_of(frame)));
    }
    void dropped(Instant at, BoxId box, std::uint16_t, std::optional<PacketId>, DropReason reason,
                 const Frame& frame) override {
        // Everybody but one drops what a switch floods.
        if (reason == DropReason::NotForUs && show_ != Show::Everything) return;
        line(at, box, concat("drops, ", drop_reason_text(reason), ": ", text_of(frame)));
    }
    void acted(const BoxEvent& event) override {
        if (show_ == Show::Everything)
            line(event.at, event.box, concat(box_action_text(event.action), ": ", event.detail()));
    }

  private:
    void line(Instant at, BoxId box, const std::string& text) {
        lines_.push_back(concat(seconds_text(at - Instant{}, 6), ' ', world_->name(box), "  ", text));
    }

    Show show_;
    World* world_ = nullptr;
    std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

constexpr Instant at_ms(std::int64_t ms) {
    return Instant{} + Duration::milliseconds(ms);
}
inline IpAddress ip(std::string_view text) {
    return IpAddress::parse(text).value();
}
/// A host with one interface of this address: "10.0.0.1/24".
inline HostOptions host_at(std::string_view address) {
    HostOptions options;
    options.ip.interfaces.push_back({{}, Ipv4Prefix::parse(address)});
    return options;
}
inline Payload bytes_of(std::string_view text) {
    return Payload::copy_of(std::as_bytes(std::span{text.data(), text.size()}));
}

/// client -- server, 5 ms apart.
struct TwoHosts {
    World world;
    BoxId client, server;
    LinkId link;
    Transcript transcript;

    explicit TwoHosts(const LinkOptions& wire = {.delay = Duration::milliseconds(5)},
                      Transcript::Show show = Transcript::Show::Packets, const WorldOptions& options = {},
                      HostOptions client_options = host_at("10.0.0.1/24"),
                      HostOptions server_options = host_at("10.0.0.2/24"))
        : world(options),
          client(world.add_host("client", std::move(client_options))),
          server(world.add_host("server", std::move(server_options))),
          link(world.connect({client, 0}, {server, 0}, wire)),
          transcript(show) {
        transcript.watch(world);
        world.start();
    }
    void ping(std::string_view to, std::uint16_t sequence = 1, std::size_t size = 56, std::uint8_t ttl = 0,
              bool dont_fragment = false) {
        const Payload filler = Payload::made_by(size, [](MutableByteSpan out) {
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = static_cast<std::byte>(i);
        });
        world.host(client).ping(world.fabric(), ip(to), 7, sequence, filler, ttl, dont_fragment);
    }
};

}  // namespace synscope::sim
