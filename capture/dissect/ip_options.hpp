#pragma once
// The fields of IP options. Offsets count in the layer; the bytes from `at` to `end` are there. Thread rule:
// as FieldWriter.

#include "capture/dissect/field_writer.hpp"

namespace synscope::dissect {

void add_ipv4_options(const Piece& piece, std::size_t at, std::size_t end, FieldWriter& fields, Layer& layer);
/// Of a hop-by-hop or destination options header.
void add_ipv6_options(const Piece& piece, std::size_t at, std::size_t end, FieldWriter& fields, Layer& layer);

}  // namespace synscope::dissect
