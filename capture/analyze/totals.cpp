#include "capture/analyze/totals.hpp"

#include <algorithm>
#include <string_view>

#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/network.hpp"
#include "net/wire/transport.hpp"

namespace synscope::analyze {

namespace {

/// More kinds than this are noise, and counted together.
constexpr std::size_t kMaxTypes = 64;
/// Below it the field of an Ethernet frame is a length, and LLC follows (IEEE 802.3).
constexpr std::uint16_t kFirstEtherType = 0x0600;

std::string protocol_name(std::uint8_t number, std::string_view family) {
    const std::string_view known = wire::ip_protocol::name(number);
    // Segments with a whole header are counted elsewhere.
    const std::string_view partly =
        number == wire::ip_protocol::kTcp ? " without a whole header (fragment, or cut short)" : "";
    return known.empty() ? concat("IP protocol ", number, " over ", family)
                         : concat(known, partly, " over ", family);
}

std::string type_name(std::uint16_t type) {
    if (type < kFirstEtherType) return "802.2 LLC";
    const std::string_view known = wire::ethertype::name(type);
    return known.empty() ? concat("ethertype 0x", Hex{type, 4}) : std::string{known};
}

}  // namespace

void Totals::add(const source::RawPacket& packet, bool tcp) {
    if (packets_ == 0) first_at_ = last_at_ = previous_ = packet.at;
    ++packets_;
    original_bytes_ += packet.original_length;
    captured_bytes_ += packet.bytes.size();
    first_at_ = std::min(first_at_, packet.at);
    last_at_ = std::max(last_at_, packet.at);
    out_of_order_ = out_of_order_ || packet.at < previous_;
    previous_ = packet.at;
    if (tcp)
        ++segments_;
    else
        add_other(packet);
}

void Totals::add_other(const source::RawPacket& packet) {
    if (const auto ip = wire::find_ip(packet.link_type, packet.bytes, packet.original_length)) {
        ++by_protocol_[ip->source.family == 4 ? 0 : 1][ip->protocol];
        return;
    }
    const auto network = wire::find_network(packet.link_type, packet.bytes);
    if (!network) {
        ++not_dissected_;
        return;
    }
    const std::uint16_t type = network->type;
    auto found = std::find_if(by_type_.begin(), by_type_.end(),
                              [&](const TypeCount& count) { return count.type == type; });
    if (found != by_type_.end())
        ++found->packets;
    else if (by_type_.size() < kMaxTypes)
        by_type_.push_back({type, 1});
    else
        ++not_dissected_;
}

std::vector<ProtocolCount> Totals::protocols() const {
    std::vector<ProtocolCount> out;
    const auto count = [&](std::string name, std::uint64_t packets) {
        if (packets == 0) return;
        const auto same = std::find_if(out.begin(), out.end(),
                                       [&](const ProtocolCount& known) { return known.name == name; });
        if (same != out.end())
            same->packets += packets;
        else
            out.push_back({std::move(name), packets});
    };
    count("TCP", segments_);
    for (std::size_t family = 0; family < 2; ++family)
        for (std::size_t number = 0; number < 256; ++number)
            count(protocol_name(static_cast<std::uint8_t>(number), family == 0 ? "IPv4" : "IPv6"),
                  by_protocol_[family][number]);
    for (const TypeCount& type : by_type_)
        count(type_name(type.type), type.packets);
    count("not dissected", not_dissected_);
    std::stable_sort(out.begin(), out.end(),
                     [](const ProtocolCount& a, const ProtocolCount& b) { return a.packets > b.packets; });
    return out;
}

}  // namespace synscope::analyze
