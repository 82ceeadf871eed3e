#pragma once
// What the scripts of a run share: where hosts and servers are, and what is said at which mark. Thread rule:
// one world, one thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/result.hpp"
#include "sim/run/machine.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::sim {

class Directory {
  public:
    struct Entry {
        Machine* machine = nullptr;
        std::optional<IpAddress> outside;   ///< the address of one that is no machine of ours
        std::optional<Endpoint> server;     ///< the first one that listens on this host
        std::optional<Endpoint> datagrams;  ///< the first one that takes datagrams there
    };
    void add_host(const std::string& name, Machine& machine) { hosts_[name].machine = &machine; }
    void add_outside(const std::string& name, const IpAddress& address) { hosts_[name].outside = address; }
    /// A server can be reached there now.
    void add_server(const std::string& host, const Endpoint& at, scenario::Transport by) {
        Entry& entry = hosts_[host];
        auto& place = by == scenario::Transport::Udp ? entry.datagrams : entry.server;
        if (!place) place = at;
    }
    /// What is said when a script reaches a mark.
    struct Told {
        std::string title;
        std::string text;
    };
    void tell(const std::string& mark, Told told) { told_[mark] = std::move(told); }
    /// Null when nothing is said there.
    [[nodiscard]] const Told* told_at(const std::string& mark) const {
        const auto found = told_.find(mark);
        return found == told_.end() ? nullptr : &found->second;
    }
    void set_usual(const std::string& host) { usual_ = host; }

    /// Where servers listen for connections, by host.
    [[nodiscard]] std::vector<Endpoint> servers() const;
    /// The address a host has now.
    [[nodiscard]] Result<IpAddress, std::string> address_of(const std::string& host) const;
    /// Where `step` connects to when it names a host, or none.
    [[nodiscard]] Result<Endpoint, std::string> target_of(const scenario::Connect& step,
                                                          scenario::Transport by) const;

  private:
    std::map<std::string, Entry> hosts_;
    std::map<std::string, Told> told_;
    std::optional<std::string> usual_;  ///< the host of the first server
    /// The usual host, or where that has no server for datagrams the first that has.
    [[nodiscard]] std::optional<std::string> usual_for(scenario::Transport by) const;
};

}  // namespace synscope::sim
