#pragma once
// Captures to files: packets that were read from a source, all of them or some, whole or only their headers.
//
//     auto writer = CaptureWriter::create("out.pcapng", *source, {});  // before the first packet is read
//     while (auto count = source->next_batch(batch)) { ... writer->write(packet); ... }
//     writer->commit();
//
// From pcapng to pcapng every block is copied as it stands, in its section's byte order: comments and all
// other options, names, interfaces, statistics, secrets, custom blocks and blocks nobody knows. Packets that
// are not written are missing, nothing else; a custom block that says it is not to be copied (0x40000bad) is
// not. Anything else becomes one section with nanosecond timestamps. A pcap file holds one link type,
// microseconds or, where the source tells them apart, nanoseconds, and neither comments nor names. Written
// through trace::SafeFile: the file appears whole, at commit(), or not at all. Thread rule: one thread, the
// source's.

#include <cstdint>
#include <memory>
#include <string>

#include "capture/source/packet_source.hpp"

namespace synscope::source {

enum class WriteFormat : std::uint8_t { Pcapng, Pcap };

struct WriterOptions {
    /// Unless given: pcap for a name that ends in ".pcap" or ".cap", pcapng for all others.
    std::optional<WriteFormat> format{};
    /// Only what headers_length() leaves of each packet, and no decryption secrets.
    bool headers_only = false;
    std::string application = "Synscope";  ///< shb_userappl, where a section is ours
};

class CaptureWriter {
  public:
    /// `path` "-" is standard output. `source` must outlive the writer.
    [[nodiscard]] static Result<std::unique_ptr<CaptureWriter>, UserError> create(const std::string& path,
                                                                                  PacketSource& source,
                                                                                  WriterOptions options);
    virtual ~CaptureWriter();
    CaptureWriter(const CaptureWriter&) = delete;
    CaptureWriter& operator=(const CaptureWriter&) = delete;

    /// A packet as the source handed it out, while its bytes hold. Blocks that stand before it are written
    /// before it.
    [[nodiscard]] virtual Result<void, UserError> write(const RawPacket& packet) = 0;
    /// After the last packet: puts the file in its place. Without it nothing is left behind.
    [[nodiscard]] virtual Result<void, UserError> commit() = 0;

  protected:
    CaptureWriter() = default;
};

}  // namespace synscope::source
