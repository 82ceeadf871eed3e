#include "sim/host/dhcp_client.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace synscope::sim {
namespace {

namespace dhcp = wire::dhcp;
using dhcp::MessageType;
using wire::DhcpMessage;

constexpr std::uint8_t kRenewalTime = 58;    // RFC 2132 section 9.11
constexpr std::uint8_t kRebindingTime = 59;  // section 9.12
constexpr Duration kDesync = Duration::seconds(1);
constexpr Duration kLeastRenewalWait = Duration::seconds(60);  // RFC 2131 section 4.4.5
constexpr std::uint32_t kForEver = 0xffff'ffff;
/// Before it begins anew: a server that refuses every time must not be asked without pause.
constexpr Duration kBreath = Duration::seconds(1);

std::optional<std::uint32_t> u32_option(const DhcpMessage& message, std::uint8_t code) {
    const auto bytes = message.find(code);
    if (!bytes || bytes->size() < 4) return std::nullopt;
    return load_be32(*bytes, 0);
}

std::optional<IpAddress> address_option(const DhcpMessage& message, std::uint8_t code) {
    const auto number = u32_option(message, code);
    if (!number) return std::nullopt;
    return IpAddress::v4(*number);
}

}  // namespace

void DhcpClient::start(Instant now) {
    state_ = State::Init;
    // Section 4.4.1: a random wait of one to ten seconds is for many clients that start at once; here it only
    // delays.
    deadline_ = now;
}

Duration DhcpClient::backoff() {
    Duration wait = options_.first_retry;
    for (std::uint32_t i = 1; i < tries_ && wait < options_.last_retry; ++i)
        wait = std::min(wait * 2, options_.last_retry);
    return std::max(Duration{1}, wait - kDesync + random_.up_to(kDesync * 2));
}

DhcpMessage DhcpClient::message_of(Instant now, MessageType type) const {
    DhcpMessage message;
    message.operation = 1;
    message.transaction = transaction_;
    message.seconds =
        static_cast<std::uint16_t>(std::min<std::int64_t>((now - began_).ns / 1'000'000'000, 0xffff));
    // Until it has an address it can only be reached by broadcast.
    message.broadcast = !was_bound_;
    message.hardware = mac_;
    message.add_u8(dhcp::kMessageType, static_cast<std::uint8_t>(type));
    return message;
}

void DhcpClient::send(DhcpMessage message, std::optional<IpAddress> to) {
    actions_.push_back({Action::Kind::Send, std::move(message), to});
}

void DhcpClient::discover(Instant now) {
    if (state_ != State::Selecting) {
        state_ = State::Selecting;
        transaction_ = static_cast<std::uint32_t>(random_.next() >> 32);
        began_ = now;
        tries_ = 0;
    }
    ++tries_;
    DhcpMessage message = message_of(now, MessageType::Discover);
    constexpr std::array kWanted{std::byte{dhcp::kSubnetMask}, std::byte{dhcp::kRouter},
                                 std::byte{dhcp::kDnsServer}};
    message.add(dhcp::kParameterList, kWanted);
    send(std::move(message));
    deadline_ = now + backoff();
}

void DhcpClient::request(Instant now) {
    // Section 4.4.1: four tries or so, then from the beginning.
    if (tries_ >= 4) return lose(now, kBreath);
    ++tries_;
    DhcpMessage message = message_of(now, MessageType::Request);
    message.add_address(dhcp::kRequestedAddress, lease_.address);
    message.add_address(dhcp::kServerIdentifier, lease_.server);
    send(std::move(message));
    deadline_ = now + backoff();
}

void DhcpClient::renew(Instant now) {
    DhcpMessage message = message_of(now, MessageType::Request);
    message.client = lease_.address;
    const bool rebinding = state_ == State::Rebinding;
    send(std::move(message), rebinding ? std::nullopt : std::optional{lease_.server});
    // Section 4.4.5: half of what is left, but not less than a minute.
    const Instant until = rebinding ? lease_.expires : lease_.rebind;
    deadline_ = std::min(until, now + std::max((until - now) / 2, kLeastRenewalWait));
}

void DhcpClient::arrives(Instant now, const DhcpMessage& message) {
    const auto type = message.type();
    if (!type || message.operation != 2 || message.transaction != transaction_ || message.hardware != mac_)
        return;
    if (state_ == State::Selecting && *type == MessageType::Offer) {
        const auto server = address_option(message, dhcp::kServerIdentifier);
        if (!server || message.yours == IpAddress::v4(0)) return;
        lease_ = {};
        lease_.address = message.yours;
        lease_.server = *server;
        state_ = State::Requesting;
        tries_ = 0;
        return request(now);
    }
    const bool asked = state_ == State::Requesting || state_ == State::Renewing || state_ == State::Rebinding;
    if (!asked) return;
    if (*type == MessageType::Nak) return lose(now, kBreath);
    if (*type == MessageType::Ack && message.yours == lease_.address) accept(now, message);
}

void DhcpClient::accept(Instant now, const DhcpMessage& ack) {
    const std::uint32_t seconds = u32_option(ack, dhcp::kLeaseTime).value_or(0);
    if (seconds == 0) return;
    const Duration length = seconds == kForEver ? Duration{kMaxInstantNs / 4} : Duration::seconds(seconds);
    const auto part = [&](std::uint8_t code, Duration otherwise) {
        const auto given = u32_option(ack, code);
        return given && Duration::seconds(*given) < length ? Duration::seconds(*given) : otherwise;
    };
    // Section 4.4.5: T1 is half of the lease, T2 seven eighths, unless the server says otherwise.
    const Duration rebind = part(kRebindingTime, length / 8 * 7);
    const Duration renew_after = std::min(part(kRenewalTime, length / 2), rebind);
    lease_.obtained = now;
    lease_.renew = now + renew_after;
    lease_.rebind = now + rebind;
    lease_.expires = now + length;
    lease_.prefix_length =
        static_cast<std::uint8_t>(std::countl_one(u32_option(ack, dhcp::kSubnetMask).value_or(0xffff'ff00)));
    lease_.router = address_option(ack, dhcp::kRouter);
    lease_.dns.clear();
    if (const auto servers = ack.find(dhcp::kDnsServer))
        for (std::size_t at = 0; at + 4 <= servers->size(); at += 4)
            lease_.dns.push_back(IpAddress::v4(load_be32(*servers, at)));
    if (const auto server = address_option(ack, dhcp::kServerIdentifier)) lease_.server = *server;
    if (was_bound_ || options_.probes == 0) return bind(now);
    state_ = State::Probing;
    probes_sent_ = 0;
    probe(now);
}

void DhcpClient::probe(Instant now) {
    if (probes_sent_ >= options_.probes) return bind(now);
    ++probes_sent_;
    actions_.push_back({Action::Kind::Probe, {}, {}});
    deadline_ = now + options_.probe_wait;
}

void DhcpClient::conflict(Instant now) {
    if (state_ != State::Probing) return;
    DhcpMessage message = message_of(now, MessageType::Decline);
    message.add_address(dhcp::kRequestedAddress, lease_.address);
    message.add_address(dhcp::kServerIdentifier, lease_.server);
    send(std::move(message));
    lose(now, options_.after_decline);
}

void DhcpClient::bind(Instant) {
    state_ = State::Bound;
    was_bound_ = true;
    deadline_ = lease_.renew;
    actions_.push_back({Action::Kind::Configure, {}, {}});
}

void DhcpClient::lose(Instant now, Duration wait) {
    if (was_bound_) actions_.push_back({Action::Kind::Deconfigure, {}, {}});
    was_bound_ = false;
    state_ = State::Init;
    deadline_ = now + wait;
}

void DhcpClient::release(Instant now) {
    if (was_bound_) {
        DhcpMessage message = message_of(now, MessageType::Release);
        message.client = lease_.address;
        message.add_address(dhcp::kServerIdentifier, lease_.server);
        send(std::move(message), lease_.server);
    }
    lose(now, {});
    state_ = State::Off;
    deadline_.reset();
}

void DhcpClient::advance(Instant now) {
    if (!deadline_ || *deadline_ > now) return;
    deadline_.reset();
    switch (state_) {
        case State::Off:
            break;
        case State::Init:
        case State::Selecting:
            return discover(now);
        case State::Requesting:
            return request(now);
        case State::Probing:
            return probe(now);
        case State::Bound:
            transaction_ = static_cast<std::uint32_t>(random_.next() >> 32);
            began_ = now;
            state_ = State::Renewing;
            return renew(now);
        case State::Renewing:
            if (now >= lease_.rebind) state_ = State::Rebinding;
            return renew(now);
        case State::Rebinding:
            if (now >= lease_.expires) return lose(now, {});
            return renew(now);
    }
}

std::string_view dhcp_state_name(DhcpClient::State state) noexcept {
    constexpr std::array<std::string_view, 8> kNames{"OFF",     "INIT",  "SELECTING", "REQUESTING",
                                                     "PROBING", "BOUND", "RENEWING",  "REBINDING"};
    const auto index = static_cast<std::size_t>(state);
    return index < kNames.size() ? kNames[index] : std::string_view{"?"};
}

}  // namespace synscope::sim
