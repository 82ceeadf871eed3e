#pragma once
// A frame taken apart, every field shown. The short way to TCP without text is net/wire/transport.hpp.
// Thread rule: pure functions.

#include <cstdint>

#include "capture/dissect/dissection.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::dissect {

/// `frame` is what was captured, `original_length` what was on the wire. Never fails: what cannot be read is
/// a note.
[[nodiscard]] Dissection dissect(wire::LinkType link, ByteSpan frame, std::uint32_t original_length);

}  // namespace synscope::dissect
