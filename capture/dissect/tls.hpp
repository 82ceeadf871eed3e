#pragma once
// What the two halves of the TLS dissector share: records (tls.cpp) and handshake messages
// (tls_handshake.cpp). RFC 8446, RFC 5246; extensions by the IANA list. Thread rule: as FieldWriter.

#include <string>

#include "capture/dissect/field_writer.hpp"

namespace synscope::dissect {

/// "TLS 1.2"; empty for a number that is none.
[[nodiscard]] std::string_view tls_version_name(std::uint16_t version) noexcept;

/// Shows the handshake messages in `size` bytes at `at` of the layer (as far as captured), and returns what
/// goes into the title: "Client Hello".
[[nodiscard]] std::string add_tls_handshake(const Piece& piece, std::size_t at, std::size_t size,
                                            FieldWriter& fields);

}  // namespace synscope::dissect
