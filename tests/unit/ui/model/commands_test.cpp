#include "ui/model/commands.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace synscope::model {
namespace {

KeyPress typed(char32_t character) {
    return {.key = Key::Character, .character = character};
}

TEST(Commands, EveryBindingIsReachedByItsOwnKey) {
    for (const KeyBinding& binding : key_bindings()) {
        const auto command = command_for(binding.press);
        ASSERT_TRUE(command.has_value()) << binding.does;
        EXPECT_TRUE(*command == binding.command) << "another binding hides: " << binding.does;
    }
}

TEST(Commands, WhatTheHelpPrintsIsWhole) {
    std::set<std::string_view> printed;
    for (const KeyBinding& binding : key_bindings()) {
        EXPECT_EQ(binding.keys.empty(), binding.does.empty());
        EXPECT_FALSE(binding.group.empty());
        if (!binding.keys.empty()) {
            EXPECT_TRUE(printed.insert(binding.keys).second) << binding.keys;
        }
    }
    EXPECT_GE(printed.size(), 12u);
}

TEST(Commands, ShiftMattersOnlyForTab) {
    EXPECT_TRUE(command_for({.key = Key::Tab, .shift = true}) == Command{StepPanel{-1}});
    EXPECT_TRUE(command_for({.key = Key::Down, .shift = true}) == Command{Step{+1}});
    KeyPress question = typed(U'?');
    question.shift = true;
    EXPECT_TRUE(command_for(question) == Command{ToggleHelp{}});
}

TEST(Commands, AnUnboundKeyAsksForNothing) {
    EXPECT_FALSE(command_for(typed(U'z')).has_value());
    EXPECT_FALSE(command_for({.key = Key::Character, .character = U'l', .control = true}).has_value());
}

TEST(Commands, TheSinkHandsOverOnce) {
    CommandSink sink;
    sink.push(NextTheme{});
    sink.push(Step{2});
    EXPECT_EQ(sink.take().size(), 2u);
    EXPECT_TRUE(sink.take().empty());
}

}  // namespace
}  // namespace synscope::model
