#include "net/service/service.hpp"

#include <gtest/gtest.h>

namespace synscope::service {
namespace {

std::string text_of(ByteSpan bytes) {
    std::string out;
    for (const std::byte b : bytes)
        out.push_back(static_cast<char>(b));
    return out;
}
ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

TEST(Effects, KeepOrderAndBytes) {
    Effects effects;
    effects.reply(bytes_of("one"));
    effects.send_to(ConnectionKey{7}, bytes_of("two"));
    effects.append_file(RequestId{1}, FileId{2}, bytes_of("three"));
    effects.add(Close{});
    ASSERT_EQ(effects.list().size(), 4u);
    EXPECT_EQ(text_of(effects.bytes(std::get<Reply>(effects.list()[0]).bytes)), "one");
    EXPECT_EQ(std::get<SendTo>(effects.list()[1]).to, ConnectionKey{7});
    EXPECT_EQ(text_of(effects.bytes(std::get<SendTo>(effects.list()[1]).bytes)), "two");
    EXPECT_EQ(text_of(effects.bytes(std::get<AppendFile>(effects.list()[2]).bytes)), "three");
    EXPECT_TRUE(std::holds_alternative<Close>(effects.list()[3]));
    effects.clear();
    EXPECT_TRUE(effects.list().empty());
}

std::string upper(std::string_view in) {
    const auto service = find_service("upper")->make();
    const auto session = service->open(ConnectionKey{1}, {});
    Effects effects;
    session->on_message(bytes_of(in), effects);
    EXPECT_EQ(effects.list().size(), 1u);
    return text_of(effects.bytes(std::get<Reply>(effects.list().at(0)).bytes));
}

TEST(Upper, TurnsAToZAndNothingElse) {
    EXPECT_EQ(upper("Hello, world 42 [`{az]"), "HELLO, WORLD 42 [`{AZ]");
    EXPECT_EQ(upper("gr\xc3\xbc\xc3\x9f"), "GR\xc3\xbc\xc3\x9f");
    EXPECT_EQ(upper(std::string_view("a\0b", 3)), std::string("A\0B", 3));
    EXPECT_EQ(upper(""), "");
}

TEST(Upper, ClosesWhenThePeerHasSaidAll) {
    const auto service = make_upper();
    const auto session = service->open(ConnectionKey{1}, {});
    Effects effects;
    session->on_open(effects);
    EXPECT_TRUE(effects.list().empty());
    session->on_eof(effects);
    ASSERT_EQ(effects.list().size(), 1u);
    EXPECT_TRUE(std::holds_alternative<Close>(effects.list()[0]));
}

TEST(Services, AreFoundByName) {
    for (const ServiceInfo& info : services()) {
        EXPECT_EQ(find_service(info.name), &info);
        EXPECT_TRUE(info.sentence.ends_with('.')) << info.name;
    }
    EXPECT_EQ(find_service("lower"), nullptr);
}

}  // namespace
}  // namespace synscope::service
