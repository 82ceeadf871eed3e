#include "ui/app/window/fonts.hpp"

#include <gtest/gtest.h>
#include <imgui.h>

#include <numeric>

namespace synscope::window {
namespace {

class Atlas : public ::testing::Test {
  protected:
    void SetUp() override {
        auto found = FontFiles::find();
        if (!found) GTEST_SKIP() << found.error().what << ": " << found.error().hint;
        files_.emplace(std::move(*found));
    }
    std::optional<FontFiles> files_;
    ImFontAtlas atlas_;
};

TEST_F(Atlas, HoldsWhatIsWantedAndNothingElse) {
    const std::uint16_t arrow[] = {0x2192};
    const auto built = build_atlas(atlas_, *files_, model::Metrics{}, 1, arrow);
    EXPECT_EQ(built.left_out, 0u);
    for (const ImFont* font : {built.fonts.text, built.fonts.bold, built.fonts.mono, built.fonts.title}) {
        ASSERT_NE(font, nullptr);
        EXPECT_NE(font->FindGlyphNoFallback('A'), nullptr);
        EXPECT_NE(font->FindGlyphNoFallback(0x2192), nullptr);
        EXPECT_EQ(font->FindGlyphNoFallback(0xe9), nullptr) << "nobody asked for it";
    }
    EXPECT_LE(atlas_.TexWidth * atlas_.TexHeight, 1024 * 1024);
}

TEST_F(Atlas, StaysWithinTheLimitWhateverIsAskedFor) {
    std::vector<std::uint16_t> all(0x9fff - 0x4e00);
    std::iota(all.begin(), all.end(), std::uint16_t{0x4e00});
    const auto built = build_atlas(atlas_, *files_, model::Metrics{}, 2, all);
    EXPECT_LE(atlas_.TexWidth, kAtlasLimit_px);
    EXPECT_LE(atlas_.TexHeight, kAtlasLimit_px);
    EXPECT_LT(built.left_out, all.size());
    EXPECT_NE(built.fonts.text->FindGlyphNoFallback('A'), nullptr) << "ASCII is never left out";
}

}  // namespace
}  // namespace synscope::window
