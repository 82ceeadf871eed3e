#pragma once
// DHCP (RFC 2131 section 2, options of RFC 2132 and the IANA list): the fixed part's checked view, the
// options as a range, the message as a plain value, its bytes and its line of text. Contract of the view:
// header.hpp. Thread rule: values and pure functions.

#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "net/base/address.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/header.hpp"

namespace synscope::wire {

namespace dhcp {
inline constexpr std::uint16_t kServerPort = 67;
inline constexpr std::uint16_t kClientPort = 68;
inline constexpr std::uint32_t kCookie = 0x63825363;  ///< tells DHCP from plain BOOTP

inline constexpr std::uint8_t kPad = 0;
inline constexpr std::uint8_t kSubnetMask = 1;
inline constexpr std::uint8_t kRouter = 3;
inline constexpr std::uint8_t kDnsServer = 6;
inline constexpr std::uint8_t kHostName = 12;
inline constexpr std::uint8_t kDomainName = 15;
inline constexpr std::uint8_t kRequestedAddress = 50;
inline constexpr std::uint8_t kLeaseTime = 51;
inline constexpr std::uint8_t kMessageType = 53;
inline constexpr std::uint8_t kServerIdentifier = 54;
inline constexpr std::uint8_t kParameterList = 55;
inline constexpr std::uint8_t kClientIdentifier = 61;
inline constexpr std::uint8_t kEnd = 255;

enum class MessageType : std::uint8_t {
    Discover = 1,
    Offer,
    Request,
    Decline,
    Ack,
    Nak,
    Release,
    Inform,
};
/// "Discover", ...; empty for a number that is none.
[[nodiscard]] std::string_view message_type_name(std::uint8_t type) noexcept;
/// How the bytes of an option are to be read.
enum class OptionForm : std::uint8_t { Bytes, Addresses, Text, U8, U16, U32, Seconds, Flag, Codes };
struct OptionInfo {
    std::string_view name;  ///< "Subnet mask"; empty for a code that is not known
    OptionForm form = OptionForm::Bytes;
};
[[nodiscard]] OptionInfo option_info(std::uint8_t code) noexcept;
}  // namespace dhcp

/// The fixed part, and where the options are.
class DhcpView {
  public:
    static constexpr std::size_t kBootpSize = 236;
    static constexpr std::size_t kSize = 240;  ///< cookie included
    static constexpr std::size_t kTransactionAt = 4;
    static constexpr std::size_t kSecondsAt = 8;
    static constexpr std::size_t kFlagsAt = 10;
    static constexpr std::size_t kClientAddressAt = 12;
    static constexpr std::size_t kYourAddressAt = 16;
    static constexpr std::size_t kServerAddressAt = 20;
    static constexpr std::size_t kRelayAddressAt = 24;
    static constexpr std::size_t kHardwareAddressAt = 28;
    static constexpr std::size_t kServerNameAt = 44;
    static constexpr std::size_t kFileAt = 108;

    /// BOOTP without the cookie is accepted; it has no options.
    [[nodiscard]] static constexpr Parsed<DhcpView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kBootpSize) return failure(HeaderError::Truncated);
        return DhcpView{bytes};
    }
    [[nodiscard]] constexpr std::uint8_t operation() const noexcept { return load_u8(bytes_, 0); }
    [[nodiscard]] constexpr std::uint8_t hardware_type() const noexcept { return load_u8(bytes_, 1); }
    [[nodiscard]] constexpr std::uint8_t hardware_size() const noexcept { return load_u8(bytes_, 2); }
    [[nodiscard]] constexpr std::uint8_t hops() const noexcept { return load_u8(bytes_, 3); }
    [[nodiscard]] constexpr std::uint32_t transaction() const noexcept {
        return load_be32(bytes_, kTransactionAt);
    }
    [[nodiscard]] constexpr std::uint16_t seconds() const noexcept { return load_be16(bytes_, kSecondsAt); }
    [[nodiscard]] constexpr bool broadcast() const noexcept {
        return (load_u8(bytes_, kFlagsAt) & 0x80) != 0;
    }
    [[nodiscard]] constexpr IpAddress address(std::size_t at) const noexcept {
        return IpAddress::v4(load_be32(bytes_, at));
    }
    [[nodiscard]] constexpr MacAddress hardware_address() const noexcept {
        return MacAddress::load(bytes_, kHardwareAddressAt);
    }
    [[nodiscard]] constexpr bool has_cookie() const noexcept {
        return bytes_.size() >= kSize && load_be32(bytes_, kBootpSize) == dhcp::kCookie;
    }
    [[nodiscard]] constexpr ByteSpan options() const noexcept {
        return has_cookie() ? bytes_.subspan(kSize) : ByteSpan{};
    }

  private:
    constexpr explicit DhcpView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

/// One option where it lies; a cut one has fewer bytes than it says.
struct DhcpOptionView {
    std::uint8_t code = 0;
    std::size_t at = 0;    ///< of its code, in the options
    std::size_t size = 0;  ///< code and length included
    ByteSpan bytes;
    bool cut = false;
};
/// Pads are left out; End is the last element, if it is there.
[[nodiscard]] std::vector<DhcpOptionView> dhcp_options(ByteSpan options);

struct DhcpOption {
    std::uint8_t code = 0;
    std::vector<std::byte> bytes;  ///< at most 255
    friend bool operator==(const DhcpOption&, const DhcpOption&) = default;
};

struct DhcpMessage {
    std::uint8_t operation = 1;  ///< 1 request, 2 reply
    std::uint8_t hops = 0;
    std::uint32_t transaction = 0;
    std::uint16_t seconds = 0;
    bool broadcast = false;
    IpAddress client = IpAddress::v4(0);
    IpAddress yours = IpAddress::v4(0);
    IpAddress server = IpAddress::v4(0);
    IpAddress relay = IpAddress::v4(0);
    MacAddress hardware;
    std::string server_name;  ///< at most 63 bytes
    std::string file;         ///< at most 127 bytes
    std::vector<DhcpOption> options;

    /// Nothing for what is not DHCP over Ethernet, or is cut short.
    [[nodiscard]] static std::optional<DhcpMessage> parse(ByteSpan bytes);
    /// Ends with the End option; longer names and options are cut to what fits.
    [[nodiscard]] std::vector<std::byte> emit() const;

    /// The bytes of the first option of this code.
    [[nodiscard]] std::optional<ByteSpan> find(std::uint8_t code) const noexcept;
    [[nodiscard]] std::optional<dhcp::MessageType> type() const noexcept;
    void add(std::uint8_t code, ByteSpan bytes);
    void add_u8(std::uint8_t code, std::uint8_t value);
    void add_u32(std::uint8_t code, std::uint32_t value);
    void add_address(std::uint8_t code, const IpAddress& address);

    /// "DHCP Offer, xid 0x1a2b3c4d, to 02:00:00:00:00:01, address 10.0.0.7".
    [[nodiscard]] std::string text() const;
    friend bool operator==(const DhcpMessage&, const DhcpMessage&) = default;
};

}  // namespace synscope::wire
