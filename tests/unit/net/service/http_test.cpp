// Service `http` as curl and an attacker would see it, without a socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/base/text.hpp"
#include "net/service/http_folder.hpp"
#include "net/service/http_range.hpp"
#include "net/service/http_text.hpp"
#include "tests/unit/net/service/talk.hpp"

namespace synscope::service {
namespace {

constexpr std::string_view kHost{"Host: x\r\n\r\n"};

struct Answer {
    int status = 0;
    std::string head;
    std::string body;
    [[nodiscard]] std::string field(std::string_view name) const {
        const auto parsed = framing::read_http_head(head);
        const auto* found = parsed ? parsed->find(name) : nullptr;
        return found != nullptr ? std::string{found->value} : std::string{};
    }
};
/// The answers in a stream; one to HEAD says so itself, as only the asker knows.
std::vector<Answer> answers_in(std::string_view stream, bool to_head = false) {
    std::vector<Answer> out;
    while (!stream.empty()) {
        const auto end = stream.find("\r\n\r\n");
        Answer answer;
        answer.head = stream.substr(0, end == std::string_view::npos ? end : end + 4);
        stream.remove_prefix(answer.head.size());
        const auto head = framing::read_http_head(answer.head);
        EXPECT_TRUE(head) << answer.head;
        if (!head) break;
        answer.status = head->status;
        answer.body = stream.substr(0, to_head ? 0 : static_cast<std::size_t>(head->length));
        if (head->status == 304) answer.body.clear();
        stream.remove_prefix(answer.body.size());
        out.push_back(answer);
    }
    return out;
}

class HttpTest : public testing::Test {
  protected:
    HttpTest() {
        host.files = {{"index.html", "<h1>hello</h1>"},
                      {"a b.txt", "0123456789"},
                      {"folder/", ""},
                      {"folder/index.html", "inside"},
                      {"empty/", ""},
                      {".hidden", "not shown"},
                      {"nothing", ""},
                      {"big", std::string(1'000'000, 'b')}};
    }
    Answer ask(std::string_view request_line, std::string_view fields = {}) {
        auto& talk = host.connect();
        const auto answers = answers_in(talk.ask(concat(request_line, " HTTP/1.1\r\n", fields, kHost)),
                                        request_line.starts_with("HEAD"));
        EXPECT_EQ(answers.size(), 1u) << request_line;
        EXPECT_EQ(talk.open_files(), 0u) << request_line;
        return answers.empty() ? Answer{} : answers[0];
    }
    /// "status closes" of a request as it is.
    std::string raw(std::string_view request) {
        auto& talk = host.connect();
        const auto answers = answers_in(talk.ask(request));
        return answers.size() == 1 ? concat(answers[0].status, talk.ends() ? " closed" : " open")
                                   : "no answer";
    }
    FakeHost host{"http"};
};

TEST_F(HttpTest, FilesComeWithTheirTypeAndLength) {
    const Answer index = ask("GET /");
    EXPECT_EQ(index.status, 200);
    EXPECT_EQ(index.body, "<h1>hello</h1>");
    EXPECT_EQ(index.field("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(index.field("last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
    EXPECT_EQ(ask("GET /a%20b.txt?x=%zz#y").body, "0123456789");
    EXPECT_EQ(ask("GET http://any.where/a%20b.txt").body, "0123456789");
    EXPECT_EQ(ask("GET http://any.where").body, "<h1>hello</h1>");
    EXPECT_EQ(ask("GET /nothing").field("content-length"), "0");
    EXPECT_EQ(ask("GET /big").body.size(), 1'000'000u);
    const Answer head = ask("HEAD /big");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), "1000000");
}

TEST_F(HttpTest, FoldersAreTheirIndex) {
    EXPECT_EQ(ask("GET /folder/").body, "inside");
    const Answer moved = ask("GET /folder?x");
    EXPECT_EQ(moved.status, 301);
    EXPECT_EQ(moved.field("location"), "/folder/");
    EXPECT_EQ(ask("GET /empty").field("location"), "/empty/");
    EXPECT_EQ(ask("GET /absent/").status, 404);
    EXPECT_EQ(ask("GET /nothing/").status, 404);
    EXPECT_EQ(ask("GET /absent").body, "404 Not Found: there is no such file\n");
    EXPECT_EQ(ask("HEAD /absent").status, 404);
}

TEST_F(HttpTest, FoldersWithoutAnIndexShowWhatIsInThem) {
    host.files["list/"] = "";
    for (const std::string_view name :
         {"z.txt", "a b?#%.txt", "<script>alert(1)", "\"onclick=\"x", "javascript:x",
          ".half.0123456789abcdef.synscope-part", "sub/", "\xff\n"})
        host.files[concat("list/", name)] = "x";
    const Answer page = ask("GET /list/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.field("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.field("content-security-policy"), "default-src 'none'");
    EXPECT_EQ(
        page.body,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>/list/</title></head>\n"
        "<body>\n<h1>/list/</h1>\n<ul>\n<li><a href=\"../\">../</a></li>\n"
        "<li><a href=\"%22onclick%3D%22x\">&quot;onclick=&quot;x</a> 1 byte</li>\n"
        "<li><a href=\"%3Cscript%3Ealert%281%29\">&lt;script&gt;alert(1)</a> 1 byte</li>\n"
        "<li><a href=\"a%20b%3F%23%25.txt\">a b?#%.txt</a> 1 byte</li>\n"
        "<li><a href=\"javascript%3Ax\">javascript:x</a> 1 byte</li>\n"
        "<li><a href=\"sub/\">sub/</a></li>\n"
        "<li><a href=\"z.txt\">z.txt</a> 1 byte</li>\n"
        "<li><a href=\"%FF%0A\">\\xff\\x0a</a> 1 byte</li>\n"
        "</ul>\n</body>\n</html>\n");
    EXPECT_EQ(ask("HEAD /list/").field("content-length"), std::to_string(page.body.size()));
    EXPECT_EQ(ask("GET /list").field("location"), "/list/");
    host.files.erase("index.html");
    const Answer root = ask("GET /");
    EXPECT_EQ(root.body.find("../"), std::string::npos) << "nothing is above the root";
    EXPECT_NE(root.body.find("<li><a href=\"big\">big</a> 1000000 bytes</li>"), std::string::npos);
    EXPECT_EQ(root.body.find("hidden"), std::string::npos);
}

TEST_F(HttpTest, APageOfAFolderIsBoundedAndSaysSo) {
    host.files["many/"] = "";
    const std::string end{"</ul>\n<p>There is more here than this page shows.</p>\n</body>\n</html>\n"};
    for (std::uint32_t i = 0; i <= kMostListed; ++i)
        host.files[concat("many/", i)] = "";
    EXPECT_TRUE(ask("GET /many/").body.ends_with(end));
    host.files["long/"] = "";
    for (int i = 0; i < 500; ++i)
        host.files[concat("long/", i, std::string(200, '"'))] = "";
    const std::string body = ask("GET /long/").body;
    EXPECT_TRUE(body.ends_with(end));
    EXPECT_LT(body.size(), kMostPageBytes + 4096);
}

TEST_F(HttpTest, NoPathLeadsOut) {
    for (const std::string_view target :
         {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd",
          "/%2fetc/passwd", "/.hidden", "/a/%2e/b", "http://x//etc/passwd"})
        EXPECT_EQ(ask(concat("GET ", target)).status, 404) << target;
    for (const std::string_view target : {"/a%00b", "/%", "/%4", "/%zz", "*", "ftp://x/y", "etc/passwd"})
        EXPECT_EQ(ask(concat("GET ", target)).status, 400) << target;
}

TEST_F(HttpTest, APartOfAFileIsSentWhenItIsOneRange) {
    const auto range = [&](std::string_view text, std::string_view more = {}) {
        const Answer a = ask("GET /a%20b.txt", concat("Range: ", text, "\r\n", more));
        return concat(a.status, ' ', a.field("content-range"), ' ', a.status == 416 ? "" : a.body);
    };
    EXPECT_EQ(range("bytes=0-0"), "206 bytes 0-0/10 0");
    EXPECT_EQ(range("bytes=3-5"), "206 bytes 3-5/10 345");
    EXPECT_EQ(range("bytes=7-"), "206 bytes 7-9/10 789");
    EXPECT_EQ(range("bytes=7-99999999999999999"), "206 bytes 7-9/10 789");
    EXPECT_EQ(range("bytes=7-99999999999999999999"), "200  0123456789") << "no number of ours";
    EXPECT_EQ(range("bytes=-2"), "206 bytes 8-9/10 89");
    EXPECT_EQ(range("bytes=-99"), "206 bytes 0-9/10 0123456789");
    EXPECT_EQ(range("bytes=10-"), "416 bytes */10 ");
    EXPECT_EQ(range("bytes=-0"), "416 bytes */10 ");
    for (const std::string_view ignored : {"bytes=5-3", "bytes=0-1,5-3", "bytes=0-1;3-4", "bytes=", "bytes=-",
                                           "bytes=,", "lines=1-2", "bytes=a-b"})
        EXPECT_EQ(range(ignored), "200  0123456789") << ignored;
    EXPECT_EQ(range("bytes=9223372036854775807-"), "416 bytes */10 ");
    EXPECT_EQ(range("bytes=9-9223372036854775807"), "206 bytes 9-9/10 9");
    EXPECT_EQ(range("bytes=10-,-0, 99-100"), "416 bytes */10 ");
    EXPECT_EQ(range("bytes=10-, 3-3"), "206 bytes 3-3/10 3") << "all that the file has of it";
    EXPECT_EQ(range("bytes=0-0", "If-Range: \"other\"\r\n"), "200  0123456789");
    const std::string etag = ask("GET /a%20b.txt").field("etag");
    EXPECT_EQ(range("bytes=0-0", concat("If-Range: ", etag, "\r\n")), "206 bytes 0-0/10 0");
    EXPECT_EQ(range("bytes=0-0", "If-Range: Tue, 14 Nov 2023 22:13:20 GMT\r\n"), "206 bytes 0-0/10 0");
}

TEST_F(HttpTest, SeveralRangesComeAsOneMultipartAnswer) {
    const auto ask_for = [&](std::string_view text, std::string_view more = {}) {
        return ask("GET /a%20b.txt", concat("Range: bytes=", text, "\r\n", more));
    };
    const Answer answer = ask_for("8-,,0-1 , -1000000,99-");
    EXPECT_EQ(answer.status, 200) << "the last overlaps the others";
    const Answer two = ask_for("-2,\t0-1,99-");
    EXPECT_EQ(two.status, 206);
    EXPECT_EQ(two.field("content-type"), "multipart/byteranges; boundary=synscope-a-17979cfe362a0000");
    EXPECT_EQ(two.field("content-range"), "") << "section 15.3.7.2: in the parts alone";
    EXPECT_EQ(two.field("content-length"), std::to_string(two.body.size()));
    EXPECT_EQ(two.body,
              "--synscope-a-17979cfe362a0000\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Range: bytes 8-9/10\r\n\r\n89\r\n"
              "--synscope-a-17979cfe362a0000\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Range: bytes 0-1/10\r\n\r\n01\r\n"
              "--synscope-a-17979cfe362a0000--\r\n");
    EXPECT_EQ(ask_for("0-1,3-4", "If-Range: \"other\"\r\n").status, 200);
    EXPECT_EQ(ask_for("0-1,1-2").status, 200) << "overlapping";
    EXPECT_EQ(ask_for("0-1,2-3").status, 206) << "side by side";
    EXPECT_EQ(ask("HEAD /a%20b.txt", "Range: bytes=0-1,3-4\r\n").status, 200) << "section 14.2: GET alone";

    std::string many{"0-0"};
    for (std::size_t i = 1; i < kMostRanges; ++i)
        append(many, concat(",", 2 * i, "-", 2 * i));
    const auto big = [&](std::string_view text) {
        return ask("GET /big", concat("Range: bytes=", text, "\r\n"));
    };
    EXPECT_EQ(big(many).status, 206);
    EXPECT_EQ(big(many + ",100-").status, 200) << "one more than are served";
    const Answer long_parts = big("0-399999,500000-");
    EXPECT_EQ(long_parts.status, 206);
    EXPECT_NE(long_parts.body.find(concat("Content-Range: bytes 0-399999/1000000\r\n\r\n",
                                          std::string(400'000, 'b'), "\r\n--synscope-")),
              std::string::npos);
    EXPECT_NE(long_parts.body.find(concat("Content-Range: bytes 500000-999999/1000000\r\n\r\n",
                                          std::string(500'000, 'b'), "\r\n--synscope-")),
              std::string::npos);
}

TEST_F(HttpTest, ConditionsSpareWhatTheClientHas) {
    const auto status = [&](std::string_view fields) { return ask("GET /a%20b.txt", fields).status; };
    const std::string etag = ask("GET /a%20b.txt").field("etag");
    EXPECT_EQ(status(concat("If-None-Match: \"x\", W/", etag, "\r\n")), 304);
    EXPECT_EQ(status("If-None-Match: *\r\n"), 304);
    EXPECT_EQ(status("If-None-Match: \"x\"\r\nIf-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n"), 200)
        << "the tag decides";
    EXPECT_EQ(status("If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n"), 304);
    EXPECT_EQ(status("If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT\r\n"), 200);
    EXPECT_EQ(status("If-Modified-Since: yesterday\r\n"), 200);
    EXPECT_EQ(status(concat("If-Match: ", etag, "\r\n")), 200);
    EXPECT_EQ(status("If-Match: \"x\"\r\n"), 412);
    EXPECT_EQ(status("If-Unmodified-Since: Tue, 14 Nov 2023 22:13:19 GMT\r\n"), 412);
}

TEST_F(HttpTest, PipelinedRequestsAreAnsweredInOrderAndOneConnectionIsEnough) {
    auto& talk = host.connect();
    const std::string requests =
        concat("GET /big HTTP/1.1\r\n", kHost, "GET /absent HTTP/1.1\r\n", kHost,
               "GET / HTTP/1.1\r\nConnection: close\r\n", kHost, "GET /big HTTP/1.1\r\n");
    for (const char c : requests)
        talk.hear({&c, 1});
    const auto answers = answers_in(talk.said());
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_EQ(answers[0].body.size(), 1'000'000u);
    EXPECT_EQ(answers[0].field("connection"), "keep-alive");
    EXPECT_EQ(answers[1].status, 404);
    EXPECT_EQ(answers[2].body, "<h1>hello</h1>");
    EXPECT_EQ(answers[2].field("connection"), "close");
    EXPECT_TRUE(talk.closes());
}

TEST_F(HttpTest, AClientThatHasAskedAndShutItsSideGetsEveryAnswer) {
    auto& talk = host.connect();
    talk.hear(concat("GET /big HTTP/1.1\r\n", kHost, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    talk.eof();
    EXPECT_FALSE(talk.closes());
    EXPECT_EQ(answers_in(talk.said()).size(), 2u);
    EXPECT_TRUE(talk.closes());
}

TEST_F(HttpTest, AnAnswerIsReadFromTheFileNoFasterThanItsReaderReads) {
    host.files["huge"] = std::string(8'000'000, 'h');
    auto& talk = host.connect();
    talk.hear(concat("GET /huge HTTP/1.1\r\n", kHost));
    EXPECT_LT(talk.conversation().output().size(), Conversation::kHighWater + 100'000);
    EXPECT_FALSE(talk.conversation().wants_to_read());
    EXPECT_EQ(answers_in(talk.said()).at(0).body.size(), 8'000'000u);
}

TEST_F(HttpTest, WhatCannotBeUnderstoodIsRefusedAndTheConnectionCloses) {
    const std::string host_line{"Host: x\r\n"};
    EXPECT_EQ(raw("GET / HTTP/1.1\nHost: x\n\n"), "400 closed") << "bare line feeds";
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line + "A: b\r\n c\r\n\r\n"), "400 closed") << "obs-fold";
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line + "A: b\rc\r\n\r\n"), "400 closed") << "bare CR";
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line + "Content-Length : 3\r\n\r\nabc"), "400 closed");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"),
              "400 closed");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line +
                  "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              "400 closed");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line + "Transfer-Encoding: xchunked\r\n\r\n"), "501 closed");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line + "A: " + std::string(65536, 'x')), "431 closed");
    EXPECT_EQ(raw("GET /" + std::string(65536, 'x')), "414 closed");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line + "Content-Length: 70000\r\n\r\n"), "413 closed");
    EXPECT_EQ(raw("GET / HTTP/3.0\r\n\r\n"), "505 closed");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n\r\n"), "400 closed") << "without Host";
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host_line + host_line + "\r\n"), "400 closed");
    EXPECT_EQ(raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "400 closed");
    EXPECT_EQ(raw("hello\r\n\r\n"), "400 closed");
    EXPECT_EQ(raw(std::string("\x16\x03\x01\x02\x00\n", 6)), "400 closed") << "TLS";
}

TEST_F(HttpTest, TheRestOfWhatWasRefusedIsDroppedBeforeTheConnectionCloses) {
    auto& talk = host.connect();
    static_cast<void>(talk.ask("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n"));
    EXPECT_TRUE(talk.ends());
    EXPECT_FALSE(talk.closes());
    EXPECT_EQ(talk.ask(std::string(100'000, 'x')), "");
    EXPECT_FALSE(talk.closes());
    auto& endless = host.connect();
    static_cast<void>(endless.ask("nonsense\n"));
    for (int i = 0; i < 11; ++i)
        static_cast<void>(endless.ask(std::string(100'000, 'x')));
    EXPECT_TRUE(endless.closes());
    talk.eof();
    EXPECT_TRUE(talk.closes());
}

TEST_F(HttpTest, MethodsOtherThanGetAndHeadAreRefusedAndTheirBodiesNotWaitedFor) {
    EXPECT_EQ(ask("DELETE /").status, 405);
    EXPECT_EQ(ask("DELETE /").field("allow"), "GET, HEAD");
    EXPECT_EQ(ask("BREW /").status, 501);
    EXPECT_EQ(raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"), "405 closed");
    EXPECT_EQ(raw("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n"),
              "405 closed");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde"), "200 open")
        << "allowed, ignored";
    EXPECT_EQ(raw("GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n"), "417 open");
    EXPECT_EQ(raw("GET / HTTP/1.0\r\n\r\n"), "200 closed");
}

TEST(HttpText, DatesAreTheGregorianCalendar) {
    EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // the example of RFC 9110
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_EQ(http_date(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
    EXPECT_EQ(http_date(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
    // Years of four digits: 1583 to 9999.
    for (std::int64_t t = -12'000'000'000; t < 253'000'000'000; t += 99'999'997) {
        EXPECT_EQ(parse_http_date(http_date(t)), t) << http_date(t);
    }
    for (const std::string_view bad : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT ",
                                       "Sun, 06 Xyz 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT"})
        EXPECT_FALSE(parse_http_date(bad)) << bad;
}

TEST(HttpText, NamesEndingsDecideTheType) {
    EXPECT_EQ(content_type("a/B.HTML"), "text/html; charset=utf-8");
    EXPECT_EQ(content_type("a.html/b"), "application/octet-stream");
    EXPECT_EQ(content_type(""), "application/octet-stream");
}

}  // namespace
}  // namespace synscope::service
