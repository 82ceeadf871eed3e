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

Result<Endpoint, std::string> Directory::target_of(const scenario::Connect& step) const {
    if (step.host.empty() && !usual_)
        return failure(std::string{"there is no server; name a host and a port"});
    const std::string& host = step.host.empty() ? *usual_ : step.host;
    const auto address = address_of(host);
    if (!address) return failure(address.error());
    if (step.port) return Endpoint{*address, *step.port};
    const auto found = hosts_.find(host);
    if (found == hosts_.end() || !found->second.server)
        return failure(concat("no server listens on host '", host, "'; give a port"));
    return Endpoint{*address, found->second.server->port};
}

}  // namespace synscope::sim
