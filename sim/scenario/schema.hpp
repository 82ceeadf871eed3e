#pragma once
// The schema: a YAML tree read as a Scenario. See docs/SCENARIOS.md. Throws Mistake (fields.hpp).
// Thread rule: pure functions.

#include <vector>

#include "sim/scenario/fields.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::scenario {

[[nodiscard]] Scenario read_scenario(const Field& root);
// ---- its parts, one file each
// ------------------------------------------------------------------------------------------

/// Without the field: the two hosts client and server.
[[nodiscard]] std::vector<Host> read_hosts(const std::optional<Field>& field);
[[nodiscard]] Link read_link(const Field& field);
/// `usual`: what a link is where its entry says nothing else.
[[nodiscard]] Network read_network(const Field& field, const std::vector<Host>& hosts, const Link& usual);
/// A domain name such as www.example.
[[nodiscard]] std::string read_name_to_resolve(const Field& field);

struct StepRules {
    bool framed = false;
    bool accepted = false;    ///< a server's script: the connection is there from the beginning, and only it
    std::uint64_t count = 1;  ///< how many take them at once
    bool datagrams = false;   ///< over UDP: each is a message, also an empty one
};
/// The steps of one script, checked in their order: connect first, nothing sent after a shutdown, ...
[[nodiscard]] std::vector<Step> read_steps(const Field& list, StepRules rules);

}  // namespace synscope::scenario
