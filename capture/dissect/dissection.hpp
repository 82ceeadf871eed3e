#pragma once
// What a frame says, layer by layer: for the inspector, the tables and the text reports.
//
//   const Dissection d = dissect(link, frame, original_length);   // dissect.hpp
//   for (const Layer& layer : d.layers) ... layer.fields ...
//
// A bad packet stays displayable: every field that could be read is there, and the layer says where and why
// it stopped. Strings are plain text built from numbers and bytes of the packet; whoever shows them passes
// them through escaped(). Names, labels and helps are literals.
//
// Every range counts in the bytes of its layer: those of the frame, or, behind IP fragments and the like, a
// buffer that was put together from several frames and that the dissection owns (Layer::source).
//
// Machines read Field::data: it has one type per field name, in the units of Wireshark's field of that name
// (a header length in bytes, a flag as 0 or 1). Thread rule: values.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

/// Where a layer could not be read any further, and why.
struct Malformed {
    std::size_t offset = 0;  ///< in the layer's bytes
    std::string reason;      ///< "cut short: 6 of 20 bytes"
    friend bool operator==(const Malformed&, const Malformed&) = default;
};

/// The value is the text Field::value, as it stands in the packet.
struct IsText {
    friend constexpr bool operator==(IsText, IsText) = default;
};
/// The value is the bytes Field::bytes.
struct IsBytes {
    friend constexpr bool operator==(IsBytes, IsBytes) = default;
};
/// Nothing for fields that only hold others together, and for what was worked out.
using FieldData = std::variant<std::monostate, std::uint64_t, IpAddress, wire::MacAddress, IsText, IsBytes>;

struct Field {
    std::string_view name;   ///< Wireshark's: "ip.ttl"
    std::string_view label;  ///< for people: "Time to live"
    ByteRange bytes;         ///< in the layer's bytes; empty for what was worked out
    std::string value;       ///< for people: "64", "6 (TCP)", "20 bytes"
    std::string note;        ///< what is remarkable about this value; mostly empty
    std::string_view help;   ///< one sentence on what the field is for; empty where the label says it
    /// Fields of fields (a flag of the flags, an option of the options) are one deeper than what they belong
    /// to.
    std::uint8_t depth = 0;
    FieldData data;  ///< for machines
    friend bool operator==(const Field&, const Field&) = default;
};

struct Layer {
    std::string_view protocol;  ///< Wireshark's: "eth", "ip", "tcp", "data"
    std::string_view path;      ///< what it adds to frame.protocols: "eth:ethertype"
    std::string title;          ///< "Ethernet, 02:00:00:00:00:01 > 02:00:00:00:00:02"
    ByteRange bytes;            ///< in the frame, or in the buffer that `source` names
    std::vector<Field> fields;
    std::optional<Malformed> malformed;
    std::size_t source = 0;  ///< 0 is the frame, n is buffers[n - 1] of the dissection
    friend bool operator==(const Layer&, const Layer&) = default;
};

/// Bytes that no single frame holds.
struct DerivedBytes {
    std::string_view name;  ///< "Reassembled IPv4"
    std::vector<std::byte> bytes;
    friend bool operator==(const DerivedBytes&, const DerivedBytes&) = default;
};

struct Dissection {
    std::vector<Layer> layers;
    std::vector<DerivedBytes> buffers;

    /// As tshark prints frame.protocols: "eth:ethertype:ip:tcp:data".
    [[nodiscard]] std::string protocols() const;
    void append_protocols(std::string& out) const;
    /// The first layer of this protocol, or null.
    [[nodiscard]] const Layer* find_layer(std::string_view protocol) const noexcept;
    /// The first field of this name, or null.
    [[nodiscard]] const Field* find_field(std::string_view name) const noexcept;
    /// The innermost field that holds the byte at `offset` of the frame (or another source), for the link
    /// from hex to fields.
    [[nodiscard]] const Field* field_at(std::size_t offset, std::size_t source = 0) const noexcept;
    /// What a layer's ranges count in. `frame` is what was dissected.
    [[nodiscard]] ByteSpan bytes_of(const Layer& layer, ByteSpan frame) const noexcept {
        return layer.source == 0 ? frame : ByteSpan{buffers[layer.source - 1].bytes};
    }
    friend bool operator==(const Dissection&, const Dissection&) = default;
};

}  // namespace synscope::dissect
