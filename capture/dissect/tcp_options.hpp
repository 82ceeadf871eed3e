#pragma once
// The fields of TCP options. Thread rule: as FieldWriter.

#include "capture/dissect/field_writer.hpp"
#include "net/wire/tcp_options.hpp"

namespace synscope::dissect {

/// `options` start at `at` in the layer, which starts at `layer_at` in the frame.
/// `ack` is the segment's acknowledgment number, which tells a D-SACK.
void add_tcp_options(ByteSpan options, std::size_t at, Seq32 ack, FieldWriter& fields, Layer& layer,
                     std::size_t layer_at);

/// The registered kinds beyond those that the analysis needs (tcp_options_other.cpp).
void add_other_option(const wire::tcp_option::Unknown& option, std::size_t at, std::size_t size,
                      FieldWriter& fields);

}  // namespace synscope::dissect
