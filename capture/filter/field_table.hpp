#pragma once
// The fields a display filter may name, in one table: name, kind of value, where the value comes from. The
// names are Wireshark's; docs/FILTERS.md lists the same rows. Thread rule: constants and pure functions.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "capture/filter/value.hpp"

namespace synscope::filter {

/// Where a field's value comes from.
enum class Origin : std::uint8_t {
    Frame,       ///< the packet's place in the capture: times, lengths, bytes
    Analysis,    ///< the TCP analysis of this segment
    Connection,  ///< the TCP connection the segment belongs to
    Layer,       ///< the layer of this name
    Field,       ///< fields of this name in the dissection
    Either,      ///< fields of two names: source and destination
    Payload,     ///< what the layer of this name carries
};

struct FieldRow {
    std::string_view name;
    Kind kind = Kind::Label;
    std::uint8_t bits = 0;  ///< of a number: how large it can be
    Origin origin = Origin::Field;
    std::string_view first = {};  ///< Either: the two names; Payload: the layer
    std::string_view second = {};
};

/// All rows, in the order of their names.
[[nodiscard]] std::span<const FieldRow> field_rows() noexcept;
/// Null for a name that is not in the table.
[[nodiscard]] const FieldRow* find_row(std::string_view name) noexcept;
/// The name in the table that is written most alike; nothing when none comes near.
[[nodiscard]] std::optional<std::string_view> nearest_name(std::string_view name);

}  // namespace synscope::filter
