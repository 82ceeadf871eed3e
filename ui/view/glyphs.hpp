#pragma once
// Which characters the window needs: the font atlas holds those and no others, and grows between frames.
//
// Every text a panel draws passes through want(). Plain ASCII costs one look at each byte. Characters beyond
// the basic plane are drawn as the font's replacement (Dear ImGui is built with 16-bit characters).
// Thread rule: one thread.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace synscope::view {

class GlyphSet {
  public:
    /// Holds ASCII and the signs that panels draw on their own.
    GlyphSet();

    /// Notes the characters of a text; invalid bytes are passed over (escaped() leaves none).
    void want(std::string_view utf8);
    /// Beyond ASCII, in the order in which they were first wanted: what is dropped first lies last.
    [[nodiscard]] const std::vector<std::uint16_t>& wanted() const noexcept { return order_; }
    /// Whether something new was wanted since the last call.
    [[nodiscard]] bool take_grown() noexcept;

  private:
    void add(char32_t character);

    std::bitset<0x10000> known_;
    std::vector<std::uint16_t> order_;
    bool grown_ = false;
};

}  // namespace synscope::view
