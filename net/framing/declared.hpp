#pragma once
// The codecs behind a description. `len32`, `len32be` and `line` are such descriptions too. Thread rule: as
// framing.hpp.

#include <memory>

#include "net/framing/framing.hpp"

namespace synscope::framing {

[[nodiscard]] std::unique_ptr<Encoder> make_length_encoder(const LengthField& field, Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_length_decoder(const LengthField& field, Limits limits);
[[nodiscard]] std::unique_ptr<Encoder> make_delimiter_encoder(const Delimiter& delimiter, Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_delimiter_decoder(const Delimiter& delimiter, Limits limits);

}  // namespace synscope::framing
