#pragma once
// The control bits of a TCP header (RFC 9293 section 3.1, with AE of RFC 9768), as one value of twelve bits.
// Thread rule: values.

#include <cstdint>
#include <string>

namespace synscope::wire {

class TcpFlags {
  public:
    static constexpr std::uint16_t kFin = 0x001;
    static constexpr std::uint16_t kSyn = 0x002;
    static constexpr std::uint16_t kRst = 0x004;
    static constexpr std::uint16_t kPsh = 0x008;
    static constexpr std::uint16_t kAck = 0x010;
    static constexpr std::uint16_t kUrg = 0x020;
    static constexpr std::uint16_t kEce = 0x040;
    static constexpr std::uint16_t kCwr = 0x080;
    static constexpr std::uint16_t kAe = 0x100;

    constexpr TcpFlags() = default;
    constexpr explicit TcpFlags(std::uint16_t bits) noexcept : bits_(bits & 0xfff) {}

    /// Whether all of `bits` are set.
    [[nodiscard]] constexpr bool has(std::uint16_t bits) const noexcept { return (bits_ & bits) == bits; }
    [[nodiscard]] constexpr bool any(std::uint16_t bits) const noexcept { return (bits_ & bits) != 0; }
    [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }
    friend constexpr bool operator==(TcpFlags, TcpFlags) = default;

    /// As tcpdump and packetdrill write them: "S", "S.", "P.", "F.", "R", "." for a lone ACK, "-" for none;
    /// E, W, U, e (AE).
    [[nodiscard]] std::string text() const;

  private:
    std::uint16_t bits_ = 0;
};

}  // namespace synscope::wire
