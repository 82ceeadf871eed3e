// What holds for every world: nothing is lost without a word, the same seed gives the same run, and nobody
// relies on the order of what happens at once.
#include "sim/host/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/sim/host/transcript.hpp"

namespace synscope::sim {
namespace {

void expect_conserved(Fabric& fabric) {
    const FabricCounts& counts = fabric.counts();
    ASSERT_EQ(counts.sent + counts.duplicated, counts.delivered + counts.lost + fabric.on_the_way());
}

/// Eight hosts on two switches with a router between, and traffic of every kind; the shape and all else from
/// the seed.
class Town {
  public:
    Town(std::uint64_t seed, bool accidents, std::optional<std::uint64_t> shuffle, Transcript::Show show)
        : random_(seed, "town"), world_({.seed = seed, .shuffle_seed = shuffle}), transcript_(show) {
        HostOptions routing;
        routing.ip.forwards = true;
        routing.ip.interfaces = {{{}, Ipv4Prefix::parse("10.0.0.254/24")},
                                 {{}, Ipv4Prefix::parse("10.0.1.254/24")}};
        const BoxId router = world_.add_host("router", routing);
        for (std::uint16_t side = 0; side < 2; ++side) {
            const BoxId bridge = world_.add_switch(concat("switch", side), {.ports = 5});
            world_.connect({router, side}, {bridge, 4}, wire(accidents));
            for (std::uint16_t i = 0; i < 4; ++i) {
                auto options = host_at(concat("10.0.", side, '.', i + 1, "/24"));
                options.gateway = ip(concat("10.0.", side, ".254"));
                const BoxId host = world_.add_host(concat("host", side, i), options);
                EXPECT_TRUE(world_.host(host).udp().bind(9));
                world_.connect({host, 0}, {bridge, i}, wire(accidents));
                hosts_.push_back(host);
            }
        }
        transcript_.watch(world_);
        world_.start();
    }

    void run(int packets) {
        for (int i = 0; i < packets; ++i) {
            world_.run_until(world_.now() + random_.up_to(Duration::milliseconds(3)));
            speak();
            expect_conserved(world_.fabric());
        }
        // Everything that waits for ARP or on a link is over by then.
        world_.run_until(world_.now() + Duration::seconds(60));
        expect_conserved(world_.fabric());
        EXPECT_EQ(world_.fabric().frames(), 0u) << "every frame went somewhere";
    }
    [[nodiscard]] Lines lines() { return transcript_.take(); }
    /// Every answer and every datagram that arrived, in no order.
    [[nodiscard]] Lines outcomes() {
        Lines out;
        for (const BoxId host : hosts_) {
            for (const EchoReply& reply : world_.host(host).echo_replies())
                out.push_back(concat(world_.name(host), " echo ", reply.from.text(), ' ', reply.sequence));
            while (const auto arrival = world_.host(host).udp().take(9))
                out.push_back(
                    concat(world_.name(host), " udp ", arrival->from.text(), ' ', arrival->payload.size()));
        }
        std::sort(out.begin(), out.end());
        return out;
    }

  private:
    LinkOptions wire(bool accidents) {
        LinkOptions options{.delay = Duration::microseconds(500)};
        options.rate_bits_per_second = 100'000'000;
        options.mtu = random_.below(3) == 0 ? 600 : 1500;
        if (!accidents) return options;
        options.jitter = random_.up_to(Duration::milliseconds(2));
        options.queue.packets = 4 + static_cast<std::uint32_t>(random_.below(20));
        options.loss = random_.unit() / 10;
        options.duplication = random_.unit() / 10;
        options.reordering = random_.unit() / 10;
        options.corruption = random_.unit() / 10;
        if (random_.below(2) == 0) options.burst = BurstLoss{.enter = 0.02, .leave = 0.3};
        if (random_.below(2) == 0) options.queue.codel = CoDelOptions{};
        return options;
    }
    void speak() {
        const BoxId from = hosts_[random_.below(hosts_.size())];
        Host& host = world_.host(from);
        const IpAddress to = IpAddress::v4(0x0a000000u + (static_cast<std::uint32_t>(random_.below(2)) << 8) +
                                           1 + static_cast<std::uint32_t>(random_.below(5)));
        const Payload bytes = bytes_of(std::string(random_.below(2000), 'x'));
        if (random_.below(2) == 0)
            host.ping(world_.fabric(), to, 1, sequence_++, bytes,
                      static_cast<std::uint8_t>(random_.below(8) == 0 ? 1 : 0), random_.below(4) == 0);
        else
            host.send_udp(world_.fabric(), {{}, 9},
                          {to, static_cast<std::uint16_t>(random_.below(4) == 0 ? 10 : 9)}, bytes);
    }

    Random random_;
    World world_;
    Transcript transcript_;
    std::vector<BoxId> hosts_;
    std::uint16_t sequence_ = 0;
};

TEST(World, EveryFrameIsDeliveredLostWithAReasonOrOnItsWay) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    for (std::uint64_t i = 0; i < 5; ++i) {
        Town town{seed + i, true, {}, Transcript::Show::Packets};
        town.run(100);
    }
}

TEST(World, TheSameSeedGivesTheSameRunAndAnotherOneAnother) {
    const auto run = [](std::uint64_t seed) {
        Town town{seed, true, {}, Transcript::Show::Everything};
        town.run(100);
        return town.lines();
    };
    const Lines first = run(5);
    EXPECT_GT(first.size(), 500u);
    EXPECT_EQ(first, run(5));
    EXPECT_NE(first, run(6));
}

TEST(World, ShuffledOrderKeepsWhatHoldsAndWithoutAccidentsWhatArrives) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    for (std::uint64_t i = 0; i < 3; ++i) {
        Town plain{seed + i, false, {}, Transcript::Show::Packets};
        Town shuffled{seed + i, false, seed * 3 + i, Transcript::Show::Packets};
        plain.run(60);
        shuffled.run(60);
        const Lines outcomes = plain.outcomes();
        EXPECT_FALSE(outcomes.empty());
        EXPECT_EQ(outcomes, shuffled.outcomes());
        Town both{seed + i, true, seed * 7 + i, Transcript::Show::Packets};
        both.run(60);
    }
}

TEST(World, WhatALinkCorruptsIsDroppedByWhoOpensIt) {
    TwoHosts net;
    net.ping("10.0.0.2", 0);
    net.world.run_until(at_ms(100));
    net.world.fabric().change(net.link, true, {.corruption = 1});
    static_cast<void>(net.transcript.take());
    for (std::uint16_t i = 1; i <= 200; ++i)
        net.ping("10.0.0.2", i);
    net.world.run_until(at_ms(1'000));
    EXPECT_EQ(net.world.host(net.client).echo_replies().size(), 1u) << "only the one from before";
    const Lines lines = net.transcript.take();
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                            [](const std::string& line) {
                                return line.find("server  drops, corrupted") != std::string::npos ||
                                       line.find("server  drops, malformed") != std::string::npos;
                            }),
              200);
}

TEST(World, AlarmsGoOffInTimeAndStepsEndAtTheEnd) {
    World world{{}};
    world.set_alarm(at_ms(5), 42);
    const auto cancelled = world.set_alarm(at_ms(6), 43);
    EXPECT_TRUE(world.cancel_alarm(cancelled));
    EXPECT_FALSE(world.step(at_ms(4)));
    EXPECT_EQ(world.now(), at_ms(4));
    const auto step = world.step(at_ms(100));
    ASSERT_TRUE(step);
    EXPECT_EQ(step->alarm, 42u);
    EXPECT_EQ(world.now(), at_ms(5));
    EXPECT_FALSE(world.step(at_ms(100)));
    EXPECT_EQ(world.next_time(), std::nullopt);
}

// ---- a TCP plugged in

/// Answers each segment with an empty one, and has one deadline.
class EchoTcp final : public TcpPort {
  public:
    void arrives(Instant now, const tcp::Segment& segment) override {
        arrived.push_back(segment);
        if (segment.payload.empty()) return;
        tcp::Segment answer;
        answer.source = segment.destination;
        answer.destination = segment.source;
        answer.header.source_port = segment.header.destination_port;
        answer.header.destination_port = segment.header.source_port;
        answer.header.flags = wire::TcpFlags{wire::TcpFlags::kAck};
        out.push_back(answer);
        deadline = now + Duration::milliseconds(200);
    }
    void icmp(Instant, const IcmpError& error) override { errors.push_back(error); }
    void advance(Instant now) override {
        fired.push_back(now);
        deadline.reset();
    }
    [[nodiscard]] Instant next_deadline() const override { return deadline.value_or(tcp::kNever); }
    [[nodiscard]] std::vector<tcp::Segment>& output() override { return out; }
    [[nodiscard]] bool woken() const override { return !arrived.empty(); }

    std::vector<tcp::Segment> arrived, out;
    std::vector<IcmpError> errors;
    std::vector<Instant> fired;
    std::optional<Instant> deadline;
};

struct Speaking : TwoHosts {
    EchoTcp* near;
    EchoTcp* far;

    explicit Speaking(const LinkOptions& wire = {.delay = Duration::milliseconds(5)}) : TwoHosts(wire) {
        const auto plug = [&](BoxId box) {
            auto made = std::make_unique<EchoTcp>();
            EchoTcp* plugged = made.get();
            world.host(box).set_tcp(std::move(made));
            return plugged;
        };
        near = plug(client);
        far = plug(server);
    }
    void say(std::size_t bytes) {
        tcp::Segment segment;
        segment.source = ip("10.0.0.1");
        segment.destination = ip("10.0.0.2");
        segment.header.source_port = 4000;
        segment.header.destination_port = 80;
        segment.header.seq = Seq32{77};
        segment.header.flags = wire::TcpFlags{wire::TcpFlags::kPsh | wire::TcpFlags::kAck};
        segment.payload = bytes_of(std::string(bytes, 'x'));
        near->out.push_back(segment);
        world.host(client).pump(world.fabric());
    }
};

TEST(HostWithTcp, SegmentsTravelAndTimersFireThatWerePutOff) {
    Speaking net;
    net.say(6);
    net.world.run_until(at_ms(100));
    net.say(6);
    net.world.run_until(at_ms(1'000));
    const Lines lines = net.transcript.lines();
    ASSERT_EQ(lines.size(), 6u);
    EXPECT_EQ(lines[2], "0.010000 client  10.0.0.1:4000 > 10.0.0.2:80  P. 77:83(6) ack 0 win 0");
    EXPECT_EQ(lines[3], "0.015000 server  10.0.0.2:80 > 10.0.0.1:4000  . ack 0 win 0");
    EXPECT_EQ(net.far->arrived.size(), 2u);
    EXPECT_EQ(net.near->arrived.size(), 2u);
    // Set at 15 ms for 215 ms, put off at 105 ms to 305 ms.
    EXPECT_EQ(net.far->fired, std::vector<Instant>{at_ms(305)});
    EXPECT_EQ(net.world.woken().front(), net.server);
}

TEST(HostWithTcp, ASegmentThatIsTooBigForTheFirstLinkIsToldAtOnce) {
    Speaking net{{.mtu = 500}};
    net.say(1'000);
    ASSERT_EQ(net.near->errors.size(), 1u);
    EXPECT_EQ(net.near->errors[0].code, 4);
    EXPECT_EQ(net.near->errors[0].next_hop_mtu, 500);
    EXPECT_EQ(net.near->errors[0].seq, Seq32{77});
    EXPECT_EQ(net.near->errors[0].source, (Endpoint{ip("10.0.0.1"), 4000}));
}

TEST(HostWithTcp, ASynIsDroppedByARuleAndItsRepetitionPasses) {
    Speaking net;
    net.world.fabric().rules().add({.action = RuleAction::Drop, .min_payload = 1, .nth = 1});
    net.say(6);
    net.world.run_until(at_ms(100));
    EXPECT_TRUE(net.far->arrived.empty());
    net.say(6);
    net.world.run_until(at_ms(200));
    EXPECT_EQ(net.far->arrived.size(), 1u);
}

TEST(HostWithTcp, TheServiceOfASegmentStandsInItsDatagram) {
    Speaking net;
    tcp::Segment segment;
    segment.source = ip("10.0.0.1");
    segment.destination = ip("10.0.0.2");
    segment.header.flags = wire::TcpFlags{wire::TcpFlags::kAck};
    segment.dscp = 46;
    segment.ecn = tcp::Ecn::Ect0;
    net.near->out.push_back(segment);
    net.world.host(net.client).pump(net.world.fabric());
    net.world.run_until(at_ms(100));
    ASSERT_EQ(net.far->arrived.size(), 1u);
    EXPECT_EQ(net.far->arrived[0].dscp, 46);
    EXPECT_EQ(net.far->arrived[0].ecn, tcp::Ecn::Ect0);
}

TEST(HostWithTcp, WithoutATcpTheProtocolIsUnreachable) {
    Speaking net;
    net.world.host(net.server).set_tcp(nullptr);
    net.say(6);
    net.world.run_until(at_ms(100));
    ASSERT_EQ(net.near->errors.size(), 1u);
    EXPECT_EQ(net.near->errors[0].code, 2);
    EXPECT_EQ(net.near->errors[0].from, ip("10.0.0.2"));
}

}  // namespace
}  // namespace synscope::sim
