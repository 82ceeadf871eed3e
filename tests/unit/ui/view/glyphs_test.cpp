#include "ui/view/glyphs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace synscope::view {
namespace {

TEST(GlyphSet, GrowsOnlyByWhatIsNew) {
    GlyphSet glyphs;
    glyphs.want("plain ASCII and signs of its own: \u2192 \u2026");
    EXPECT_FALSE(glyphs.take_grown());
    glyphs.want("\u63e1\u624b");
    EXPECT_TRUE(glyphs.take_grown());
    EXPECT_FALSE(glyphs.take_grown()) << "told once";
    glyphs.want("\u63e1\u624b");
    EXPECT_FALSE(glyphs.take_grown());
    EXPECT_EQ(glyphs.wanted().back(), 0x624b) << "the last wanted is the first to go";
}

TEST(GlyphSet, ReadsEveryLengthOfUtf8AndPassesOverWhatIsNone) {
    GlyphSet glyphs;
    const auto has = [&glyphs](std::uint16_t c) {
        return std::find(glyphs.wanted().begin(), glyphs.wanted().end(), c) != glyphs.wanted().end();
    };
    glyphs.want("\u00e9\u4e2d\U0001f600");
    EXPECT_TRUE(has(0xe9));
    EXPECT_TRUE(has(0x4e2d));
    EXPECT_FALSE(has(0xf600)) << "beyond the basic plane";
    (void)glyphs.take_grown();
    for (const char* broken : {"\xc3", "\xe4\xb8", "\xff\xfe", "\x80", "\xf0\x9f\x98"})
        glyphs.want(broken);
    EXPECT_FALSE(glyphs.take_grown());
}

}  // namespace
}  // namespace synscope::view
