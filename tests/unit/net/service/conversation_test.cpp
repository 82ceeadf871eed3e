// One connection above the socket: what it wants, when, and that it never holds more than it says.
#include "net/service/conversation.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace synscope::service {
namespace {

ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
std::string text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Remembers what was asked of it; its files are `file` over and over.
class Around final : public Surroundings {
  public:
    std::vector<framing::Placed> out;
    std::vector<framing::FrameError> errors;
    std::vector<std::pair<std::uint64_t, std::string>> messages;
    std::vector<std::byte> file = std::vector<std::byte>(65536);
    std::size_t reads = 0;

    void framed_out(const framing::Placed& placed) override { out.push_back(placed); }
    void broken(const framing::FrameError& error) override { errors.push_back(error); }
    std::optional<Refusal> send_to(ConnectionKey to, ByteSpan message) override {
        messages.emplace_back(to.value, text_of(message));
        return std::nullopt;
    }
    EffectResult list_folder(const ListFolder& r) override { return {r.request, Refused{}}; }
    EffectResult open_file(const OpenFile& r) override { return {r.request, Refused{}}; }
    EffectResult read_file(const ReadFile& r) override {
        ++reads;
        return {r.request, FileRead{file}};
    }
    EffectResult append_file(const AppendFile& r, ByteSpan) override { return {r.request, Refused{}}; }
    EffectResult commit_file(const CommitFile& r) override { return {r.request, Refused{}}; }
    void close_file(const CloseFile&) override {}
    EffectResult run_command(const RunCommand& r) override { return {r.request, Refused{}}; }
};

/// Answers a message with itself and sends it to connections 1 (itself) and 2; "read" begins an endless file.
class Talker final : public Session {
  public:
    void on_message(ByteSpan message, Effects& effects) override {
        if (text_of(message) == "read") return effects.add(ReadFile{});
        effects.reply(message);
        effects.send_to(ConnectionKey{1}, message);
        effects.send_to(ConnectionKey{2}, message);
    }
    void on_eof(Effects& effects) override { effects.add(HalfClose{}); }
    void on_effect_result(const EffectResult& result, Effects& effects) override {
        effects.reply(std::get<FileRead>(result.outcome).bytes);
        effects.add(ReadFile{});
    }
};

struct ConversationTest : testing::Test {
    Around around;
    Conversation talk{ConnectionKey{1}, *framing::find_framing("len32"), around};
    ConversationTest() { talk.begin(std::make_unique<Talker>()); }

    std::string fed;  ///< what the decoder may still look at
    void feed(std::string_view bytes) {
        fed = bytes;
        talk.feed(bytes_of(fed));
    }
    static std::string framed(std::string_view body) {
        std::vector<std::byte> out;
        EXPECT_TRUE(framing::find_framing("len32")->encoder({})->encode(bytes_of(body), out));
        return text_of(out);
    }
};

TEST_F(ConversationTest, MessageIsFoundBeforeItIsAnswered) {
    feed(framed("hi"));
    const auto message = talk.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->body, (ByteRange{4, 6}));
    EXPECT_FALSE(talk.wants_to_write()) << "the server may still think";
    talk.answer();
    EXPECT_FALSE(talk.next());
    EXPECT_EQ(text_of(talk.output()), framed("hi") + framed("hi")) << "the reply, and what it sent itself";
    EXPECT_EQ(around.out.size(), 2u);
    EXPECT_EQ(around.messages, (std::vector<std::pair<std::uint64_t, std::string>>{{2, "hi"}}));
}

TEST(Conversation, AServiceWhoseAnswersItsFramingCannotCarryEnds) {
    Around around;
    Conversation talk{ConnectionKey{1}, *framing::find_framing("http"), around};
    talk.begin(find_service("source")->make()->open(ConnectionKey{1}, {}));
    EXPECT_EQ(around.errors.size(), 1u);
    EXPECT_TRUE(talk.wants_to_close());
    EXPECT_FALSE(talk.can_go_on());
}

TEST_F(ConversationTest, EndOfFileInsideAMessageBreaksIt) {
    feed(framed("hi").substr(0, 5));
    EXPECT_FALSE(talk.next());
    talk.eof();
    ASSERT_EQ(around.errors.size(), 1u);
    EXPECT_EQ(around.errors[0].fault, framing::Fault::Truncated);
    EXPECT_TRUE(talk.wants_to_close());
    EXPECT_TRUE(talk.saw_eof());
}

TEST_F(ConversationTest, ClosesOneWayOnlyAfterEverythingIsSent) {
    feed(framed("hi"));
    ASSERT_TRUE(talk.next());
    talk.answer();
    talk.eof();
    EXPECT_FALSE(talk.wants_half_close());
    talk.sent(talk.output().size());
    EXPECT_TRUE(talk.wants_half_close());
    talk.half_closed();
    EXPECT_FALSE(talk.wants_half_close());
    EXPECT_FALSE(talk.wants_to_close());
}

TEST_F(ConversationTest, FileIsReadNoFasterThanItIsSent) {
    feed(framed("read"));
    ASSERT_TRUE(talk.next());
    talk.answer();
    EXPECT_FALSE(talk.wants_to_read());
    EXPECT_LE(talk.output().size(), Conversation::kHighWater + 65540);
    const std::size_t reads = around.reads;
    EXPECT_FALSE(talk.can_go_on());
    talk.sent(talk.output().size());
    ASSERT_TRUE(talk.can_go_on());
    talk.go_on();
    EXPECT_GT(around.reads, reads);
}

/// Says nothing and closes.
class Closer final : public Session {
  public:
    void on_message(ByteSpan, Effects& effects) override { effects.add(Close{}); }
};

// What recv() was given is overwritten by the next: a decoder that still refers to it must not be asked.
TEST(Conversation, ThatClosesForgetsTheRestOfWhatItWasFed) {
    Around around;
    Conversation talk{ConnectionKey{1}, *framing::find_framing("line"), around};
    talk.begin(std::make_unique<Closer>());
    {
        const auto gone = std::make_unique<std::string>("go\nand the rest, in memory that will be freed\nx");
        talk.feed(bytes_of(*gone));
        while (talk.next())
            talk.answer();
    }
    EXPECT_TRUE(talk.wants_to_close());
    talk.feed(bytes_of("more\n"));
    EXPECT_FALSE(talk.next());
    EXPECT_TRUE(talk.wants_to_close());
}

}  // namespace
}  // namespace synscope::service
