#pragma once
// Through the link layer, and through tunnels: where the next network header starts and which one it is.
// Thread rule: pure functions.

#include <cstdint>
#include <optional>

#include "net/base/bytes.hpp"
#include "net/wire/link_type.hpp"
#include "net/wire/transport.hpp"

namespace synscope::wire {

struct NetworkStart {
    std::uint16_t type = 0;      ///< EtherType, also for link layers that say it in another way
    std::size_t at = 0;          ///< in the bytes that were asked about; may be their end
    std::size_t end = SIZE_MAX;  ///< where a link layer with a length of its own (PPPoE) says that it ends

    [[nodiscard]] constexpr ByteSpan within(ByteSpan bytes) const noexcept {
        return bytes.first(bytes.size() < end ? bytes.size() : end);
    }
    [[nodiscard]] constexpr std::uint32_t within(std::uint32_t length) const noexcept {
        return length < end ? length : static_cast<std::uint32_t>(end);
    }
};
/// Behind the link header and any 802.1Q tags, SNAP, MPLS labels, PPPoE and the tags of switch makers
/// (FabricPath, VNTag, Cisco metadata). Nothing when the link header is cut
/// short, says no protocol that has an EtherType, or is of an unknown type.
[[nodiscard]] std::optional<NetworkStart> find_network(LinkType link, ByteSpan frame) noexcept;

/// What the payload of an IP packet carries in its turn: IP in IP (RFC 2003, RFC 4213), GRE with IP, PPP,
/// Ethernet or ERSPAN inside, VXLAN, Geneve, Teredo (RFC 4380). Offsets count in the frame (as `packet`'s
/// do). Nothing when it is no tunnel, or a fragment.
[[nodiscard]] std::optional<NetworkStart> find_tunnelled(const IpPacket& packet) noexcept;

/// Tunnels within tunnels beyond this depth are an attack, not a network.
inline constexpr int kMaxIpHeaders = 8;

}  // namespace synscope::wire
