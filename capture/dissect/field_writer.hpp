#pragma once
// Adds the fields of one layer, as far as their bytes were captured: a dissector lists all its fields and
// those that lie behind a cut leave themselves out. Thread rule: one layer, one writer.

#include <string>
#include <string_view>

#include "capture/dissect/dissector.hpp"

namespace synscope::dissect {

class FieldWriter {
  public:
    FieldWriter(const Piece& piece, Layer& layer) noexcept : piece_(piece), layer_(layer) {}

    [[nodiscard]] bool has(std::size_t at, std::size_t size) const noexcept {
        return at + size <= piece_.bytes.size();
    }
    // Offsets count from the layer's start; the caller has asked has() where it reads the bytes itself.
    FieldWriter& u8(std::string_view name, std::string_view label, std::size_t at);
    FieldWriter& u16(std::string_view name, std::string_view label, std::size_t at);
    FieldWriter& u32(std::string_view name, std::string_view label, std::size_t at);
    FieldWriter& hex16(std::string_view name, std::string_view label, std::size_t at);
    FieldWriter& hex32(std::string_view name, std::string_view label, std::size_t at);
    FieldWriter& mac(std::string_view name, std::string_view label, std::size_t at);
    /// `size` is 4 or 16.
    FieldWriter& address(std::string_view name, std::string_view label, std::size_t at, std::size_t size);
    FieldWriter& hex_bytes(std::string_view name, std::string_view label, std::size_t at, std::size_t size);
    /// `value` as it stands in the packet.
    FieldWriter& text(std::string_view name, std::string_view label, std::size_t at, std::size_t size,
                      std::string value);
    /// A number in another form than those above; `shown` is what people read, the number itself when empty.
    FieldWriter& number(std::string_view name, std::string_view label, std::size_t at, std::size_t size,
                        std::uint64_t value, std::string shown = {});
    /// The general form.
    FieldWriter& data(std::string_view name, std::string_view label, std::size_t at, std::size_t size,
                      FieldData data, std::string shown);
    /// Only holds the deeper fields behind it together.
    FieldWriter& group(std::string_view name, std::string_view label, std::size_t at, std::size_t size,
                       std::string shown = {});
    /// One bit of the byte (or 16-bit number) at `at`: "set" or "not set".
    FieldWriter& flag(std::string_view name, std::string_view label, std::size_t at, std::size_t size,
                      bool set);
    /// Worked out, not read.
    FieldWriter& computed(std::string_view name, std::string_view label, std::string value);
    FieldWriter& computed(std::string_view name, std::string_view label, std::uint64_t value,
                          std::string shown = {});

    // About the field added last; nothing happens when it was left out.
    FieldWriter& note(std::string text);
    FieldWriter& help(std::string_view text);
    FieldWriter& deeper(std::uint8_t depth = 1);

    /// "0x0800 (IPv4)": a number in hexadecimal with its name, when it has one.
    [[nodiscard]] static std::string named_hex(std::uint16_t value, std::string_view name);
    /// "6 (TCP)".
    [[nodiscard]] static std::string named(std::uint32_t value, std::string_view name);

  private:
    const Piece& piece_;
    Layer& layer_;
    bool added_ = false;
};

/// Marks the layer for what parse() refused. `needed` is the size the header should have had.
void mark_malformed(Layer& layer, const Piece& piece, wire::HeaderError error, std::size_t needed,
                    const State& state);
/// "aa bb cc ..." of at most `most` bytes.
[[nodiscard]] std::string hex_text(ByteSpan bytes, std::size_t most = 32);

}  // namespace synscope::dissect
