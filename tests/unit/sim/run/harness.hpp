#pragma once
// A recording in memory, and runs of scenarios that are written in the test.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/text.hpp"
#include "net/wire/transport.hpp"
#include "sim/run/simulation.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::sim {

class MemoryRecording final : public Recording {
  public:
    struct Packet {
        InterfaceId interface;
        Instant at;
        std::vector<std::byte> bytes;
    };
    std::vector<Event> events;
    std::vector<Packet> packets;
    std::vector<std::string> interfaces;

    EventId emit(Instant at, ActorId actor, std::optional<EventId> cause, const EventBody& body) override {
        const EventId id{static_cast<std::uint32_t>(events.size())};
        EXPECT_TRUE(!cause || cause->value < id.value) << "a cause comes first";
        EXPECT_TRUE(events.empty() || events.back().at <= at) << "time does not go back";
        events.push_back({id, at, actor, cause, body});
        return id;
    }
    TextId intern(std::string_view text) override {
        const auto [place, fresh] =
            ids_.try_emplace(std::string(text), static_cast<std::uint32_t>(texts_.size()));
        if (fresh) texts_.emplace_back(text);
        return TextId{place->second};
    }
    ActorId add_actor() override { return ActorId{actors_++}; }
    InterfaceId add_interface(std::string_view name) override {
        interfaces.emplace_back(name);
        return InterfaceId{static_cast<std::uint16_t>(interfaces.size() - 1)};
    }
    PacketId add_packet(InterfaceId interface, Instant at, ByteSpan frame) override {
        packets.push_back({interface, at, {frame.begin(), frame.end()}});
        return PacketId{packets.size() - 1};
    }
    [[nodiscard]] const std::string& text(TextId id) const { return texts_[id.value]; }

    template <class Body>
    [[nodiscard]] std::vector<Event> all() const {
        std::vector<Event> found;
        for (const Event& event : events)
            if (std::holds_alternative<Body>(event.body)) found.push_back(event);
        return found;
    }
    /// "send(fd 3, 5) = 5" for every call that returned, in the order of their returns.
    [[nodiscard]] std::vector<std::string> calls(std::string_view actor) const {
        std::vector<std::string> out;
        for (const Event& event : events) {
            const auto* body = std::get_if<SyscallReturned>(&event.body);
            if (body == nullptr || name_of(event.actor) != actor) continue;
            const auto& entered = std::get<SyscallEntered>(events[event.cause->value].body);
            out.push_back(concat(syscall_name(body->call), '(', entered.args[0], ") = ",
                                 body->result < 0 ? std::string(errno_name(body->error).value_or("?"))
                                                  : concat(body->result)));
        }
        return out;
    }
    [[nodiscard]] std::string name_of(ActorId actor) const {
        for (const Event& event : events)
            if (const auto* body = std::get_if<ActorDeclared>(&event.body);
                body != nullptr && event.actor == actor)
                return text(body->name);
        return {};
    }
    /// "S.", "P." ... of every TCP packet that was sent, lost ones in brackets.
    [[nodiscard]] std::string flags() const {
        std::map<std::uint64_t, bool> lost;
        for (const Event& event : all<PacketDropped>())
            lost[std::get<PacketDropped>(event.body).packet.value] = true;
        std::string out;
        for (std::size_t i = 0; i < packets.size(); ++i) {
            const auto tcp = wire::find_tcp(wire::LinkType::Ethernet, packets[i].bytes,
                                            static_cast<std::uint32_t>(packets[i].bytes.size()));
            if (!tcp) continue;
            out += out.empty() ? "" : " ";
            out += lost.count(i) != 0 ? concat('[', tcp->flags.text(), ']') : tcp->flags.text();
        }
        return out;
    }
    /// "SYN-SENT ESTABLISHED ..." as the simulator said of the actor's sockets.
    [[nodiscard]] std::string states(std::string_view actor) const {
        std::string out;
        for (const Event& event : all<TcpStateChanged>()) {
            if (name_of(event.actor) != actor) continue;
            out += out.empty() ? "" : " ";
            out += tcp_state_name(std::get<TcpStateChanged>(event.body).to);
        }
        return out;
    }

  private:
    std::map<std::string, std::uint32_t> ids_;
    std::vector<std::string> texts_;
    std::uint16_t actors_ = 0;
};

/// What one scenario came to.
struct Ran {
    MemoryRecording record;
    Result<void, UserError> outcome;
    Progress progress;
    [[nodiscard]] std::string error() const { return outcome ? "no error" : outcome.error().what; }
};

inline std::unique_ptr<Ran> run_scenario(const scenario::Scenario& scenario,
                                         std::optional<std::uint64_t> shuffle_seed = std::nullopt,
                                         Duration until = Duration::seconds(3600)) {
    auto ran = std::make_unique<Ran>();
    SimulationOptions options;
    options.scenario = scenario;
    options.file = "t.yaml";
    options.until = Instant{until.ns};
    options.shuffle_seed = shuffle_seed;
    auto simulation = Simulation::make(std::move(options), ran->record);
    if (!simulation) {
        ran->outcome = failure(simulation.error());
        return ran;
    }
    while ((*simulation)->go_on(10'000)) {
    }
    ran->outcome = (*simulation)->outcome();
    ran->progress = (*simulation)->progress();
    return ran;
}

inline std::unique_ptr<Ran> run_yaml(std::string_view yaml, Duration until = Duration::seconds(3600)) {
    const auto scenario = scenario::load_text(yaml, "t.yaml", {});
    EXPECT_TRUE(scenario) << scenario::error_line(scenario.error());
    return run_scenario(scenario.value_or(scenario::Scenario{}), std::nullopt, until);
}

}  // namespace synscope::sim
