#include "sim/run/directory.hpp"

#include "net/base/text.hpp"

namespace synscope::sim {

std::vector<Endpoint> Directory::servers() const {
    std::vector<Endpoint> all;
    for (const auto& [name, entry] : hosts_)
        if (entry.server) all.push_back(*entry.server);
    return all;
}

Result<IpAddress, std::string> Directory::address_of(const std::string& host) const {
    const auto found = hosts_.find(host);
    if (found != hosts_.end() && found->second.outside) return *found->second.outside;
    if (found == hosts_.end() || found->second.machine == nullptr)
        return failure(concat("there is no host '", host, "'"));
    const auto address = found->second.machine->host().ip().address(0);
    if (!address) return failure(concat("host '", host, "' has no address yet"));
    return address->address;
}

std::optional<std::string> Directory::usual_for(scenario::Transport by) const {
    const auto serves = [by](const Entry& entry) {
        return by == scenario::Transport::Udp ? entry.datagrams.has_value() : entry.server.has_value();
    };
    if (!usual_) return std::nullopt;
    if (const auto found = hosts_.find(*usual_); found != hosts_.end() && serves(found->second))
        return usual_;
    for (const auto& [name, entry] : hosts_)
        if (serves(entry)) return name;
    return usual_;
}

Result<Endpoint, std::string> Directory::target_of(const scenario::Connect& step,
                                                   scenario::Transport by) const {
    const auto usual = usual_for(by);
    if (step.host.empty() && !usual)
        return failure(std::string{"there is no server; name a host and a port"});
    const std::string& host = step.host.empty() ? *usual : step.host;
    const auto address = address_of(host);
    if (!address) return failure(address.error());
    if (step.port) return Endpoint{*address, *step.port};
    const auto found = hosts_.find(host);
    const bool datagrams = by == scenario::Transport::Udp;
    const auto* at = found == hosts_.end() ? nullptr
                     : datagrams           ? &found->second.datagrams
                                           : &found->second.server;
    if (at == nullptr || !*at)
        return failure(concat("no server ", datagrams ? "takes datagrams" : "listens", " on host '", host,
                              "'; give a port"));
    return Endpoint{*address, (*at)->port};
}

}  // namespace synscope::sim
