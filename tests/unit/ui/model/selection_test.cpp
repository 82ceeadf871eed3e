#include "ui/model/selection.hpp"

#include <gtest/gtest.h>

#include <array>

namespace synscope::model {
namespace {

TEST(Selection, StepsAreClampedAtBothEnds) {
    EXPECT_EQ(stepped(3, 1, 5), 4u);
    EXPECT_EQ(stepped(4, 1, 5), 4u);
    EXPECT_EQ(stepped(3, -10, 5), 0u);
}

TEST(Selection, FromNothingAStepEntersAtTheNearEnd) {
    EXPECT_EQ(stepped(std::nullopt, 1, 5), 0u);
    EXPECT_EQ(stepped(std::nullopt, -1, 5), 4u);
    EXPECT_EQ(stepped(std::nullopt, 1, 0), std::nullopt);
}

TEST(Selection, SurvivesAListThatShrank) {
    EXPECT_EQ(stepped(9, -1, 4), 2u);
}

TEST(Selection, FindsAnEventInAnOrderThatIsNotItsOwn) {
    const std::array order{EventId{7}, EventId{2}, EventId{9}};
    EXPECT_EQ(position_of(order, EventId{2}), 1u);
    EXPECT_EQ(position_of(order, EventId{3}), std::nullopt);
}

}  // namespace
}  // namespace synscope::model
