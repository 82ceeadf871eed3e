#pragma once
// Putting IP datagrams together from their fragments (RFC 791 section 3.2, RFC 815; RFC 8200 section 4.5).
//
//   FragmentTable table;
//   if (packet.fragment)
//       if (const auto whole = table.add(packet, at)) ... whole->payload ...
//
// What belongs together: source, destination, identification, and for IPv4 the protocol. Order does not
// matter, nor do exact duplicates. Where fragments overlap:
//   IPv6  the whole datagram is dropped, with what is still to come of it (RFC 5722 section 4);
//   IPv4  the byte that arrived first stays, and the datagram says that there was a conflict if the bytes
//         differ. Kernels do not agree here: a reader of captures shows the bytes and the doubt, and drops
//         nothing.
// A fragment that makes no sense (no bytes, a length that is no multiple of 8 with more to come, beyond 64
// KiB, beyond the datagram's known end, a second and different end) is refused and counted.
//
// Bounded by number of datagrams, by bytes and by age; the oldest datagram goes first. Time is that of the
// packets. Ownership: the table copies what it keeps, and owns the payload it returns until the next call of
// add(). Thread rule: one table, one thread.

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/wire/transport.hpp"

namespace synscope::wire {

struct FragmentLimits {
    std::size_t datagrams = 1024;
    std::size_t bytes = 4 * 1024 * 1024;   ///< of all incomplete datagrams, bookkeeping included
    Duration age = Duration::seconds(30);  ///< since a datagram's first fragment
    std::size_t fragments_of_one = 8192;   ///< as many as 64 KiB in units of 8 bytes can have
};

/// A whole one, put together.
struct Datagram {
    IpAddress source;
    IpAddress destination;
    std::uint8_t protocol = 0;  ///< of the payload; for IPv6 what the fragment at offset 0 says
    std::uint32_t identification = 0;
    ByteSpan payload;             ///< the table's, until its next add()
    std::uint32_t fragments = 0;  ///< that arrived, duplicates included
    bool conflict = false;        ///< IPv4: fragments overlapped and did not agree
};

struct FragmentCounts {
    std::uint64_t completed = 0;
    std::uint64_t duplicates = 0;  ///< fragments that brought nothing new
    std::uint64_t conflicts = 0;   ///< IPv4 fragments that contradicted earlier ones
    std::uint64_t overlaps = 0;    ///< IPv6 datagrams dropped because of an overlap
    std::uint64_t refused = 0;     ///< fragments that make no sense, or of a dropped datagram
    std::uint64_t expired = 0;     ///< datagrams that grew too old
    std::uint64_t evicted = 0;     ///< datagrams that had to make room
    friend constexpr bool operator==(const FragmentCounts&, const FragmentCounts&) = default;
};

class FragmentTable {
  public:
    explicit FragmentTable(FragmentLimits limits = {}) noexcept : limits_(limits) {}

    /// `packet` is a fragment whose payload was captured whole (is_whole_fragment()). The datagram, when this
    /// was the fragment that was missing.
    [[nodiscard]] std::optional<Datagram> add(const IpPacket& packet, Instant at);

    /// When the first fragment came of the datagram that `of` belongs to, while it waits for more.
    [[nodiscard]] std::optional<Instant> waiting_since(const IpPacket& of) const;
    /// Gives that datagram up as too old.
    void give_up(const IpPacket& of);

    [[nodiscard]] const FragmentCounts& counts() const noexcept { return counts_; }
    /// Datagrams that wait for fragments, dropped ones that are remembered included.
    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
    /// Bytes kept, bookkeeping included.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  private:
    struct Key {
        IpAddress source;
        IpAddress destination;
        std::uint32_t identification = 0;
        std::uint8_t protocol = 0;  ///< 0 for IPv6
        friend bool operator==(const Key&, const Key&) = default;
    };
    [[nodiscard]] static Key key_of(const IpPacket& packet) noexcept;
    struct KeyHash {
        [[nodiscard]] std::size_t operator()(const Key& key) const noexcept;
    };
    /// One datagram in the making. Pieces do not overlap.
    struct Waiting {
        Key key;
        Instant first_at;
        std::map<std::uint32_t, std::vector<std::byte>> pieces;  ///< by offset
        std::optional<std::uint32_t> end;
        std::uint32_t present = 0;  ///< bytes in `pieces`
        std::uint32_t fragments = 0;
        std::uint8_t protocol = 0;
        bool conflict = false;
        bool dropped = false;  ///< IPv6 overlap: kept as a mark, so that the rest is dropped as well
    };
    using Position = std::list<Waiting>::iterator;

    enum class Verdict : std::uint8_t { Taken, Duplicate, Refused, Dropped };

    void forget_old(Instant at);
    void make_room(Position keep);
    void erase(Position position);
    [[nodiscard]] Position find_or_start(const Key& key, Instant at);
    [[nodiscard]] Verdict insert(Waiting& datagram, const IpPacket& packet);
    void insert_piece(Waiting& datagram, std::uint32_t offset, ByteSpan bytes);
    void drop(Waiting& datagram);
    [[nodiscard]] Datagram finish(Position position);

    FragmentLimits limits_;
    FragmentCounts counts_;
    std::list<Waiting> waiting_;  ///< in the order of their first fragments
    std::unordered_map<Key, Position, KeyHash> positions_;
    std::size_t bytes_ = 0;
    std::vector<std::byte> whole_;  ///< what the last Datagram points at
};

/// Whether the captured bytes are all of the fragment's; only such a one can be put together.
[[nodiscard]] constexpr bool is_whole_fragment(const IpPacket& packet) noexcept {
    return packet.fragment && packet.payload.size() == packet.payload_length;
}

}  // namespace synscope::wire
