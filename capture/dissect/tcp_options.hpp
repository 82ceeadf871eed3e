#pragma once
// The fields of TCP options. Thread rule: as FieldWriter.

#include "capture/dissect/field_writer.hpp"

namespace synscope::dissect {

/// `options` start at `at` in the layer, which starts at `layer_at` in the frame.
void add_tcp_options(ByteSpan options, std::size_t at, FieldWriter& fields, Layer& layer,
                     std::size_t layer_at);

}  // namespace synscope::dissect
