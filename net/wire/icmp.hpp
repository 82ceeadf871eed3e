#pragma once
// ICMP (RFC 792; router discovery of RFC 1256). Contract of the types: header.hpp. Thread rule: values.

#include "net/wire/icmp_message.hpp"

namespace synscope::wire {

struct IcmpTypes {
    static constexpr std::uint8_t kEchoReply = 0;
    static constexpr std::uint8_t kUnreachable = 3;
    static constexpr std::uint8_t kSourceQuench = 4;
    static constexpr std::uint8_t kRedirect = 5;
    static constexpr std::uint8_t kEchoRequest = 8;
    static constexpr std::uint8_t kRouterAdvertisement = 9;
    static constexpr std::uint8_t kTimeExceeded = 11;
    static constexpr std::uint8_t kParameterProblem = 12;
    static constexpr std::uint8_t kTimestampRequest = 13;
    static constexpr std::uint8_t kTimestampReply = 14;

    [[nodiscard]] static constexpr bool quotes(std::uint8_t type) noexcept {
        return type == kUnreachable || type == kSourceQuench || type == kRedirect || type == kTimeExceeded ||
               type == kParameterProblem;
    }
    [[nodiscard]] static std::string text(std::uint8_t type, std::uint8_t code, std::uint32_t word);
};
using IcmpView = IcmpMessageView<IcmpTypes>;
using IcmpHeader = IcmpMessageHeader<IcmpTypes>;

/// "echo request", "time exceeded", ...; empty for a type that is not known.
[[nodiscard]] std::string_view icmp_type_name(std::uint8_t type) noexcept;
/// "port unreachable" for type 3, code 3; empty where the code adds nothing.
[[nodiscard]] std::string_view icmp_code_name(std::uint8_t type, std::uint8_t code) noexcept;

}  // namespace synscope::wire
