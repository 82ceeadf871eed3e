#pragma once
// What a frame says, layer by layer: for the inspector, the tables and the text reports.
//
//   const Dissection d = dissect(link, frame, original_length);   // dissect.hpp
//   for (const Layer& layer : d.layers) ... layer.fields ...
//
// A bad packet stays displayable: every field that could be read is there, and the layer says where and why
// it stopped. Strings are plain text built from numbers and bytes of the packet; whoever shows them passes
// them through escaped(). Names, labels and helps are literals. Thread rule: values.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/bytes.hpp"

namespace synscope::dissect {

/// Where a layer could not be read any further, and why.
struct Malformed {
    std::size_t offset = 0;  ///< in the frame
    std::string reason;      ///< "cut short: 6 of 20 bytes"
    friend bool operator==(const Malformed&, const Malformed&) = default;
};

struct Field {
    std::string_view name;   ///< Wireshark's: "ip.ttl"
    std::string_view label;  ///< for people: "Time to live"
    ByteRange bytes;         ///< in the frame; empty for what was worked out
    std::string value;       ///< "64"
    std::string note;        ///< what is remarkable about this value; mostly empty
    std::string_view help;   ///< one sentence on what the field is for; empty where the label says it
    /// Fields of fields (a flag of the flags, an option of the options) are one deeper than what they belong
    /// to.
    std::uint8_t depth = 0;
    friend bool operator==(const Field&, const Field&) = default;
};

struct Layer {
    std::string_view protocol;  ///< Wireshark's: "eth", "ip", "tcp", "data"
    std::string_view path;      ///< what it adds to frame.protocols: "eth:ethertype"
    std::string title;          ///< "Ethernet, 02:00:00:00:00:01 > 02:00:00:00:00:02"
    ByteRange bytes;            ///< in the frame
    std::vector<Field> fields;
    std::optional<Malformed> malformed;
    friend bool operator==(const Layer&, const Layer&) = default;
};

struct Dissection {
    std::vector<Layer> layers;

    /// As tshark prints frame.protocols: "eth:ethertype:ip:tcp:data".
    [[nodiscard]] std::string protocols() const;
    /// The first layer of this protocol, or null.
    [[nodiscard]] const Layer* find_layer(std::string_view protocol) const noexcept;
    /// The first field of this name, or null.
    [[nodiscard]] const Field* find_field(std::string_view name) const noexcept;
    /// The innermost field (then layer) that holds the byte at `offset`, for the link from hex to fields.
    [[nodiscard]] const Field* field_at(std::size_t offset) const noexcept;
    friend bool operator==(const Dissection&, const Dissection&) = default;
};

}  // namespace synscope::dissect
