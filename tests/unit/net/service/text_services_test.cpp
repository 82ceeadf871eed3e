// echo, sink, source and chat.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/base/text.hpp"
#include "tests/unit/net/service/talk.hpp"

namespace synscope::service {
namespace {

std::string len32(std::string_view body) {
    std::vector<std::byte> out;
    EXPECT_TRUE(framing::make_len32_encoder({})->encode(as_bytes(body), out));
    return as_text(out);
}

TEST(Echo, EveryByteComesBackAndTheEndToo) {
    FakeHost host{"echo"};
    auto& talk = host.connect();
    EXPECT_EQ(talk.ask(std::string_view{"a\0b\xff", 4}), std::string("a\0b\xff", 4));
    talk.eof();
    EXPECT_TRUE(talk.closes());
}

TEST(Sink, SaysWhatCame) {
    FakeHost host{"sink"};
    auto& talk = host.connect();
    EXPECT_EQ(talk.ask("abc"), "");
    EXPECT_EQ(talk.ask("de"), "");
    talk.eof();
    EXPECT_EQ(talk.said(), "2 reads, 5 bytes\n");
    EXPECT_TRUE(talk.closes());
    FakeHost framed{"sink", "len32"};
    auto& other = framed.connect();
    EXPECT_EQ(other.ask(len32("abc") + len32("")), "");
    other.eof();
    EXPECT_EQ(other.said(), len32("2 messages, 3 bytes"));
}

TEST(Source, SendsAsItsPeerReadsAndNeverHoldsMore) {
    FakeHost host{"source"};
    auto& talk = host.connect();
    const std::size_t held = talk.conversation().output().size();
    EXPECT_GE(held, Conversation::kHighWater);
    EXPECT_LT(held, Conversation::kHighWater + 65536);
    std::string all;
    while (all.size() < 1000000)
        all += talk.said(10000);
    EXPECT_LT(talk.conversation().output().size(), Conversation::kHighWater + 65536);
    EXPECT_EQ(all.substr(0, 8), " !\"#$%&'");
    EXPECT_EQ(all.substr(72, 6), "\r\n!\"#$");
    EXPECT_EQ(all.substr(95 * 74, 8), " !\"#$%&'") << "after 95 lines it begins again";
    talk.eof();
    all = talk.said(10 * Conversation::kHighWater);
    EXPECT_TRUE(talk.closes());
}

TEST(Source, WithAFramingEveryLineIsAMessage) {
    FakeHost host{"source", "len32be"};
    auto& talk = host.connect();
    const std::string begin = talk.said(2 * 76);
    EXPECT_EQ(begin.substr(0, 6), (std::string{"\0\0\0H !", 6}));
    EXPECT_EQ(begin.substr(76, 6), (std::string{"\0\0\0H!\"", 6}));
}

TEST(Chat, WhatOneSaysAllOthersHear) {
    FakeHost host{"chat"};
    auto& ann = host.connect();
    auto& bob = host.connect();
    EXPECT_EQ(ann.said(), "your name?\n");
    EXPECT_EQ(ann.ask("an"), "") << "half a line";
    EXPECT_EQ(ann.ask("n\r\n"), "* here: ann\n");
    EXPECT_EQ(bob.ask("ann\n"), "your name?\nann is here already; your name?\n");
    EXPECT_EQ(bob.ask("bob\nhello\n"), "* here: ann bob\n");
    EXPECT_EQ(ann.said(), "* bob joins\nbob: hello\n");
    EXPECT_EQ(ann.ask("/names\n/x\n"), "* here: ann bob\n/names and /quit are what there is\n");
    EXPECT_EQ(ann.ask("\x1b[31mred\n"), "");
    EXPECT_EQ(bob.said(), "ann: \\x1b[31mred\n") << "nobody acts on another's terminal";
    EXPECT_EQ(bob.ask("/quit\nnot heard\n"), "");
    EXPECT_TRUE(bob.closes());
    EXPECT_EQ(ann.said(), "* bob leaves\n");
    EXPECT_EQ(ann.ask("/names\n"), "* here: ann\n");
}

TEST(Chat, NamesAreOneHarmlessWord) {
    FakeHost host{"chat"};
    auto& talk = host.connect();
    static_cast<void>(talk.said());
    for (const std::string_view name : {"", "two words", "/quit", "a:b", "tab\there", "\x1b[0m"})
        EXPECT_EQ(talk.ask(concat(name, '\n')), "a name is one word of at most 32 bytes; your name?\n");
    EXPECT_EQ(talk.ask(std::string(33, 'x') + "\n"), "a name is one word of at most 32 bytes; your name?\n");
    EXPECT_EQ(talk.ask(std::string(5000, 'x')), "a line that is too long\n");
    EXPECT_TRUE(talk.closes());
}

TEST(Chat, TheSlowAreToldWhatTheyMissedAndOthersThatTheyMissIt) {
    FakeHost host{"chat"};
    auto& ann = host.connect();
    auto& bob = host.connect();
    static_cast<void>(ann.ask("ann\n"));
    static_cast<void>(bob.ask("bob\n"));
    static_cast<void>(ann.said());
    host.deaf[2] = Refusal::NoRoom;
    EXPECT_EQ(ann.ask("one\ntwo\n"), "* bob does not read, and misses this\n") << "once";
    EXPECT_EQ(ann.ask("three\n"), "");
    EXPECT_EQ(bob.said(), "");
    host.deaf.clear();
    EXPECT_EQ(ann.ask("four\n"), "");
    EXPECT_EQ(bob.said(), "* you missed 3 messages\nann: four\n");
    EXPECT_EQ(ann.ask("five\n"), "");
    EXPECT_EQ(bob.said(), "ann: five\n");
}

TEST(Chat, WhoVanishesIsNamedWhenSomebodySpeaks) {
    FakeHost host{"chat", "len32"};
    auto& ann = host.connect();
    auto& bob = host.connect();
    auto& cid = host.connect();
    static_cast<void>(ann.ask(len32("ann")));
    static_cast<void>(bob.ask(len32("bob")));
    static_cast<void>(cid.ask(len32("cid")));
    static_cast<void>(ann.said());
    host.vanish(bob);
    EXPECT_EQ(ann.ask(len32("/names")), len32("* here: ann cid"));
    EXPECT_EQ(cid.ask(len32("hello")), "");
    EXPECT_EQ(ann.said(), len32("* bob has vanished") + len32("cid: hello"));
}

TEST(Ready, AConversationWaitsForTheGoAheadAlsoBeforeItCloses) {
    FakeHost host{"chat", "ready"};
    auto& ann = host.connect();
    EXPECT_EQ(ann.said(), std::string("\12\0\0\0", 4)) << "a header alone";
    EXPECT_FALSE(ann.conversation().wants_to_write());
    EXPECT_EQ(ann.ask("ready"), "your name?");
    EXPECT_EQ(ann.ask(std::string("\5\0\0\0", 4)), "ready");
    EXPECT_EQ(ann.ask("a nn"), "") << "not all of it";
    EXPECT_EQ(ann.ask("!"), std::string("\62\0\0\0", 4));
    EXPECT_EQ(ann.ask(std::string("\3\0\0\0", 4)), "a name is one word of at most 32 bytes; your name?")
        << "a header that crosses ours is its go-ahead";
    EXPECT_EQ(ann.ask("ann"), std::string("\13\0\0\0", 4));
    EXPECT_EQ(ann.ask(std::string("ready\5\0\0\0/quit", 14)), "* here: annready");
    EXPECT_TRUE(ann.closes());
}

TEST(Ready, WhatIsSaidBeforeTheCloseIsStillAskedFor) {
    FakeHost host{"sink", "ready"};
    auto& talk = host.connect();
    EXPECT_EQ(talk.ask(std::string("\1\0\0\0", 4)), "ready");
    EXPECT_EQ(talk.ask("x"), "");
    talk.eof();
    EXPECT_TRUE(talk.closes() || talk.conversation().wants_to_write());
    EXPECT_EQ(talk.said(), std::string("\23\0\0\0", 4)) << "who has shut its side can ask for nothing";
    EXPECT_TRUE(talk.closes());

    FakeHost room{"chat", "ready"};
    auto& ann = room.connect();
    const std::string long_line(5000, 'x');
    EXPECT_EQ(ann.said(), std::string("\12\0\0\0", 4));
    ann.hear(std::string("ready\x88\x13\0\0", 9) + long_line);
    EXPECT_EQ(ann.said(), "your name?ready" + std::string("\27\0\0\0", 4));
    EXPECT_FALSE(ann.closes()) << "the line that says why is not out";
    EXPECT_TRUE(ann.conversation().wants_to_read());
    EXPECT_EQ(ann.ask("ready"), "a line that is too long");
    EXPECT_TRUE(ann.closes());
    EXPECT_FALSE(host.notes.size());
}

}  // namespace
}  // namespace synscope::service
