// Both ends of `ready` against each other, over two streams that arrive in any cuts and in any order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/net/framing/messages.hpp"

namespace synscope::framing {
namespace {

class End {
  public:
    std::vector<std::byte> out;  ///< to the other end, not yet delivered
    std::vector<std::string> received;
    std::vector<std::string> to_send;  ///< in this order
    std::size_t sent = 0;

    void send_what_may_be_sent() {
        while (!encoder_->waiting() && sent < to_send.size())
            ASSERT_TRUE(encoder_->encode(bytes_of(to_send[sent++]), out));
    }
    void receive(ByteSpan bytes) {
        const std::vector<std::byte> read(bytes.begin(), bytes.end());
        decoder_->feed(read);
        while (const auto m = decoder_->next())
            received.push_back(text_of(m->content));
        ASSERT_FALSE(decoder_->error()) << fault_text(*decoder_->error());
        while (const auto signal = decoder_->signal())
            encoder_->hear(*signal, out);
    }
    [[nodiscard]] bool done() const { return sent == to_send.size() && !encoder_->waiting() && out.empty(); }

  private:
    std::unique_ptr<Encoder> encoder_ = make_ready_encoder({});
    std::unique_ptr<Decoder> decoder_ = make_ready_decoder({});
};

TEST(Ready, TheBodyComesOnlyAfterTheGoAhead) {
    std::vector<std::byte> out;
    const auto encoder = make_ready_encoder({});
    EXPECT_EQ(*encoder->encode(bytes_of("body"), out), (Placed{0, {0, 8}, {4, 8}}));
    EXPECT_EQ(text_of(out), std::string("\4\0\0\0", 4));
    EXPECT_TRUE(encoder->waiting());
    encoder->hear(Signal::GoAhead, out);
    EXPECT_EQ(text_of(out), std::string("\4\0\0\0body", 8));
    EXPECT_FALSE(encoder->waiting());
    encoder->hear(Signal::Asked, out);
    EXPECT_EQ(*encoder->encode({}, out), (Placed{1, {13, 17}, {17, 17}})) << "behind the \"ready\"";
    EXPECT_EQ(text_of(out), std::string("\4\0\0\0bodyready\0\0\0\0", 17));
}

TEST(Ready, TheHeaderIsToldBeforeItsBodyIsThere) {
    const auto decoder = make_ready_decoder({});
    EXPECT_TRUE(contents_of(*decoder, std::string("ready\5\0\0\0", 9)).empty());
    EXPECT_EQ(decoder->signal(), Signal::GoAhead);
    EXPECT_EQ(decoder->signal(), Signal::Asked);
    EXPECT_FALSE(decoder->signal());
    EXPECT_THAT(contents_of(*decoder, "ready"), testing::ElementsAre("ready"));
    EXPECT_FALSE(decoder->signal()) << "a body is not a go-ahead, and a header is told once";
    EXPECT_EQ(fault_of(*decoder, "reads"), "neither a length nor \"ready\" at byte 14 of the stream");
}

TEST(Ready, TwoEndsThatBothSpeakNeverWaitForEachOtherForEver) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 300; ++round) {
        std::array<End, 2> ends;
        for (End& end : ends)
            for (auto n = random() % 6; n > 0; --n)
                end.to_send.push_back(n % 2 == 0 ? "ready" : std::string(random() % 12, 'x'));
        for (int idle = 0; idle < 200 && !(ends[0].done() && ends[1].done()); ++idle) {
            End& from = ends[random() % 2];
            End& to = &from == ends.data() ? ends[1] : ends[0];
            if (random() % 2 == 0) from.send_what_may_be_sent();
            if (from.out.empty()) continue;
            idle = 0;
            const std::size_t size = 1 + random() % from.out.size();
            const std::vector<std::byte> piece(from.out.begin(),
                                               from.out.begin() + static_cast<std::ptrdiff_t>(size));
            from.out.erase(from.out.begin(), from.out.begin() + static_cast<std::ptrdiff_t>(size));
            to.receive(piece);
        }
        ASSERT_EQ(ends[0].received, ends[1].to_send) << "round " << round;
        ASSERT_EQ(ends[1].received, ends[0].to_send) << "round " << round;
    }
}

}  // namespace
}  // namespace synscope::framing
