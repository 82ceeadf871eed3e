#pragma once
// A scenario's boxes and links as a world. Thread rule: one thread.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/base/result.hpp"
#include "sim/run/directory.hpp"
#include "sim/run/machine.hpp"
#include "sim/run/recorder.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::sim {

/// The end of a wire where somebody outside the simulation takes a host's place.
struct OutsideEnd {
    BoxId box;  ///< an outlet
    std::string host;
    std::optional<Ipv4Prefix> address;  ///< that he is to have; nothing: by DHCP
    std::optional<IpAddress> gateway;
    MacAddress mac;  ///< that he is to have
    std::uint32_t mtu = 1500;
};

/// The hosts of a scenario, and where they are.
struct Network {
    std::vector<std::unique_ptr<Machine>> machines;  ///< in the order of the scenario's hosts
    std::optional<OutsideEnd> outside;
    std::map<std::string, Machine*> by_name;
    Directory directory;
};

/// Fills `world` and introduces every box to `recorder`. Addresses that the scenario leaves open
/// are 10.0.0.1/24, 10.0.0.2/24, ... in the order of its hosts. The host named `outside`, if any, becomes an
/// outlet. Fails where the boxes do not fit together.
[[nodiscard]] Result<void, UserError> build_network(const scenario::Scenario& scenario,
                                                    const std::optional<std::string>& outside, World& world,
                                                    Recorder& recorder, Network& out);

}  // namespace synscope::sim
