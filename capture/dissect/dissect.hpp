#pragma once
// A frame taken apart, every field shown. The short way to TCP without text is net/wire/transport.hpp.
// Thread rule: pure functions.

#include <cstdint>
#include <string>

#include "capture/dissect/dissection.hpp"
#include "net/base/instant.hpp"
#include "net/wire/ip_fragments.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::dissect {

/// `frame` is what was captured, `original_length` what was on the wire. Never fails: what cannot be read is
/// a note. IP fragments are shown as they are.
[[nodiscard]] Dissection dissect(wire::LinkType link, ByteSpan frame, std::uint32_t original_length);

/// The same for frames that come one after another: the frame that completes a datagram shows what the
/// datagram carries. `fragments` is the caller's, for one capture.
[[nodiscard]] Dissection dissect(wire::LinkType link, ByteSpan frame, std::uint32_t original_length,
                                 wire::FragmentTable& fragments, Instant at);

/// Appends what protocols() of the same dissection says, at a fraction of the cost: no field is made. Without
/// `fragments` they are shown as they are.
void append_protocols(std::string& out, wire::LinkType link, ByteSpan frame, std::uint32_t original_length,
                      wire::FragmentTable* fragments, Instant at);

}  // namespace synscope::dissect
