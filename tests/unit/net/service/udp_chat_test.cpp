#include <gtest/gtest.h>

#include "net/service/service.hpp"

namespace synscope::service {
namespace {

/// "to 2: text" or "reply: text" or "close", in order.
std::vector<std::string> said(Effects& effects) {
    const auto text = [&](ByteRange range) {
        std::string out;
        for (const std::byte b : effects.bytes(range))
            out.push_back(static_cast<char>(b));
        return out;
    };
    std::vector<std::string> out;
    for (const Effect& effect : effects.list()) {
        if (const auto* to = std::get_if<SendTo>(&effect))
            out.push_back("to " + std::to_string(to->to.value) + ": " + text(to->bytes));
        else if (const auto* reply = std::get_if<Reply>(&effect))
            out.push_back("reply: " + text(reply->bytes));
        else if (std::holds_alternative<Close>(effect))
            out.emplace_back("close");
    }
    effects.clear();
    return out;
}

class UdpChat : public testing::Test {
  protected:
    std::unique_ptr<Session> join(std::uint64_t key) {
        auto session = chat_->open(ConnectionKey{key}, *Endpoint::parse("10.0.0.1:" + std::to_string(key)));
        session->on_open(effects_);
        return session;
    }
    std::vector<std::string> says(Session& session, std::string_view text) {
        session.on_message(std::as_bytes(std::span{text.data(), text.size()}), effects_);
        return said(effects_);
    }
    const std::unique_ptr<Service> chat_ = find_service("udp-chat")->make();
    Effects effects_;
};

using Said = std::vector<std::string>;

TEST_F(UdpChat, ToldToAllOthersAndNotToOneself) {
    const auto one = join(1);
    EXPECT_EQ(said(effects_), Said{});
    const auto two = join(2);
    EXPECT_EQ(said(effects_), Said{"to 1: * 10.0.0.1:2 joined\n"});
    const auto three = join(3);
    said(effects_);
    EXPECT_EQ(says(*two, "hi\r\n"), (Said{"to 1: 10.0.0.1:2: hi\n", "to 3: 10.0.0.1:2: hi\n"}));
}

TEST_F(UdpChat, LeavesByQuitBySilenceAndWhenItIsForgotten) {
    const auto one = join(1);
    auto two = join(2);
    auto three = join(3);
    said(effects_);
    EXPECT_EQ(says(*two, "/quit\n"),
              (Said{"to 1: * 10.0.0.1:2 left\n", "to 3: * 10.0.0.1:2 left\n", "close"}));
    two.reset();
    three->on_eof(effects_);
    EXPECT_EQ(said(effects_), (Said{"to 1: * 10.0.0.1:3 fell silent\n", "close"}));
    three.reset();
    EXPECT_EQ(says(*one, "anybody?"), Said{"reply: * nobody else is here\n"});
}

TEST_F(UdpChat, WhatWouldBeFragmentedIsRefused) {
    const auto one = join(1);
    const auto two = join(2);
    said(effects_);
    EXPECT_EQ(says(*one, std::string(1101, 'x')), Said{"reply: * too long: at most 1100 bytes\n"});
    const Said longest = says(*one, std::string(1100, 'x'));
    ASSERT_EQ(longest.size(), 1u);
    EXPECT_LT(longest[0].size(), 1232u) << "1280 without the headers of IPv6 and UDP";
}

}  // namespace
}  // namespace synscope::service
