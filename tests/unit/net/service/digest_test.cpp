// The service `digest` through a conversation, as a server carries it: what it answers, and how much it
// holds.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "net/base/sha256.hpp"
#include "net/base/text.hpp"
#include "net/service/conversation.hpp"

namespace synscope::service {
namespace {

ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
std::string sum_of(std::string_view text) {
    Sha256 sum;
    sum.update(bytes_of(text));
    return hex_text(sum.finish());
}

class Nothing final : public Surroundings {
    void framed_out(const framing::Placed&) override {}
    void broken(const framing::FrameError&) override {}
    std::optional<Refusal> send_to(ConnectionKey, ByteSpan) override { return std::nullopt; }
    EffectResult list_folder(const ListFolder& r) override { return {r.request, Refused{}}; }
    EffectResult open_file(const OpenFile& r) override { return {r.request, Refused{}}; }
    EffectResult read_file(const ReadFile& r) override { return {r.request, Refused{}}; }
    EffectResult append_file(const AppendFile& r, ByteSpan) override { return {r.request, Refused{}}; }
    EffectResult commit_file(const CommitFile& r) override { return {r.request, Refused{}}; }
    void close_file(const CloseFile&) override {}
    EffectResult run_command(const RunCommand& r) override { return {r.request, Refused{}}; }
};

struct DigestTest : testing::Test {
    Nothing around;
    Conversation talk{ConnectionKey{1}, *framing::find_framing("none"), around};
    std::unique_ptr<Service> service = find_service("digest")->make();
    std::string answer;
    std::size_t most_held = 0;
    DigestTest() { talk.begin(service->open(ConnectionKey{1}, {})); }

    void read_all() {
        while (talk.wants_to_write()) {
            most_held = std::max(most_held, talk.output().size());
            const ByteSpan some = talk.output().first(std::min<std::size_t>(talk.output().size(), 10'000));
            answer.append(reinterpret_cast<const char*>(some.data()), some.size());
            talk.sent(some.size());
            if (talk.can_go_on()) talk.go_on();
        }
    }
    /// The bytes in pieces of `cut`; then everything it answers, without what it answered before.
    std::string ask(std::string_view bytes, std::size_t cut = 1000) {
        answer.clear();
        for (; !bytes.empty(); bytes.remove_prefix(std::min(cut, bytes.size()))) {
            talk.feed(bytes_of(bytes.substr(0, cut)));
            while (talk.next())
                talk.answer();
            read_all();
        }
        return answer;
    }
    static std::string body_of(const std::string& answer) {
        return answer.substr(answer.find("\r\n\r\n") + 4);
    }
};

TEST_F(DigestTest, SendsWhatItSaysTheSumOf) {
    for (const std::uint64_t length : {0u, 1u, 7u, 65'536u, 1'000'003u}) {
        const std::string whole = ask(concat("GET /", length, " HTTP/1.1\r\nHost: x\r\n\r\n"));
        EXPECT_TRUE(whole.starts_with(concat("HTTP/1.1 200 OK\r\nContent-Length: ", length, "\r\n\r\n")));
        EXPECT_EQ(body_of(whole).size(), length);
        EXPECT_EQ(body_of(ask(concat("GET /", length, "/sha256 HTTP/1.1\r\n\r\n"))),
                  sum_of(body_of(whole)) + "\n");
    }
    EXPECT_LE(most_held, Conversation::kHighWater + 2 * 65'536);
}

TEST_F(DigestTest, SumsABodyHoweverItIsCut) {
    const std::string body(10'000, 'b');
    for (const std::size_t cut : {1u, 7u, 1000u, 100'000u}) {
        const std::string whole =
            ask(concat("PUT /x HTTP/1.1\r\ncontent-length:  ", body.size(), " \r\n\r\n", body), cut);
        EXPECT_EQ(body_of(whole), sum_of(body) + "\n") << "cut by " << cut;
    }
    EXPECT_EQ(body_of(ask("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")), sum_of("") + "\n");
}

TEST_F(DigestTest, LetsAClientThatAsksFirstBegin) {
    EXPECT_EQ(ask("PUT / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"),
              "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(body_of(ask("x")), sum_of("x") + "\n");
}

TEST_F(DigestTest, AnswersOneAfterTheOther) {
    const std::string both =
        ask("GET /100000/sha256 HTTP/1.1\r\n\r\nGET /400000 HTTP/1.1\r\n\r\nGET /1 HTTP/1.1\r\n\r\n");
    const std::string begin = "HTTP/1.1 200 OK\r\n";
    EXPECT_EQ(both.find(begin), 0u);
    EXPECT_EQ(both.rfind(begin),
              both.size() - 1 - begin.size() - std::string{"Content-Length: 1\r\n\r\n"}.size());
    EXPECT_FALSE(talk.wants_to_close());
}

TEST_F(DigestTest, ClosesWhenItIsAskedTo) {
    EXPECT_NE(ask("GET /400000 HTTP/1.1\r\nConnection: Close\r\n\r\n").find("Connection: close"),
              std::string::npos);
    EXPECT_EQ(body_of(answer).size(), 400'000u);
    EXPECT_TRUE(talk.wants_to_close());
}

TEST_F(DigestTest, SendsTheRestToAPeerThatHasSaidAll) {
    talk.feed(bytes_of("GET /1000000 HTTP/1.1\r\n\r\n"));
    ASSERT_TRUE(talk.next());
    talk.answer();
    talk.eof();
    EXPECT_FALSE(talk.wants_to_close());
    read_all();
    EXPECT_EQ(body_of(answer).size(), 1'000'000u);
    EXPECT_TRUE(talk.wants_to_close());
}

TEST_F(DigestTest, ClosesAnIdleConnectionWithItsPeer) {
    talk.eof();
    EXPECT_TRUE(talk.wants_to_close());
}

struct Refusal {
    std::string request;
    std::string status;
};
class DigestRefusals : public DigestTest, public testing::WithParamInterface<Refusal> {};

TEST_P(DigestRefusals, SayWhyAndClose) {
    EXPECT_TRUE(ask(GetParam().request).starts_with("HTTP/1.1 " + GetParam().status)) << answer;
    EXPECT_TRUE(talk.wants_to_close());
    EXPECT_EQ(ask("GET /1 HTTP/1.1\r\n\r\n"), "");
}

INSTANTIATE_TEST_SUITE_P(
    Requests, DigestRefusals,
    testing::Values(Refusal{"GET /etc/passwd HTTP/1.1\r\n\r\n", "404"},
                    Refusal{"GET / HTTP/1.1\r\n\r\n", "404"},
                    Refusal{"GET /99999999999999999999 HTTP/1.1\r\n\r\n", "404"},
                    Refusal{"DELETE /1 HTTP/1.1\r\n\r\n", "405"}, Refusal{"PUT / HTTP/1.1\r\n\r\n", "411"},
                    Refusal{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "411"},
                    Refusal{"PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
                    Refusal{"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"},
                    Refusal{"hello\r\n\r\n", "400"}, Refusal{std::string(20'000, 'x'), "431"}));

}  // namespace
}  // namespace synscope::service
