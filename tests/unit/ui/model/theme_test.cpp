#include "ui/model/theme.hpp"

#include <gtest/gtest.h>

namespace synscope::model {
namespace {

// WCAG 2.1: 4.5 for text, 3 for marks one has to see; a projector loses contrast, so there text has 7.
TEST(Theme, EveryTextAndMarkStandsOutFromItsBackground) {
    for (const Theme& theme : themes()) {
        const double text = theme.name == "projector" ? 7 : 4.5;
        for (const Ink ground : {Ink::Background, Ink::Panel}) {
            const Colour back = theme.colour(ground);
            EXPECT_GE(contrast(theme.colour(Ink::Text), back), text * 1.5) << theme.name;
            for (const Ink ink : {Ink::Faint, Ink::Handshake, Ink::Data, Ink::Ack, Ink::Teardown, Ink::Reset,
                                  Ink::Loss, Ink::Busy, Ink::Message, Ink::Marker, Ink::Warning,
                                  Ink::ConnectionA, Ink::ConnectionB, Ink::ConnectionC, Ink::ConnectionD})
                EXPECT_GE(contrast(theme.colour(ink), back), text * 0.9)
                    << theme.name << ' ' << static_cast<int>(ink);
        }
        for (const Ink ink : {Ink::Call, Ink::Gap})
            EXPECT_GE(contrast(theme.colour(ink), theme.colour(Ink::Background)), 3) << theme.name;
    }
}

TEST(Theme, IsFoundByName) {
    for (const Theme& theme : themes())
        EXPECT_EQ(find_theme(theme.name), &theme);
    EXPECT_EQ(find_theme("sepia"), nullptr);
}

TEST(Theme, ContrastOfBlackOnWhiteIs21) {
    EXPECT_NEAR(contrast({0, 0, 0, 255}, {255, 255, 255, 255}), 21, 1e-9);
}

TEST(TextColumns, CountsWhatATerminalShows) {
    EXPECT_EQ(text_columns("abc"), 3U);
    EXPECT_EQ(text_columns("→ …"), 3U);
    EXPECT_EQ(text_columns("握手"), 4U);
}

TEST(TextColumns, CutsBetweenCharactersAndSaysSo) {
    EXPECT_EQ(cut_columns("handshake", 9), "handshake");
    EXPECT_EQ(cut_columns("handshake", 5), "hand…");
    EXPECT_EQ(cut_columns("握手握手", 6), "握手…");
    EXPECT_EQ(cut_columns("abc", 0), "");
}

}  // namespace
}  // namespace synscope::model
