#include "capture/dissect/field_writer.hpp"

#include <algorithm>

#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"

namespace synscope::dissect {

Piece Piece::behind(std::size_t size) const noexcept {
    return {bytes.subspan(size), at + size, length - static_cast<std::uint32_t>(size)};
}

Piece Piece::first(std::uint32_t size) const noexcept {
    return {bytes.first(std::min<std::size_t>(bytes.size(), size)), at, std::min(length, size)};
}

FieldWriter& FieldWriter::data(std::string_view name, std::string_view label, std::size_t at,
                               std::size_t size, FieldData data, std::string shown) {
    added_ = has(at, size);
    if (!added_) return *this;
    const std::uint64_t begin = piece_.at + at;
    layer_.fields.push_back({name, label, {begin, begin + size}, std::move(shown), {}, {}, 0, data});
    return *this;
}
FieldWriter& FieldWriter::text(std::string_view name, std::string_view label, std::size_t at,
                               std::size_t size, std::string value) {
    return data(name, label, at, size, IsText{}, std::move(value));
}
FieldWriter& FieldWriter::number(std::string_view name, std::string_view label, std::size_t at,
                                 std::size_t size, std::uint64_t value, std::string shown) {
    return data(name, label, at, size, value, shown.empty() ? concat(value) : std::move(shown));
}
FieldWriter& FieldWriter::group(std::string_view name, std::string_view label, std::size_t at,
                                std::size_t size, std::string shown) {
    return data(name, label, at, size, std::monostate{}, std::move(shown));
}

FieldWriter& FieldWriter::u8(std::string_view name, std::string_view label, std::size_t at) {
    return number(name, label, at, 1, has(at, 1) ? load_u8(piece_.bytes, at) : 0u);
}
FieldWriter& FieldWriter::u16(std::string_view name, std::string_view label, std::size_t at) {
    return number(name, label, at, 2, has(at, 2) ? load_be16(piece_.bytes, at) : 0u);
}
FieldWriter& FieldWriter::u32(std::string_view name, std::string_view label, std::size_t at) {
    return number(name, label, at, 4, has(at, 4) ? load_be32(piece_.bytes, at) : 0u);
}
FieldWriter& FieldWriter::hex16(std::string_view name, std::string_view label, std::size_t at) {
    const std::uint64_t value = has(at, 2) ? load_be16(piece_.bytes, at) : 0u;
    return number(name, label, at, 2, value, concat("0x", Hex{value, 4}));
}
FieldWriter& FieldWriter::hex32(std::string_view name, std::string_view label, std::size_t at) {
    const std::uint64_t value = has(at, 4) ? load_be32(piece_.bytes, at) : 0u;
    return number(name, label, at, 4, value, concat("0x", Hex{value, 8}));
}
FieldWriter& FieldWriter::mac(std::string_view name, std::string_view label, std::size_t at) {
    if (!has(at, 6)) return data(name, label, at, 6, {}, {});
    const auto address = wire::MacAddress::load(piece_.bytes, at);
    return data(name, label, at, 6, address, address.text());
}
FieldWriter& FieldWriter::address(std::string_view name, std::string_view label, std::size_t at,
                                  std::size_t size) {
    if (!has(at, size)) return data(name, label, at, size, {}, {});
    const auto address = IpAddress::from_bytes(piece_.bytes.subspan(at, size));
    return data(name, label, at, size, address, address.text());
}
FieldWriter& FieldWriter::hex_bytes(std::string_view name, std::string_view label, std::size_t at,
                                    std::size_t size) {
    return data(name, label, at, size, IsBytes{},
                has(at, size) ? hex_text(piece_.bytes.subspan(at, size)) : "");
}
FieldWriter& FieldWriter::flag(std::string_view name, std::string_view label, std::size_t at,
                               std::size_t size, bool set) {
    return number(name, label, at, size, set ? 1u : 0u, set ? "set" : "not set").deeper();
}
FieldWriter& FieldWriter::computed(std::string_view name, std::string_view label, std::string value) {
    added_ = true;
    layer_.fields.push_back({name, label, {}, std::move(value), {}, {}, 0, IsText{}});
    return *this;
}
FieldWriter& FieldWriter::computed(std::string_view name, std::string_view label, std::uint64_t value,
                                   std::string shown) {
    computed(name, label, shown.empty() ? concat(value) : std::move(shown));
    layer_.fields.back().data = value;
    return *this;
}

FieldWriter& FieldWriter::note(std::string text) {
    if (added_) layer_.fields.back().note = std::move(text);
    return *this;
}
FieldWriter& FieldWriter::help(std::string_view text) {
    if (added_) layer_.fields.back().help = text;
    return *this;
}
FieldWriter& FieldWriter::deeper(std::uint8_t depth) {
    if (added_) layer_.fields.back().depth = depth;
    return *this;
}

std::string FieldWriter::named_hex(std::uint16_t value, std::string_view name) {
    std::string out = concat("0x", Hex{value, 4});
    return name.empty() ? out : concat(out, " (", name, ')');
}
std::string FieldWriter::named(std::uint32_t value, std::string_view name) {
    return name.empty() ? concat(value) : concat(value, " (", name, ')');
}

void mark_malformed(Layer& layer, const Piece& piece, wire::HeaderError error, std::size_t needed,
                    const State& state) {
    std::string reason{wire::header_error_text(error)};
    if (error == wire::HeaderError::Truncated) {
        const std::string_view who = piece.bytes.size() < piece.length && needed <= piece.length
                                         ? "the capture ends here"
                                     : state.quoted ? "no more is quoted"
                                                    : "the packet ends here";
        reason = concat(who, ": ", piece.bytes.size(), " of ", needed, " bytes of the header");
    }
    const std::size_t offset =
        error == wire::HeaderError::Truncated ? piece.at + piece.bytes.size() : piece.at;
    layer.malformed = Malformed{offset, std::move(reason)};
}

std::string hex_text(ByteSpan bytes, std::size_t most) {
    std::string out;
    for (const std::byte b : bytes.first(std::min(most, bytes.size()))) {
        if (!out.empty()) out += ' ';
        append(out, Hex{std::to_integer<std::uint64_t>(b), 2});
    }
    if (bytes.size() > most) out += " ...";
    return out;
}

}  // namespace synscope::dissect
