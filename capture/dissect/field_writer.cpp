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

FieldWriter& FieldWriter::text(std::string_view name, std::string_view label, std::size_t at,
                               std::size_t size, std::string value) {
    added_ = has(at, size);
    if (!added_) return *this;
    const std::uint64_t begin = piece_.at + at;
    layer_.fields.push_back({name, label, {begin, begin + size}, std::move(value), {}, {}, 0});
    return *this;
}

FieldWriter& FieldWriter::u8(std::string_view name, std::string_view label, std::size_t at) {
    return text(name, label, at, 1, has(at, 1) ? concat(load_u8(piece_.bytes, at)) : "");
}
FieldWriter& FieldWriter::u16(std::string_view name, std::string_view label, std::size_t at) {
    return text(name, label, at, 2, has(at, 2) ? concat(load_be16(piece_.bytes, at)) : "");
}
FieldWriter& FieldWriter::u32(std::string_view name, std::string_view label, std::size_t at) {
    return text(name, label, at, 4, has(at, 4) ? concat(load_be32(piece_.bytes, at)) : "");
}
FieldWriter& FieldWriter::hex16(std::string_view name, std::string_view label, std::size_t at) {
    return text(name, label, at, 2, has(at, 2) ? concat("0x", Hex{load_be16(piece_.bytes, at), 4}) : "");
}
FieldWriter& FieldWriter::hex32(std::string_view name, std::string_view label, std::size_t at) {
    return text(name, label, at, 4, has(at, 4) ? concat("0x", Hex{load_be32(piece_.bytes, at), 8}) : "");
}
FieldWriter& FieldWriter::mac(std::string_view name, std::string_view label, std::size_t at) {
    return text(name, label, at, 6, has(at, 6) ? wire::MacAddress::load(piece_.bytes, at).text() : "");
}
FieldWriter& FieldWriter::address(std::string_view name, std::string_view label, std::size_t at,
                                  std::size_t size) {
    return text(name, label, at, size,
                has(at, size) ? IpAddress::from_bytes(piece_.bytes.subspan(at, size)).text() : "");
}
FieldWriter& FieldWriter::hex_bytes(std::string_view name, std::string_view label, std::size_t at,
                                    std::size_t size) {
    return text(name, label, at, size, has(at, size) ? hex_text(piece_.bytes.subspan(at, size)) : "");
}
FieldWriter& FieldWriter::flag(std::string_view name, std::string_view label, std::size_t at,
                               std::size_t size, bool set) {
    return text(name, label, at, size, set ? "set" : "not set").deeper();
}
FieldWriter& FieldWriter::computed(std::string_view name, std::string_view label, std::string value) {
    added_ = true;
    layer_.fields.push_back({name, label, {}, std::move(value), {}, {}, 0});
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
