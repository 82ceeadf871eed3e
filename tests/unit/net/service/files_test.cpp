// Services `files` and `command`: what is taken, what is refused, and that the connection survives what it
// can.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/base/json.hpp"
#include "net/base/sha256.hpp"
#include "net/base/text.hpp"
#include "tests/unit/net/service/talk.hpp"

namespace synscope::service {
namespace {

using namespace std::string_view_literals;

std::string sha256(std::string_view text) {
    Sha256 sum;
    sum.update(as_bytes(text));
    return hex_text(sum.finish());
}
std::string framed(std::string_view header, std::string_view body = {}) {
    std::string out(4, '\0');
    for (std::size_t i = 0; i < 4; ++i)
        out[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
    return out.append(header).append(body);
}
std::string file(std::string_view name, std::string_view body, std::string_view more = {}) {
    return framed(concat(R"({"type":"file","name":")", name, R"(","size":)", body.size(), R"(,"sha256":")",
                         sha256(body), '"', more, '}'),
                  body);
}

/// The answers in a stream, as JSON texts.
std::vector<std::string> answers_in(std::string_view stream) {
    std::vector<std::string> out;
    while (stream.size() >= 4) {
        const std::size_t length = load_le32(as_bytes(stream), 0);
        out.emplace_back(stream.substr(4, length));
        stream.remove_prefix(std::min(stream.size(), 4 + length));
    }
    return out;
}
/// "ok", or the error; of several answers the last.
std::string outcome(std::string_view stream) {
    const auto answers = answers_in(stream);
    if (answers.empty()) return "no answer";
    const auto answer = json::parse(answers.back());
    EXPECT_TRUE(answer) << answers.back();
    if (!answer) return "no JSON";
    const auto* error = answer->find("error");
    return error != nullptr ? *error->string() : "ok";
}

struct FilesTest : testing::Test {
    FakeHost host{"files"};
    FakeHost::Talk& talk = host.connect();
};

TEST_F(FilesTest, AFileAppearsWholeHoweverItComes) {
    const std::string body(100'000, 'f');
    EXPECT_EQ(outcome(talk.ask(file("a.bin", body))), "ok");
    EXPECT_EQ(host.files["a.bin"], body);
    std::string answers;
    for (const char c : file("b", "bytes") + file("b", "other") + file("empty", ""))
        answers += talk.ask({&c, 1});
    EXPECT_THAT(answers_in(answers),
                testing::ElementsAre(concat(R"({"size": 0, "ok": true, "name": "b", "bytes": 5, "sha256": ")",
                                            sha256("bytes"), "\"}"),
                                     testing::_, testing::_));
    EXPECT_EQ(host.files["b"], "other") << "replaced";
    EXPECT_EQ(host.files.count("empty"), 1u);
    EXPECT_EQ(talk.open_files(), 0u);
}

TEST_F(FilesTest, AMessageIsAnsweredWithItsDigest) {
    EXPECT_THAT(answers_in(talk.ask(framed(R"({"type":"message","size":5})", "hello"))),
                testing::ElementsAre(
                    concat(R"({"size": 0, "ok": true, "bytes": 5, "sha256": ")", sha256("hello"), "\"}")));
    EXPECT_EQ(outcome(talk.ask(framed(R"({"type":"message","size":99999999})"))), "the message is too long");
}

TEST_F(FilesTest, ARefusedFileIsSkippedAndTheConnectionGoesOn) {
    const auto refused = [&](std::string_view message) {
        const std::string why = outcome(talk.ask(message));
        EXPECT_EQ(outcome(talk.ask(file("after", "x"))), "ok");
        return why;
    };
    const std::string digest = sha256("x");
    EXPECT_EQ(refused(file("../../etc/passwd", "x")), "the name leads out of the folder");
    EXPECT_EQ(refused(file("/etc/passwd", "x")), "the name leads out of the folder");
    EXPECT_EQ(refused(file("", "x")), "'name' names no file");
    EXPECT_EQ(refused(file("folder/", "x")), "'name' names no file");
    EXPECT_EQ(refused(file(".1-1.part", "x")), "a name that begins with a dot is not taken");
    EXPECT_EQ(refused(framed(R"({"type":"file","name":"a","size":1})", "x")),
              "'sha256' is not 64 hexadecimal digits in lower case");
    EXPECT_EQ(
        refused(framed(concat(R"({"type":"file","name":"a","size":1,"sha256":")", sha256("y"), "\"}"), "x")),
        "the digest is another");
    EXPECT_EQ(refused(framed(R"({"size":1})", "x")), "'type' is none of message, file, resume");
    EXPECT_EQ(refused(file("a", "x", R"(,"offset":-1)")), "'offset' is no whole number");
    EXPECT_EQ(refused(file("a", "x", R"(,"offset":1)")), "'offset' is for a file with \"resume\": true");
    host.refuse_bytes = Refusal::NoSpace;
    EXPECT_EQ(outcome(talk.ask(file("a", std::string(100'000, 'x')))), "there is no space left");
    host.refuse_bytes.reset();
    host.refuse_files = Refusal::TooLarge;
    EXPECT_EQ(outcome(talk.ask(file("a", "x"))), "the file is too large");
    host.refuse_files.reset();
    EXPECT_EQ(outcome(talk.ask(file("after", "x"))), "ok");
    EXPECT_EQ(host.files.count("a"), 0u);
    EXPECT_EQ(talk.open_files(), 0u);
}

TEST_F(FilesTest, WhatCannotBeReadClosesTheConnection) {
    const auto refused = [&](std::string_view bytes) {
        auto& one = host.connect();
        const std::string why = outcome(one.ask(bytes));
        EXPECT_TRUE(one.ends());
        EXPECT_EQ(one.ask(file("after", "x")), "");
        one.eof();
        EXPECT_TRUE(one.closes());
        return why;
    };
    EXPECT_EQ(refused("\xff\xff\xff\xff"), "a negative length");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), "a header that is too long");
    EXPECT_EQ(refused(framed("not JSON")), "a header that is not JSON");
    EXPECT_EQ(refused(framed("[]")), "a header that is JSON but no object");
    EXPECT_EQ(refused(framed(R"({"size":-1})")), "a negative length");
    EXPECT_EQ(refused(framed("{}")), "a JSON header without a whole number 'size'");
    host.refuse_files = Refusal::TooLarge;
    EXPECT_EQ(refused(framed(concat(R"({"type":"file","name":"a","size":9223372036854775807,"sha256":")",
                                    sha256(""), "\"}"))),
              "the file is too large");
}

TEST_F(FilesTest, ABrokenUploadLeavesNothingAndAResumableOneGoesOn) {
    const std::string body(50'000, 'r');
    const std::string whole = file("cut", body);
    talk.hear(std::string_view{whole}.substr(0, whole.size() - 10'000));
    talk.eof();
    host.vanish(talk);
    EXPECT_EQ(host.files.count("cut"), 0u);

    auto& first = host.connect();
    const std::string resumable = file("long", body, R"(,"resume":true)");
    first.hear(std::string_view{resumable}.substr(0, resumable.size() - 10'000));
    first.eof();
    const std::string part = host.part_of(first);
    EXPECT_EQ(part.size(), 40'000u);
    host.vanish(first);

    auto& second = host.connect();
    const std::string question =
        framed(concat(R"({"type":"resume","name":"long","size":0,"sha256":")", sha256(body), "\"}"));
    EXPECT_THAT(answers_in(second.ask(question)).at(0), testing::HasSubstr("\"offset\": 40000"));
    const auto rest = [&](std::uint64_t offset, std::string_view bytes) {
        return outcome(
            second.ask(framed(concat(R"({"type":"file","name":"long","resume":true,"offset":)", offset,
                                     R"(,"size":)", bytes.size(), R"(,"sha256":")", sha256(body), "\"}"),
                              bytes)));
    };
    EXPECT_EQ(rest(39'999, body.substr(39'999)), "'offset' is not where the file ends here");
    EXPECT_EQ(rest(40'000, body.substr(40'000)), "ok");
    EXPECT_EQ(host.files["long"], body);
    EXPECT_TRUE(host.parts.empty());
    EXPECT_EQ(rest(0, "not it"), "the digest is another");
    EXPECT_TRUE(host.parts.empty()) << "nothing is worth resuming there";
}

TEST(Command, OnlyWhatIsOnTheListRuns) {
    FakeHost host{"command"};
    auto& talk = host.connect();
    EXPECT_EQ(talk.ask("help\n"), "date, uptime, uname, whoami, id, hostname, nproc\n");
    EXPECT_EQ(talk.ask("date\r\n"), "ran 0\n");
    EXPECT_EQ(talk.ask("uptime\n"), "uptime cannot be run here\n");
    EXPECT_EQ(talk.ask("uname\nwhoami\n"), "ran 2\n(exit code 1)\nran 3\n(and more)\n");
    for (const std::string_view line : {"rm -rf /", "date; id", "date -u", "/bin/date", "$(id)", "", "DATE"})
        EXPECT_EQ(
            talk.ask(concat(line, '\n')),
            concat("refused: '", line, "' is none of date, uptime, uname, whoami, id, hostname, nproc\n"));
    EXPECT_EQ(talk.ask(std::string(5000, 'x')), "a line that is too long\n");
    EXPECT_TRUE(talk.closes());
    FakeHost whole{"command", "line"};
    EXPECT_EQ(whole.connect().ask("date\n"), "ran 0\n");
}

}  // namespace
}  // namespace synscope::service
