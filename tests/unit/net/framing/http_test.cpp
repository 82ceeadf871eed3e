#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "net/base/text.hpp"
#include "net/framing/http_decoder.hpp"
#include "tests/unit/net/framing/messages.hpp"

namespace synscope::framing {
namespace {

/// "status: what" of the refusal; "" when it was none.
std::string refusal(std::string_view stream) {
    HttpDecoder decoder{{1000}};
    static_cast<void>(contents_of(decoder, stream));
    const auto error = decoder.error();
    if (!error) return {};
    return concat(decoder.status(), ": ",
                  error->fault == Fault::Malformed ? error->reason : std::string_view{"too long"});
}

TEST(Http, MessagesOfAllKindsOfLengthFollowOneAnother) {
    const std::string get{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"};
    const std::string put{"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"};
    const std::string chunked{
        "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\nA ;x\r\n0123456789\r\n0\r\nTrailer: y\r\n\r\n"};
    const std::string none{"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"};
    HttpDecoder decoder{{}};
    EXPECT_THAT(contents_of(decoder, "\r\n" + get + put + chunked + none + get),
                testing::ElementsAre(get, put, chunked, none, get));
    EXPECT_FALSE(decoder.at_end());
}

TEST(Http, ALengthThatTheEndOfTheStreamSaysIsAWholeMessageThen) {
    HttpDecoder decoder{{}};
    const std::string response{"HTTP/1.0 200 OK\r\n\r\nall of it"};
    EXPECT_TRUE(contents_of(decoder, response).empty());
    EXPECT_FALSE(decoder.at_end());
    decoder.finish();
    const auto last = decoder.next();
    ASSERT_TRUE(last);
    EXPECT_EQ(text_of(last->content), response);
    EXPECT_EQ(last->body, (ByteRange{19, 28}));
    EXPECT_FALSE(decoder.next());
}

TEST(Http, FormsThatTwoReadersCouldTakeInTwoWaysAreRefused) {
    const std::array<std::array<std::string_view, 2>, 19> cases{{
        {"GET / HTTP/1.1\nHost: x\n\n", "400: a line that ends without CR"},
        {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "400: a control character in a header value"},
        {"GET / HTTP/1.1\r\nA : b\r\n\r\n", "400: a header name that is no token"},
        {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "400: a folded header line"},
        {"GET / HTTP/1.1\r\nno colon\r\n\r\n", "400: a header line without a colon"},
        {"GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         "400: both Transfer-Encoding and Content-Length"},
        {"GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
         "400: more than one Content-Length"},
        {"GET / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\n", "400: a Content-Length that is no number"},
        {"GET / HTTP/1.1\r\nContent-Length: +3\r\n\r\n", "400: a Content-Length that is no number"},
        {"GET / HTTP/1.1\r\nContent-Length: -3\r\n\r\n", "400: a Content-Length that is no number"},
        {"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
         "400: a Content-Length that is no number"},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501: a Transfer-Encoding other than chunked"},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
         "501: a Transfer-Encoding other than chunked"},
        {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400: Transfer-Encoding in HTTP/1.0"},
        {"GET / HTTP/2.0\r\n\r\n", "505: an HTTP version other than 1"},
        {"GET /\r\n\r\n", "400: a start line without an HTTP version"},
        {"GET  / HTTP/1.1\r\n\r\n", "400: a request without a target"},
        {"G(T / HTTP/1.1\r\n\r\n", "400: a method that is no token"},
        {"HTTP/1.1 20 OK\r\n\r\n", "400: a status that is not three digits"},
    }};
    for (const auto& [stream, why] : cases)
        EXPECT_EQ(refusal(stream), why) << stream;
}

TEST(Http, WhatIsTooLongIsRefusedBeforeItIsAllThere) {
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nA: " + std::string(65536, 'x')), "431: too long");
    EXPECT_EQ(refusal("GET /" + std::string(65536, 'x')), "414: too long");
    std::string many{"GET / HTTP/1.1\r\n"};
    for (int i = 0; i < 101; ++i)
        many += "A: b\r\n";
    EXPECT_EQ(refusal(many + "\r\n"), "431: too many header fields");
    EXPECT_EQ(refusal("PUT / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"), "413: too long");
    const std::string chunked{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"};
    EXPECT_EQ(refusal(chunked + "3e9\r\n"), "413: too long");
    EXPECT_EQ(refusal(chunked + "1\r\na\r\n3e8\r\n"), "413: too long");
    EXPECT_EQ(refusal(chunked + "7fffffffffffffff\r\n"), "413: too long");
    EXPECT_EQ(refusal(chunked + "x\r\n"), "400: a chunk size that is no number");
    EXPECT_EQ(refusal(chunked + "-1\r\n"), "400: a chunk size that is no number");
    EXPECT_EQ(refusal(chunked + "0x1\r\n"), "400: a chunk size that is no number");
    EXPECT_EQ(refusal(chunked + "1\r\nab\r\n"), "400: a chunk that is not as long as it says");
    EXPECT_EQ(refusal(chunked + "1;" + std::string(1100, 'e')), "400: too long");
    EXPECT_EQ(refusal("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"), "400: empty lines instead of a message");
}

TEST(Http, OnlyWholeMessagesAreSent) {
    std::vector<std::byte> out;
    HttpDecoder decoder{{}};
    const auto encoder = make_http_encoder({});
    const auto words = [&](std::string_view text) {
        const auto placed = encoder->encode(bytes_of(text), out);
        return placed ? std::string{} : fault_text(placed.error());
    };
    EXPECT_EQ(words("hello"), "what is not exactly one HTTP message at byte 0 of the stream");
    EXPECT_EQ(words("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
              "what is not exactly one HTTP message at byte 0 of the stream");
    EXPECT_EQ(words("GET / HTTP/1.1\n\n"), "a line that ends without CR at byte 0 of the stream");
    EXPECT_EQ(words("PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"), "");
}

TEST(HttpHead, FindsFieldsAndWordsInAnyCase) {
    const auto head =
        read_http_head("GET /a?b HTTP/1.0\r\nConnection: keep-alive , CLOSE\r\nX:\t y \r\n\r\n");
    ASSERT_TRUE(head) << head.error().what;
    EXPECT_EQ(head->target, "/a?b");
    EXPECT_EQ(head->minor, 0);
    EXPECT_TRUE(head->lists("connection", "close"));
    EXPECT_FALSE(head->lists("connection", "upgrade"));
    EXPECT_EQ(head->find("x")->value, "y");
    EXPECT_EQ(head->find("y"), nullptr);
}

}  // namespace
}  // namespace synscope::framing
