#include "sim/host/dhcp_server.hpp"

#include <algorithm>

namespace synscope::sim {
namespace {

namespace dhcp = wire::dhcp;
using dhcp::MessageType;
using wire::DhcpMessage;

constexpr Duration kOfferHolds = Duration::seconds(60);
constexpr Duration kDeclinedFor = Duration::seconds(3600);
constexpr IpAddress kNone = IpAddress::v4(0);

std::uint32_t number(const IpAddress& address) noexcept {
    return load_be32(std::as_bytes(std::span{address.octets}), 0);
}

std::optional<IpAddress> address_option(const DhcpMessage& message, std::uint8_t code) {
    const auto bytes = message.find(code);
    if (!bytes || bytes->size() != 4) return std::nullopt;
    return IpAddress::v4(load_be32(*bytes, 0));
}

}  // namespace

std::optional<DhcpServer::Reply> DhcpServer::answer(Instant now, const DhcpMessage& message) {
    const auto type = message.type();
    if (!type || message.operation != 1) return std::nullopt;
    switch (*type) {
        case MessageType::Discover:
            return offer(now, message);
        case MessageType::Request:
            return request(now, message);
        case MessageType::Decline:
            decline(now, message);
            return std::nullopt;
        case MessageType::Release:
            forget(message.hardware);
            return std::nullopt;
        case MessageType::Inform: {
            // Section 4.3.5: parameters without a lease.
            Reply reply{reply_to(message, MessageType::Ack), message.client};
            add_parameters(reply.message);
            return reply;
        }
        default:
            return std::nullopt;
    }
}

DhcpServer::Lease* DhcpServer::find(const wire::MacAddress& client) noexcept {
    const auto found = std::find_if(leases_.begin(), leases_.end(), [&](const Lease& lease) {
        return lease.client == client && lease.state != Lease::State::Declined;
    });
    return found == leases_.end() ? nullptr : &*found;
}

bool DhcpServer::in_range(const IpAddress& address) const noexcept {
    return address.family == 4 && number(address) - number(options_.first) < options_.count;
}

bool DhcpServer::free_for(Instant now, const IpAddress& address,
                          const wire::MacAddress& client) const noexcept {
    if (!in_range(address) || address == self_) return false;
    return std::none_of(leases_.begin(), leases_.end(), [&](const Lease& lease) {
        const bool other = lease.client != client || lease.state == Lease::State::Declined;
        return lease.address == address && other && lease.expires > now;
    });
}

/// Section 4.3.1: the one it has or had, the one it asks for, the first that is free.
std::optional<IpAddress> DhcpServer::choose(Instant now, const DhcpMessage& message) {
    if (const Lease* lease = find(message.hardware); lease && free_for(now, lease->address, message.hardware))
        return lease->address;
    const auto wanted = address_option(message, dhcp::kRequestedAddress);
    if (wanted && free_for(now, *wanted, message.hardware)) return wanted;
    for (std::uint32_t i = 0; i < options_.count; ++i) {
        const IpAddress address = IpAddress::v4(number(options_.first) + i);
        if (free_for(now, address, message.hardware)) return address;
    }
    return std::nullopt;
}

std::optional<DhcpServer::Reply> DhcpServer::offer(Instant now, const DhcpMessage& message) {
    const auto address = choose(now, message);
    if (!address) return std::nullopt;
    Lease* lease = find(message.hardware);
    if (lease == nullptr) {
        std::erase_if(leases_, [&](const Lease& old) { return old.address == *address; });
        lease = &leases_.emplace_back();
        lease->client = message.hardware;
    }
    lease->address = *address;
    if (lease->state != Lease::State::Bound || lease->expires <= now) {
        lease->state = Lease::State::Offered;
        lease->expires = now + kOfferHolds;
    }
    Reply reply{reply_to(message, MessageType::Offer), std::nullopt};
    reply.message.yours = *address;
    add_parameters(reply.message);
    return reply;
}

/// Section 4.3.2: what a request asks for depends on which of its fields are set.
std::optional<DhcpServer::Reply> DhcpServer::request(Instant now, const DhcpMessage& message) {
    const auto server = address_option(message, dhcp::kServerIdentifier);
    Lease* lease = find(message.hardware);
    if (server && *server != self_) {
        // It chose another server: our offer is free again.
        if (lease != nullptr && lease->state == Lease::State::Offered) forget(message.hardware);
        return std::nullopt;
    }
    const bool renewing = message.client != kNone;
    const auto requested =
        renewing ? std::optional{message.client} : address_option(message, dhcp::kRequestedAddress);
    if (!requested) return std::nullopt;
    const bool right_network = options_.prefix_length == 0 ||
                               (number(*requested) ^ number(self_)) >> (32 - options_.prefix_length) == 0;
    // INIT-REBOOT from a client we know nothing of: silence, another server may (section 4.3.2).
    if (!server && !renewing && right_network && lease == nullptr) return std::nullopt;
    if (!right_network || lease == nullptr || lease->address != *requested ||
        !free_for(now, *requested, message.hardware))
        return Reply{reply_to(message, MessageType::Nak), std::nullopt};
    lease->state = Lease::State::Bound;
    lease->expires = now + options_.lease;
    Reply reply{reply_to(message, MessageType::Ack), renewing ? std::optional{message.client} : std::nullopt};
    reply.message.client = message.client;
    reply.message.yours = lease->address;
    add_parameters(reply.message);
    return reply;
}

void DhcpServer::decline(Instant now, const DhcpMessage& message) {
    Lease* lease = find(message.hardware);
    if (lease == nullptr || address_option(message, dhcp::kRequestedAddress) != lease->address) return;
    lease->state = Lease::State::Declined;
    lease->expires = now + kDeclinedFor;
}

void DhcpServer::forget(const wire::MacAddress& client) {
    std::erase_if(leases_, [&](const Lease& lease) {
        return lease.client == client && lease.state != Lease::State::Declined;
    });
}

/// Section 4.3.1, table 3.
DhcpMessage DhcpServer::reply_to(const DhcpMessage& message, MessageType type) const {
    DhcpMessage reply;
    reply.operation = 2;
    reply.transaction = message.transaction;
    reply.broadcast = message.broadcast;
    reply.relay = message.relay;
    reply.hardware = message.hardware;
    reply.add_u8(dhcp::kMessageType, static_cast<std::uint8_t>(type));
    reply.add_address(dhcp::kServerIdentifier, self_);
    return reply;
}

void DhcpServer::add_parameters(DhcpMessage& reply) const {
    if (reply.yours != kNone)
        reply.add_u32(dhcp::kLeaseTime, static_cast<std::uint32_t>(options_.lease.ns / 1'000'000'000));
    const std::uint32_t mask =
        options_.prefix_length == 0 ? 0 : ~std::uint32_t{0} << (32 - options_.prefix_length);
    reply.add_u32(dhcp::kSubnetMask, mask);
    if (options_.router) reply.add_address(dhcp::kRouter, *options_.router);
    std::vector<std::byte> servers(options_.dns.size() * 4);
    for (std::size_t i = 0; i < options_.dns.size(); ++i)
        store_be32(servers, i * 4, number(options_.dns[i]));
    if (!servers.empty()) reply.add(dhcp::kDnsServer, servers);
}

}  // namespace synscope::sim
