#pragma once
// One row per packet, as `synscope analyze --format tsv` and `--format jsonl` print it: columns named after
// Wireshark's fields. Documented in docs/FORMATS.md. Thread rule: pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "capture/track/analysis.hpp"
#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/wire/link_type.hpp"
#include "net/wire/transport.hpp"

namespace synscope::render {

/// What a row is made of; nothing of it is kept.
struct PacketRow {
    std::uint64_t number = 0;  ///< from 1, in the file
    Instant at;
    wire::LinkType link = wire::LinkType::Ethernet;
    std::uint32_t original_length = 0;  ///< on the wire
    ByteSpan bytes;                     ///< as captured
    const wire::TcpSegment* segment = nullptr;
    const track::Verdict* verdict = nullptr;  ///< null without a segment
    std::uint8_t completeness = 0;            ///< of its connection, at the end of the capture
    std::string_view protocols;               ///< dissect::append_protocols()
};

/// The header line without its newline.
[[nodiscard]] std::string packet_table_header();
/// Appends a packet's line, with its newline. What there is nothing to say about stays an empty cell.
void append_packet_line(std::string& out, const PacketRow& packet);
/// The same as a JSON object on a line of its own. What there is nothing to say about is absent.
void append_packet_json(std::string& out, const PacketRow& packet);

}  // namespace synscope::render
