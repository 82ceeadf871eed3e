#pragma once
// DNS in a simulated network (RFC 1034, 1035): a server that is authoritative for a list of records, and a
// stub resolver. Both are sans-I/O: bytes in, bytes out, time is a parameter; Host carries their datagrams.
//
//   DnsServer server{{records}};            server.answer(query) -> the response's bytes
//   DnsResolver resolver{options, random};  resolver.ask(now, "server.example") -> lookup
//   resolver.arrives(now, from, bytes); resolver.advance(now); drain output() and answers()
//
// Thread rule: values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "net/wire/dns.hpp"
#include "sim/core/random.hpp"

namespace synscope::sim {

struct DnsZone {
    std::vector<wire::DnsRecord> records;

    void add_address(std::string_view name, const IpAddress& address, std::uint32_t ttl_seconds = 300);
    void add_alias(std::string_view name, std::string_view target, std::uint32_t ttl_seconds = 300);
};

class DnsServer {
  public:
    explicit DnsServer(DnsZone zone) : zone_(std::move(zone)) {}

    /// The response to what came to its port; nothing for what is no query at all (RFC 1035 section 7.3).
    /// Names are compared without case (section 2.3.3); an alias is followed (RFC 1034 section 3.6.2). A
    /// response that does not fit into 512 bytes is cut and says so (RFC 1035 section 4.2.1).
    [[nodiscard]] std::optional<std::vector<std::byte>> answer(ByteSpan query) const;

  private:
    [[nodiscard]] std::uint8_t find(const wire::DnsQuestion& question,
                                    std::vector<wire::DnsRecord>& answers) const;

    DnsZone zone_;
};

struct DnsResolverOptions {
    std::vector<IpAddress> servers{};         ///< asked in turn
    Duration timeout = Duration::seconds(5);  ///< for one answer, as resolv.conf(5)
    std::uint32_t attempts = 2;               ///< rounds over all servers
};

class DnsResolver {
  public:
    using LookupId = Id<struct DnsLookupTag>;
    enum class Outcome : std::uint8_t { Found, NoSuchName, NoAddress, Refused, TimedOut, BadName, NoServer };
    struct Answer {
        LookupId lookup;
        std::string name;
        Outcome outcome = Outcome::Found;
        std::vector<IpAddress> addresses;
        std::uint32_t attempts = 0;  ///< queries that were sent
    };
    struct Query {
        Endpoint server;
        std::vector<std::byte> bytes;
    };

    DnsResolver(DnsResolverOptions options, const Random& random)
        : options_(std::move(options)), random_(random) {}

    /// Asks for the IPv4 addresses of a name.
    [[nodiscard]] LookupId ask(Instant now, std::string_view name);
    /// A datagram came to its port. What answers no question of ours is ignored: other id, other server,
    /// other name (RFC 5452 section 9.1). False then.
    bool arrives(Instant now, const Endpoint& from, ByteSpan bytes);
    [[nodiscard]] std::optional<Instant> next_deadline() const noexcept;
    void advance(Instant now);
    [[nodiscard]] std::vector<Query>& output() noexcept { return output_; }
    [[nodiscard]] std::vector<Answer>& answers() noexcept { return answers_; }
    void set_servers(std::vector<IpAddress> servers) { options_.servers = std::move(servers); }
    [[nodiscard]] const std::vector<IpAddress>& servers() const noexcept { return options_.servers; }

  private:
    struct Lookup {
        LookupId id;
        std::string name;
        std::uint16_t message_id = 0;
        std::uint32_t sent = 0;
        Instant deadline;
        IpAddress server;
    };
    void send(Instant now, Lookup& lookup);
    void finish(const Lookup& lookup, Outcome outcome, std::vector<IpAddress> addresses = {});

    DnsResolverOptions options_;
    Random random_;
    std::uint32_t next_id_ = 0;
    std::vector<Lookup> lookups_;
    std::vector<Query> output_;
    std::vector<Answer> answers_;
};

[[nodiscard]] std::string_view dns_outcome_text(DnsResolver::Outcome outcome) noexcept;

}  // namespace synscope::sim
