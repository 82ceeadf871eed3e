#pragma once
// DNS messages (RFC 1035 section 4; AAAA of RFC 3596, SRV of RFC 2782, OPT of RFC 6891): the header's checked
// view, names, the message as a plain value, its bytes and its line of text.
//
//   if (const auto message = DnsMessage::parse(bytes)) ... message->questions ...
//
// Names are text in the master file form (RFC 1035 section 5.1): labels with dots between, "." alone for the
// root, a dot or backslash inside a label with a backslash before it, other bytes that do not print as \DDD.
// Compression: a pointer must point before the name that holds it, so that loops end; what a name becomes is
// bounded by 255 bytes. Thread rule: values and pure functions.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/base/address.hpp"
#include "net/wire/header.hpp"

namespace synscope::wire {

namespace dns {
inline constexpr std::uint16_t kPort = 53;
inline constexpr std::uint16_t kMulticastPort = 5353;  ///< mDNS (RFC 6762)
inline constexpr std::uint16_t kLlmnrPort = 5355;      ///< LLMNR (RFC 4795)

inline constexpr std::uint16_t kA = 1;
inline constexpr std::uint16_t kNs = 2;
inline constexpr std::uint16_t kCname = 5;
inline constexpr std::uint16_t kSoa = 6;
inline constexpr std::uint16_t kPtr = 12;
inline constexpr std::uint16_t kMx = 15;
inline constexpr std::uint16_t kTxt = 16;
inline constexpr std::uint16_t kAaaa = 28;
inline constexpr std::uint16_t kSrv = 33;
inline constexpr std::uint16_t kOpt = 41;

inline constexpr std::uint16_t kResponse = 0x8000;
inline constexpr std::uint16_t kAuthoritative = 0x0400;
inline constexpr std::uint16_t kTruncated = 0x0200;
inline constexpr std::uint16_t kRecursionDesired = 0x0100;
inline constexpr std::uint16_t kRecursionAvailable = 0x0080;
inline constexpr std::uint16_t kReserved = 0x0040;
inline constexpr std::uint16_t kAuthenticData = 0x0020;
inline constexpr std::uint16_t kCheckingDisabled = 0x0010;

/// "A", "AAAA", ...; empty for one that is not known (IANA "DNS Parameters").
[[nodiscard]] std::string_view type_name(std::uint16_t type) noexcept;
[[nodiscard]] std::string_view class_name(std::uint16_t value) noexcept;
[[nodiscard]] std::string_view opcode_name(std::uint8_t opcode) noexcept;
/// "no error", "no such name", ...
[[nodiscard]] std::string_view rcode_name(std::uint8_t rcode) noexcept;
}  // namespace dns

class DnsView {
  public:
    static constexpr std::size_t kSize = 12;

    [[nodiscard]] static constexpr Parsed<DnsView> parse(ByteSpan bytes) noexcept {
        if (bytes.size() < kSize) return failure(HeaderError::Truncated);
        return DnsView{bytes};
    }
    [[nodiscard]] constexpr std::uint16_t id() const noexcept { return load_be16(bytes_, 0); }
    [[nodiscard]] constexpr std::uint16_t flags() const noexcept { return load_be16(bytes_, 2); }
    [[nodiscard]] constexpr bool response() const noexcept { return (flags() & dns::kResponse) != 0; }
    [[nodiscard]] constexpr std::uint8_t opcode() const noexcept {
        return static_cast<std::uint8_t>(flags() >> 11 & 15);
    }
    [[nodiscard]] constexpr std::uint8_t rcode() const noexcept {
        return static_cast<std::uint8_t>(flags() & 15);
    }
    /// Of questions (0), answers (1), authorities (2), additional records (3), as the header claims.
    [[nodiscard]] constexpr std::uint16_t count(std::size_t section) const noexcept {
        return load_be16(bytes_, 4 + 2 * section);
    }

  private:
    constexpr explicit DnsView(ByteSpan bytes) noexcept : bytes_(bytes) {}
    ByteSpan bytes_;
};

struct DnsName {
    std::string text;
    std::size_t end = 0;  ///< behind the name where it stands, its pointer included
};
/// The name at `at`; nothing when it runs out of the message, is too long, or points forward.
[[nodiscard]] std::optional<DnsName> read_dns_name(ByteSpan message, std::size_t at);
/// Appends a name as it goes on the wire, without compression. False, and nothing appended, when it has an
/// empty label or is too long.
[[nodiscard]] bool append_dns_name(std::vector<std::byte>& out, std::string_view text);

struct DnsQuestion {
    std::string name;
    std::uint16_t type = dns::kA;
    std::uint16_t klass = 1;  ///< the high bit is mDNS's wish for a unicast answer
    friend bool operator==(const DnsQuestion&, const DnsQuestion&) = default;
};

// What a record says, by its type.
struct DnsTarget {  ///< CNAME, NS, PTR
    std::string name;
    friend bool operator==(const DnsTarget&, const DnsTarget&) = default;
};
struct DnsMx {
    std::uint16_t preference = 0;
    std::string exchange;
    friend bool operator==(const DnsMx&, const DnsMx&) = default;
};
struct DnsSoa {
    std::string primary;
    std::string mailbox;
    std::uint32_t serial = 0;
    std::uint32_t refresh = 0;  ///< in seconds, as the next three
    std::uint32_t retry = 0;
    std::uint32_t expire = 0;
    std::uint32_t minimum = 0;
    friend bool operator==(const DnsSoa&, const DnsSoa&) = default;
};
struct DnsText {
    std::vector<std::string> strings;  ///< raw bytes, at most 255 each
    friend bool operator==(const DnsText&, const DnsText&) = default;
};
struct DnsSrv {
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    std::string target;
    friend bool operator==(const DnsSrv&, const DnsSrv&) = default;
};
/// Other types, OPT among them, and known ones whose contents make no sense.
struct DnsOpaque {
    std::vector<std::byte> bytes;
    friend bool operator==(const DnsOpaque&, const DnsOpaque&) = default;
};
using DnsData = std::variant<DnsOpaque, IpAddress, DnsTarget, DnsMx, DnsSoa, DnsText, DnsSrv>;

struct DnsRecord {
    std::string name;
    std::uint16_t type = dns::kA;
    std::uint16_t klass = 1;  ///< of OPT: the largest UDP payload its sender takes
    std::uint32_t ttl = 0;    ///< in seconds; of OPT: extended code, version, flags
    DnsData data;
    friend bool operator==(const DnsRecord&, const DnsRecord&) = default;
};
/// Where a record and its parts lie in the message.
struct DnsRecordPlace {
    std::size_t begin = 0;
    std::size_t type_at = 0;  ///< class, TTL and length follow at fixed distances
    std::size_t data_at = 0;
    std::size_t end = 0;
};
struct DnsRecordAt {
    DnsRecord record;
    DnsRecordPlace place;
};
/// The record at `at`; nothing when it runs out of the message or its name makes no sense.
[[nodiscard]] std::optional<DnsRecordAt> read_dns_record(ByteSpan message, std::size_t at);
/// "10.0.0.1", "mail.example (10)", ...: what a record says, not yet escaped.
[[nodiscard]] std::string dns_data_text(const DnsRecord& record);

enum class DnsError : std::uint8_t {
    Truncated,  ///< fewer bytes than the header, or more questions or records claimed than there are
    BadName,    ///< a name too long for the wire (emit)
};

struct DnsMessage {
    std::uint16_t id = 0;
    std::uint16_t flags = 0;
    std::vector<DnsQuestion> questions;
    std::vector<DnsRecord> answers;
    std::vector<DnsRecord> authorities;
    std::vector<DnsRecord> additional;

    [[nodiscard]] static Result<DnsMessage, DnsError> parse(ByteSpan message);
    /// As it goes on the wire over UDP, without compression.
    [[nodiscard]] Result<std::vector<std::byte>, DnsError> emit() const;
    /// "DNS query 0x1a2b, A example.com?", "DNS response 0x1a2b, A example.com? A 10.0.0.1": escaped.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const DnsMessage&, const DnsMessage&) = default;
};

}  // namespace synscope::wire
