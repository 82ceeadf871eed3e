#pragma once
// The states of a TCP endpoint (RFC 9293 section 3.3.2), and how we came to know one.
// Thread rule: values.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace synscope {

enum class TcpState : std::uint8_t {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
};
inline constexpr std::size_t kTcpStateCount = 11;

/// RFC spelling: "FIN-WAIT-1".
[[nodiscard]] std::string_view tcp_state_name(TcpState state) noexcept;
/// From TCP_INFO's tcpi_state or sock_diag's idiag_state (Linux numbering); NEW_SYN_RECV is SYN-RECEIVED.
[[nodiscard]] std::optional<TcpState> tcp_state_from_linux(std::uint8_t linux_state) noexcept;

/// Why we believe a state. Drawn with the state, always.
enum class Evidence : std::uint8_t {
    Kernel,     ///< the kernel said so (TCP_INFO, sock_diag)
    Simulator,  ///< our own TCP is in it
    Inferred,   ///< worked out from packets
};
[[nodiscard]] std::string_view evidence_name(Evidence evidence) noexcept;

/// The ends of a conversation. The client sent the first SYN, or else the first packet.
enum class Side : std::uint8_t { Client, Server };
[[nodiscard]] constexpr Side other(Side side) noexcept {
    return side == Side::Client ? Side::Server : Side::Client;
}

/// The way bytes go.
enum class Direction : std::uint8_t { ClientToServer, ServerToClient };
[[nodiscard]] constexpr Direction other(Direction d) noexcept {
    return d == Direction::ClientToServer ? Direction::ServerToClient : Direction::ClientToServer;
}
[[nodiscard]] constexpr Direction sent_by(Side side) noexcept {
    return side == Side::Client ? Direction::ClientToServer : Direction::ServerToClient;
}
[[nodiscard]] constexpr Side sender_of(Direction d) noexcept {
    return d == Direction::ClientToServer ? Side::Client : Side::Server;
}

}  // namespace synscope
