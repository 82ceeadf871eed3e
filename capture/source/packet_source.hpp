#pragma once
// Where packets come from: a live interface, a capture file, standard input. One at a time, or in batches
// where every nanosecond counts:
//
//     while (auto packet = source.next()) { if (!*packet) break; use(**packet); }
//
//     std::array<RawPacket, 256> batch;
//     while (auto count = source.next_batch(batch)) { if (*count == 0) break;
//     use(std::span(batch).first(*count)); }
//
// Timestamps are converted to nanoseconds here and nowhere else. A source does not interpret what it hands
// out. Thread rule: one thread per source.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capture/trace/store.hpp"
#include "net/base/bytes.hpp"
#include "net/base/event.hpp"
#include "net/base/instant.hpp"
#include "net/base/result.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::pcapng {
struct Item;
}  // namespace synscope::pcapng

namespace synscope::source {

/// A packet as its source hands it out. The spans stay valid until the source is asked again, or as long as
/// the source when it keeps_bytes().
struct RawPacket {
    Instant at;                                           ///< since the Unix epoch
    std::uint32_t original_length = 0;                    ///< on the wire; `bytes` may be fewer
    std::uint16_t interface = 0;                          ///< for PacketSource::interface(), from 0
    wire::LinkType link_type = wire::LinkType::Ethernet;  ///< of that interface
    std::uint64_t offset = 0;  ///< where its record begins in the file, for messages; 0 when live
    ByteSpan bytes;
    ByteSpan block;           ///< pcapng: the whole block that holds it (comments_of); empty elsewhere
    bool big_endian = false;  ///< the byte order of `block`
};

/// The packet's comments (pcapng opt_comment), in order.
[[nodiscard]] std::vector<std::string_view> comments_of(const RawPacket& packet);

/// Sees the blocks of a pcapng file that are no packets, in their place between the batches of packets.
class BlockListener {
  public:
    virtual ~BlockListener() = default;
    /// `item` holds for the call.
    virtual void block(const pcapng::Item& item) = 0;
};

class PacketSource {
  public:
    virtual ~PacketSource() = default;
    /// The next packet. Nothing at the end of a file, and on a live source when none is waiting. After an
    /// error only the same error follows.
    [[nodiscard]] virtual Result<std::optional<RawPacket>, UserError> next() = 0;
    /// The next packets, at most batch.size(), at least one unless next() would give none; returns how many.
    /// The spans of all of them hold until the source is asked again. Never waits for a second packet. Blocks
    /// of a file that are no packets, and errors, end a batch. This default gives one packet at a time.
    [[nodiscard]] virtual Result<std::size_t, UserError> next_batch(std::span<RawPacket> batch);
    /// The interfaces known so far; more may turn up with every packet. interface() also takes the number
    /// that a packet brings although it is not below interface_count(): that of what is listed but was not
    /// captured. The reference holds until the source is asked again.
    [[nodiscard]] virtual std::size_t interface_count() const { return 1; }
    [[nodiscard]] virtual const trace::Interface& interface(std::uint16_t number) const = 0;
    /// Whether times finer than a microsecond are told apart, as far as is known before the first packet.
    [[nodiscard]] virtual bool has_nanoseconds() const { return true; }
    /// Whether the bytes of packets stay where they are as long as the source (a mapped file).
    [[nodiscard]] virtual bool keeps_bytes() const { return false; }
    /// Whether the capture can be opened again and gives the same packets, at little cost: a regular file
    /// that is not compressed.
    [[nodiscard]] virtual bool repeatable() const { return keeps_bytes(); }
    /// Of the packet last returned; before the first, of the first interface known.
    [[nodiscard]] virtual wire::LinkType link_type() const = 0;
    /// Shows every block that is no packet to `listener`, which must outlive the reading; to be called before
    /// the first packet. Use next_batch() then: next() reads ahead. False: this source has no blocks.
    [[nodiscard]] virtual bool listen(BlockListener* /*listener*/) { return false; }
    /// Counted so far.
    [[nodiscard]] virtual CaptureCounters stats() const = 0;
};

/// One line for a terminal: "PROGRAM: what: where; hint", every part escaped, empty parts left out.
[[nodiscard]] std::string error_line(std::string_view program, const UserError& error);

}  // namespace synscope::source
