#pragma once
// ICMPv6 (RFC 4443; neighbour discovery of RFC 4861, multicast listeners of RFC 3810). Contract of the types:
// header.hpp. Thread rule: values.

#include "net/wire/icmp_message.hpp"

namespace synscope::wire {

struct Icmpv6Types {
    static constexpr std::uint8_t kUnreachable = 1;
    static constexpr std::uint8_t kPacketTooBig = 2;
    static constexpr std::uint8_t kTimeExceeded = 3;
    static constexpr std::uint8_t kParameterProblem = 4;
    static constexpr std::uint8_t kEchoRequest = 128;
    static constexpr std::uint8_t kEchoReply = 129;
    static constexpr std::uint8_t kRouterSolicitation = 133;
    static constexpr std::uint8_t kRouterAdvertisement = 134;
    static constexpr std::uint8_t kNeighborSolicitation = 135;
    static constexpr std::uint8_t kNeighborAdvertisement = 136;
    static constexpr std::uint8_t kRedirect = 137;

    [[nodiscard]] static constexpr bool quotes(std::uint8_t type) noexcept { return type >= 1 && type <= 4; }
    [[nodiscard]] static std::string text(std::uint8_t type, std::uint8_t code, std::uint32_t word);
};
using Icmpv6View = IcmpMessageView<Icmpv6Types>;
using Icmpv6Header = IcmpMessageHeader<Icmpv6Types>;

/// "echo request", "time exceeded", ...; empty for a type that is not known.
[[nodiscard]] std::string_view icmpv6_type_name(std::uint8_t type) noexcept;
/// "port unreachable" for type 1, code 4; empty where the code adds nothing.
[[nodiscard]] std::string_view icmpv6_code_name(std::uint8_t type, std::uint8_t code) noexcept;

}  // namespace synscope::wire
