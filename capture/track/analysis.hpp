#pragma once
// What every TCP segment of a capture says about its connection: to which one it belongs, its numbers
// relative to the start, and what is remarkable about it. One rule per flag, in words in docs/ANALYSIS.md.
//
//   track::Analyzer analyzer;
//   const track::Verdict v = analyzer.add(at, segment);   // in the order of the capture
//
// An observer between two endpoints judges: no clock of either end, no retransmission timer, only the
// segments in the order and at the times they were captured. Completeness and the other facts about a
// connection are those of all its segments so far: final when the capture has been read. No payload is kept
// and no reference to a segment. Memory: one record per connection, and 24 bytes for each segment not yet
// acknowledged, at most kMaxUnacknowledged per direction (analysis_state.hpp). Ordinarily nothing is
// allocated per segment. Thread rule: one thread.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "net/base/tcp_state.hpp"
#include "net/wire/transport.hpp"

namespace synscope::track {

/// In the alphabetical order of their names, which are Wireshark's behind "tcp.analysis.".
enum class AnalysisFlag : std::uint8_t {
    AckLostSegment,
    DuplicateAck,
    FastRetransmission,
    KeepAlive,
    KeepAliveAck,
    LostSegment,
    OutOfOrder,
    Retransmission,
    ReusedPorts,
    SpuriousRetransmission,
    WindowFull,
    WindowUpdate,
    ZeroWindow,
    ZeroWindowProbe,
    ZeroWindowProbeAck,
};
inline constexpr std::size_t kAnalysisFlagCount = 15;
/// "duplicate_ack".
[[nodiscard]] std::string_view name(AnalysisFlag flag) noexcept;

class AnalysisFlags {
  public:
    constexpr AnalysisFlags() = default;
    constexpr AnalysisFlags(AnalysisFlag flag) noexcept : bits_(bit(flag)) {}  // NOLINT: one flag is a set
    [[nodiscard]] constexpr bool has(AnalysisFlag flag) const noexcept { return (bits_ & bit(flag)) != 0; }
    constexpr void add(AnalysisFlag flag) noexcept { bits_ = static_cast<std::uint16_t>(bits_ | bit(flag)); }
    constexpr void add(AnalysisFlags flags) noexcept {
        bits_ = static_cast<std::uint16_t>(bits_ | flags.bits_);
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
    [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }
    friend constexpr bool operator==(AnalysisFlags, AnalysisFlags) = default;
    friend constexpr AnalysisFlags operator|(AnalysisFlags a, AnalysisFlags b) noexcept {
        a.add(b);
        return a;
    }
    /// The names in alphabetical order, joined by commas; empty for none.
    void append_names(std::string& out) const;
    [[nodiscard]] std::string names() const;

  private:
    static constexpr std::uint16_t bit(AnalysisFlag flag) noexcept {
        return static_cast<std::uint16_t>(1u << static_cast<unsigned>(flag));
    }
    std::uint16_t bits_ = 0;
};

/// What there is to say about one segment.
struct Verdict {
    ConnectionId connection;
    Direction direction = Direction::ClientToServer;
    AnalysisFlags flags;
    bool first = false;          ///< of its connection
    bool seq_guessed = false;    ///< no SYN of the sender told yet what relative 0 is
    bool ack_guessed = false;    ///< no SYN of the receiver did
    bool super_segment = false;  ///< longer than the MSS its receiver announced: the sender's card cuts it up
    std::uint32_t seq = 0;       ///< relative, modulo 2^32, as Wireshark prints it
    std::uint32_t ack = 0;       ///< likewise; as on the wire without the ACK flag
    std::uint32_t window = 0;    ///< bytes; scaled where the scale is known
    std::uint32_t duplicate_ack_number = 0;        ///< counts from 1; 0: no duplicate ACK
    std::optional<std::uint32_t> bytes_in_flight;  ///< after this segment; only on segments with payload
    std::optional<Duration> ack_rtt;               ///< since the segment that this one acknowledges exactly
};

/// What was seen of a connection, as bits that add up: Wireshark's tcp.completeness.
namespace completeness {
inline constexpr std::uint8_t kSyn = 1;
inline constexpr std::uint8_t kSynAck = 2;
inline constexpr std::uint8_t kAck = 4;
inline constexpr std::uint8_t kData = 8;
inline constexpr std::uint8_t kFin = 16;
inline constexpr std::uint8_t kRst = 32;
}  // namespace completeness

/// How far the end of a connection was seen.
enum class Ending : std::uint8_t { Open, HalfClosed, Closed, Reset };
/// "open", "half-closed" (one FIN), "closed" (a FIN from both), "reset" (a RST, unless both FINs had been
/// acknowledged by then: what came later is about no connection).
[[nodiscard]] std::string_view name(Ending ending) noexcept;

/// One direction of a connection, as sent.
struct DirectionFacts {
    std::uint64_t packets = 0;
    std::uint64_t payload_bytes = 0;           ///< by the headers, retransmitted ones counted again
    std::optional<Seq32> isn;                  ///< what relative 0 stands for
    std::optional<std::uint16_t> mss;          ///< announced in its SYN
    std::optional<std::uint8_t> window_shift;  ///< in use, or as offered while the answer was not seen
};

struct ConnectionFacts {
    ConnectionId id;
    Endpoint client;  ///< sender of the first SYN, else of the first segment
    // Without packets (Analyzer::name): who sent what was quoted. The times are the quotation's.
    Endpoint server;
    std::array<DirectionFacts, 2> directions;  ///< by Direction
    Instant first_at;  ///< earliest and latest, also where the capture is out of order
    Instant last_at;
    std::uint8_t completeness = 0;
    std::optional<Duration> initial_rtt;  ///< SYN to the ACK that ends the handshake
    bool reused_ports = false;            ///< an earlier connection had the same addresses and ports
    bool joined_midway = false;           ///< its first segment was no SYN
    Ending ending = Ending::Open;
    std::array<std::uint32_t, kAnalysisFlagCount> counts{};  ///< segments with each flag

    [[nodiscard]] const DirectionFacts& of(Direction d) const noexcept {
        return directions[d == Direction::ClientToServer ? 0 : 1];
    }
    [[nodiscard]] std::uint32_t count(AnalysisFlag flag) const noexcept {
        return counts[static_cast<std::size_t>(flag)];
    }
};

class Analyzer {
  public:
    Analyzer();
    ~Analyzer();
    Analyzer(Analyzer&&) noexcept;
    Analyzer& operator=(Analyzer&&) noexcept;

    Verdict add(Instant at, const wire::TcpSegment& segment);

    /// A connection that a packet names without a segment of it: by a header quoted in an ICMP error, or one
    /// that is broken. Takes the next number where the capture has shown nothing of it, so that numbers are
    /// Wireshark's; segments that come later are its first.
    ConnectionId name(Instant at, const wire::NamedTcp& named);

    struct Timed {
        Instant at;
        const wire::TcpSegment* segment = nullptr;
    };
    /// The same for several in order: their connections are fetched from memory together. `verdicts` is as
    /// long as `segments`.
    void add(std::span<const Timed> segments, std::span<Verdict> verdicts);

    /// Connections so far, numbered from 0.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] ConnectionFacts connection(ConnectionId id) const;
    [[nodiscard]] std::uint8_t completeness(ConnectionId id) const noexcept;
    /// For whoever reads a capture twice. Puts into the verdict on a segment what only later ones told: where
    /// relative 0 is and the window scale. `id` is this analyzer's, which has read everything; the verdict is
    /// another one's. What the segment's row says of its connection's completeness.
    [[nodiscard]] std::uint8_t settle(ConnectionId id, const wire::TcpSegment& segment,
                                      Verdict& verdict) const noexcept;
    /// The newest connection between two endpoints, whichever is the client.
    [[nodiscard]] std::optional<ConnectionId> find(const Endpoint& a, const Endpoint& b) const noexcept;
    /// The connection before it on the same addresses and ports.
    [[nodiscard]] std::optional<ConnectionId> earlier(ConnectionId id) const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::track
