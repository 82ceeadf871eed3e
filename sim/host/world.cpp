#include "sim/host/world.hpp"

#include <cassert>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::sim {

MacAddress numbered_mac(std::uint32_t n) noexcept {
    MacAddress mac{{2, 0, 0, 0, 0, 0}};
    for (std::size_t i = 0; i < 4; ++i)
        mac.octets[5 - i] = static_cast<std::uint8_t>(n >> 8 * i);
    return mac;
}

World::World(const WorldOptions& options) : fabric_(options.seed, {.shuffle_seed = options.shuffle_seed}) {
    fabric_.set_observer(options.observer);
}

BoxId World::add_host(std::string name, HostOptions options) {
    if (options.ip.interfaces.empty()) options.ip.interfaces.emplace_back();
    for (InterfaceOptions& interface : options.ip.interfaces)
        if (interface.mac == MacAddress{}) interface.mac = numbered_mac(++macs_);
    const BoxId id{static_cast<std::uint32_t>(boxes_.size())};
    auto host = std::make_unique<Host>(id, std::move(name), options, fabric_.seed());
    hosts_.push_back(host.get());
    boxes_.push_back(std::move(host));
    return id;
}

BoxId World::add_switch(std::string name, const SwitchOptions& options) {
    const BoxId id{static_cast<std::uint32_t>(boxes_.size())};
    hosts_.push_back(nullptr);
    boxes_.push_back(std::make_unique<Switch>(id, std::move(name), options));
    return id;
}

BoxId World::add_outlet(std::string name) {
    const BoxId id{static_cast<std::uint32_t>(boxes_.size())};
    hosts_.push_back(nullptr);
    boxes_.push_back(std::make_unique<Outlet>(id, std::move(name)));
    return id;
}

LinkId World::connect(PortRef a, PortRef b, const LinkOptions& a_to_b, const LinkOptions& b_to_a) {
    // Named after its boxes and ports, so that a link more elsewhere changes no stream of chance.
    const std::string link = concat(name(a.box), '.', a.port, '-', name(b.box), '.', b.port);
    return fabric_.connect(a, b, a_to_b, b_to_a, link);
}

void World::start() {
    for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
        if (hosts_[i] == nullptr) continue;
        hosts_[i]->start(fabric_);
        look_at(BoxId{i});
    }
}

Host& World::host(BoxId box) noexcept {
    assert(hosts_[box.value] != nullptr);
    return *hosts_[box.value];
}

Switch& World::switch_at(BoxId box) noexcept {
    auto* found = dynamic_cast<Switch*>(boxes_[box.value].get());
    assert(found != nullptr);
    return *found;
}

Outlet& World::outlet(BoxId box) noexcept {
    auto* found = dynamic_cast<Outlet*>(boxes_[box.value].get());
    assert(found != nullptr);
    return *found;
}

void World::look_at(BoxId box) {
    Host* host = hosts_[box.value];
    if (host == nullptr || !host->take_woken()) return;
    if (woken_.empty() || woken_.back() != box) woken_.push_back(box);
}

std::optional<World::Step> World::step(Instant end) {
    const auto entry = fabric_.scheduler().pop_until(end);
    if (!entry) {
        if (end > now()) fabric_.scheduler().idle_until(end);
        return std::nullopt;
    }
    switch (static_cast<EntryKind>(entry->kind)) {
        case EntryKind::LinkDirection:
            fabric_.advance_direction(entry->target, arrived_);
            for (const Fabric::Arrival& arrival : arrived_) {
                fabric_.set_cause(fabric_.packet(arrival.frame));
                boxes_[arrival.to.box.value]->receive(fabric_, arrival.to.port, arrival.frame);
                look_at(arrival.to.box);
            }
            fabric_.set_cause(std::nullopt);
            arrived_.clear();
            break;
        case EntryKind::BoxTimer:
            boxes_[entry->target]->timer(fabric_, entry->argument);
            look_at(BoxId{entry->target});
            break;
        case EntryKind::Alarm:
            return Step{entry->argument};
    }
    return Step{};
}

void World::run_until(Instant end) {
    while (step(end)) {
    }
}

}  // namespace synscope::sim
