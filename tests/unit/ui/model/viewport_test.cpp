#include "ui/model/viewport.hpp"

#include <gtest/gtest.h>

#include <random>

namespace synscope::model {
namespace {

Viewport tall() {
    return resized({.follow = false}, 400, 4000);
}

TEST(Viewport, NeverLeavesTheContent) {
    EXPECT_EQ(scrolled_by(tall(), -50).top_px, 0);
    EXPECT_EQ(scrolled_by(tall(), 1e9).top_px, 3600);
    EXPECT_EQ(scrolled_by(resized(tall(), 400, 100), 70).top_px, 0) << "everything is visible already";
}

TEST(Viewport, FollowsTheEndUntilScrolledAway) {
    Viewport view = resized({}, 400, 4000);
    EXPECT_EQ(view.top_px, 3600);
    view = resized(view, 400, 5000);
    EXPECT_EQ(view.top_px, 4600);
    view = scrolled_by(view, -10);
    EXPECT_FALSE(view.follow);
    EXPECT_EQ(resized(view, 400, 6000).top_px, 4590) << "new content leaves a reader alone";
    view = scrolled_by(view, 10);
    EXPECT_TRUE(view.follow) << "back at the end";
    EXPECT_TRUE(following(scrolled_to(view, 0)).at_end());
}

TEST(Viewport, ZoomKeepsWhatLiesUnderTheCursor) {
    std::mt19937 random(20240607);
    std::uniform_real_distribution<double> share(0.0, 1.0);
    for (int i = 0; i < 2000; ++i) {
        const Viewport before =
            scrolled_to(resized({.follow = false}, 400, 100'000), 20'000 + 50'000 * share(random));
        const double anchor = 400 * share(random);
        const double factor = 0.7 + share(random);
        const Viewport after = zoomed(before, factor, anchor);
        const double held = (before.top_px + anchor) / before.zoom;
        // Only where the ends do not push back.
        if (after.top_px <= 0 || after.top_px >= after.limit_px()) continue;
        ASSERT_NEAR((after.top_px + anchor) / after.zoom, held, 1e-6) << "round " << i;
    }
}

TEST(Viewport, ZoomStopsAtItsLimits) {
    EXPECT_EQ(zoomed(tall(), 1e9, 0).zoom, Viewport::kMaxZoom);
    EXPECT_EQ(zoomed(tall(), 1e-9, 0).zoom, Viewport::kMinZoom);
    EXPECT_EQ(zoomed(tall(), 0, 0), tall());
    EXPECT_EQ(zoomed(tall(), -1, 0), tall());
    const Viewport in = zoomed(tall(), 2, 100);
    EXPECT_EQ(in.content_px, 8000);
}

TEST(Viewport, RevealsWithTheLeastScrolling) {
    const Viewport view = scrolled_to(tall(), 1000);
    EXPECT_EQ(revealing(view, 1100, 1120, 20).top_px, 1000) << "visible already";
    EXPECT_EQ(revealing(view, 900, 910, 20).top_px, 880);
    EXPECT_EQ(revealing(view, 1500, 1510, 20).top_px, 1130);
    EXPECT_EQ(revealing(view, 2000, 3000, 20).top_px, 1980) << "taller than the window: its beginning";
}

}  // namespace
}  // namespace synscope::model
