#pragma once
// Writing pcapng blocks (draft-ietf-opsawg-pcapng): little-endian, nanosecond timestamps, one section.
//
// Each function appends one whole block. Interfaces are numbered from 0 in the order in which they are
// written. Thread rule: pure.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/ids.hpp"
#include "net/base/instant.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::pcapng {

using Bytes = std::vector<std::byte>;

struct SectionText {
    std::string_view application;       ///< shb_userappl
    std::string_view hardware;          ///< shb_hardware
    std::string_view operating_system;  ///< shb_os
};
void append_section(Bytes& out, const SectionText& text);

struct InterfaceText {
    wire::LinkType link_type = wire::LinkType::Ethernet;
    std::uint32_t snap_length = 0;                ///< 0: no limit
    std::string_view name;                        ///< if_name
    std::string_view description;                 ///< if_description
    std::string_view filter;                      ///< if_filter, as libpcap's text
    std::vector<std::string_view> comments = {};  ///< opt_comment, each
};
void append_interface(Bytes& out, const InterfaceText& text);

struct PacketHeader {
    std::uint32_t interface = 0;
    Instant at;
    std::uint32_t original_length = 0;
    std::optional<PacketId> id;              ///< epb_packetid
    std::optional<std::uint32_t> flags;      ///< epb_flags
    std::vector<std::string_view> comments;  ///< opt_comment, each
    ByteSpan options{};                      ///< others, as little_endian_options() gives them
};
void append_packet(Bytes& out, const PacketHeader& header, ByteSpan packet);

/// A packet block that was read before, with only the first `kept` bytes of its packet: everything else as it
/// stands, in its own byte order. A simple packet block cannot say that bytes are missing and becomes an
/// enhanced one, of interface 0 and time 0, as it has neither.
void append_cut_packet(Bytes& out, ByteSpan block, bool big_endian, std::size_t kept);

/// The options of an enhanced packet block that was read before, numbers turned to little-endian, without
/// epb_packetid (another section numbers anew) and without opt_endofopt. None of other blocks but comments.
[[nodiscard]] Bytes little_endian_options(ByteSpan block, bool big_endian);

struct Statistics {
    std::uint32_t interface = 0;
    Instant at;
    std::optional<std::uint64_t> received;              ///< isb_ifrecv
    std::optional<std::uint64_t> dropped_by_interface;  ///< isb_ifdrop
    std::optional<std::uint64_t> dropped_by_system;     ///< isb_osdrop
};
void append_statistics(Bytes& out, const Statistics& statistics);

/// Any block by its type, the body padded to 32 bits: how events are written (event_codec.hpp).
void append_block(Bytes& out, std::uint32_t type, ByteSpan body);

}  // namespace synscope::pcapng
