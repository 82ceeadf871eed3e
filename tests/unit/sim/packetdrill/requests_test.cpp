#include "sim/packetdrill/requests.hpp"

#include <gtest/gtest.h>

namespace synscope::packetdrill {
namespace {

using sim::tcp::kLinux;
using sim::tcp::Personality;

TEST(PacketdrillRequests, LinesAreReadAndTheUnknownLeftOut) {
    const auto requests = read_requests(
        "set net.ipv4.tcp_rmem 4096 540000 15728640\nforget\nnonsense\ndrop TIME_WAIT\ndrop NOWHERE\n");
    ASSERT_EQ(requests.size(), 3u);
    EXPECT_EQ(std::get<Setting>(requests[0]), (Setting{"net.ipv4.tcp_rmem", "4096 540000 15728640"}));
    EXPECT_TRUE(std::holds_alternative<Forget>(requests[1]));
    EXPECT_EQ(std::get<DropState>(requests[2]).state, TcpState::TimeWait);
}

TEST(PacketdrillRequests, SettingsReachThePersonality) {
    Personality p = kLinux;
    EXPECT_TRUE(apply_setting(p, {"net.ipv4.tcp_rmem", "4096\t540000 15728640"}));
    EXPECT_EQ(p.rmem, (sim::tcp::BufferSizes{4096, 540000, 15728640}));
    EXPECT_TRUE(apply_setting(p, {"net.ipv4.tcp_fastopen", "0x70403"}));
    EXPECT_EQ(p.fastopen, 0x70403u);
    EXPECT_TRUE(apply_setting(p, {"net.ipv4.tcp_congestion_control", "reno"}));
    EXPECT_EQ(p.congestion, sim::tcp::CongestionAlgorithm::Reno);
    EXPECT_TRUE(apply_setting(p, {"net.inet.tcp.rexmit_initial", "500"}));
    EXPECT_EQ(p.rto_initial, Duration::milliseconds(500));
    EXPECT_TRUE(apply_setting(p, {"net.ipv4.tcp_notsent_lowat", "-1"}));
    EXPECT_EQ(p.notsent_lowat, 0xffffffffu);
}

TEST(PacketdrillRequests, FastOpenKeyIsFourWords) {
    Personality p = kLinux;
    EXPECT_TRUE(apply_setting(p, {"net.ipv4.tcp_fastopen_key", "a1a1a1a1-b2b2b2b2-c3c3c3c3-00000004"}));
    EXPECT_TRUE(p.has_fastopen_key);
    EXPECT_EQ(p.fastopen_key[0], 0xa1a1a1a1u);
    EXPECT_EQ(p.fastopen_key[3], 4u);
    EXPECT_FALSE(apply_setting(p, {"net.ipv4.tcp_fastopen_key", "a1a1-zz"}));
}

TEST(PacketdrillRequests, WhatMeansNothingIsRefused) {
    Personality p = kLinux;
    EXPECT_FALSE(apply_setting(p, {"net.ipv4.tcp_no_such_thing", "1"}));
    EXPECT_FALSE(apply_setting(p, {"net.ipv4.tcp_sack", "yes"}));
    EXPECT_EQ(p, kLinux);
}

}  // namespace
}  // namespace synscope::packetdrill
