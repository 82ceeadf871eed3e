#pragma once
// Framings by description: a length at a fixed place of a header, or a delimiter behind each message.
// `len32`, `len32be` and `line` are such descriptions; a file can declare others
// (sim/scenario/framing_file.hpp). Thread rule: values and pure functions.

#include <memory>
#include <string>

#include "net/framing/framing.hpp"

namespace synscope::framing {

/// A header of fixed size with the length in it, then the body. When encoding, the header's other bytes are
/// 0.
struct LengthField {
    std::uint32_t offset = 0;  ///< of the length, in the header
    std::uint32_t size = 4;    ///< bytes of the length: 1, 2, 3, 4 or 8
    std::uint32_t header = 4;  ///< bytes of the header: at least offset + size
    bool big_endian = false;
    bool is_signed = false;
    bool includes_header = false;  ///< the length counts the header too
    friend bool operator==(const LengthField&, const LengthField&) = default;
};
[[nodiscard]] std::unique_ptr<Encoder> make_length_encoder(const LengthField& field, Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_length_decoder(const LengthField& field, Limits limits);

/// Bytes that stand behind every message and nowhere in one.
struct Delimiter {
    std::string bytes;     ///< not empty
    bool drop_cr = false;  ///< a carriage return before it belongs to it
    friend bool operator==(const Delimiter&, const Delimiter&) = default;
};
[[nodiscard]] std::unique_ptr<Encoder> make_delimiter_encoder(const Delimiter& delimiter, Limits limits);
[[nodiscard]] std::unique_ptr<Decoder> make_delimiter_decoder(const Delimiter& delimiter, Limits limits);

}  // namespace synscope::framing
