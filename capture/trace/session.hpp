#pragma once
// Sessions: a trace as pcapng. Packets are packet blocks with an epb_packetid; every other event is a block
// of our local-use type 0x80005353 (see capture/pcapng). tshark, capinfos and tcpdump skip those blocks.
//
// The same stream goes through a pipe between two of our processes, so writer and reader are incremental. An
// event block carries its texts inline: it stays readable when blocks around it are cut away. Thread rule:
// each object belongs to one thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "capture/trace/store.hpp"
#include "net/base/result.hpp"

namespace synscope::trace {

/// Turns events into a pcapng byte stream, in the order given.
class SessionEncoder {
  public:
    /// `application` becomes the section header's shb_userappl.
    explicit SessionEncoder(std::string_view application);
    ~SessionEncoder();

    /// Bytes produced since the last call; the first holds the section header.
    [[nodiscard]] std::vector<std::byte> take();
    void interface(const Interface& description);
    /// An event of `store` with everything it refers to; a PacketCaptured (or Sent) event writes its packet
    /// block. Interfaces must have been written before their packets.
    void event(const Store& store, const Event& event);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// What a stream turned out to hold that a user should hear of.
struct SessionSummary {
    std::uint64_t packets = 0;
    std::uint64_t events = 0;
    std::uint64_t unknown_blocks = 0;
    bool has_packet_ids =
        false;  ///< without our events: a session that another program took them from, perhaps
    bool has_our_events = false;       ///< false for a foreign capture
    std::uint64_t newer_events = 0;    ///< event blocks of a later version, skipped
    std::uint64_t damaged_events = 0;  ///< event blocks that cannot be read, skipped
    std::uint64_t missing_packets =
        0;  ///< events that name a packet which is no longer there (editcap, mergecap)
};

/// Feeds a pcapng byte stream into a store as it arrives. A packet block without our event becomes a
/// PacketCaptured event. Identifiers in the stream are mapped to the store's own.
class SessionDecoder {
  public:
    explicit SessionDecoder(Store& store);
    ~SessionDecoder();

    /// Any cut is fine. Fails at the first block that cannot be read, naming its byte offset; what came
    /// before it is in the store.
    Result<void, UserError> feed(ByteSpan bytes);
    /// The stream ended: fails when it ended inside a block.
    Result<void, UserError> finish();
    /// Instead of feed() and finish(): the whole stream lies in memory that the store keeps (Store::adopt),
    /// and packets are referred to, not copied.
    Result<void, UserError> read_mapped(ByteSpan file);
    [[nodiscard]] const SessionSummary& summary() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Writes the whole store into a descriptor; `name` is what it is called in a message.
Result<void, UserError> write_session(const Store& store, int fd, const std::string& name);
/// Writes the whole store: to a temporary file of mode 0600 beside `path`, synced, then renamed. `path` "-"
/// is standard output.
Result<void, UserError> save_session(const Store& store, const std::string& path);

}  // namespace synscope::trace
