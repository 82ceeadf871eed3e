#pragma once
// A scenario's hosts, link and rules as a simulated network: two hosts on one link, or more of them around a
// switch, each by a link of its own. What runs on the hosts is not looked at here. Thread rule: pure
// functions.

#include <string>
#include <vector>

#include "net/base/result.hpp"
#include "sim/host/world.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::sim {

[[nodiscard]] LinkOptions link_options(const scenario::Link& link);
/// The scenario's rules; `hosts` gives the box of each of its hosts, in its order.
[[nodiscard]] std::vector<Rule> wire_rules(const scenario::Scenario& scenario,
                                           const std::vector<BoxId>& hosts);

/// A box per host of the scenario, in its order. Hosts without an address get 10.0.0.1/24, 10.0.0.2/24, ...,
/// and link addresses are 02:00:00:00:00:01, ... An IPv6 address is an error: the simulator speaks IPv4.
[[nodiscard]] Result<std::vector<BoxId>, UserError> add_scenario(World& world,
                                                                 const scenario::Scenario& scenario);

}  // namespace synscope::sim
