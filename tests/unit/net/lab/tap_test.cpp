// A TAP device in a namespace of a child's own: what the kernel sends comes out of the descriptor.
#include "net/lab/tap.hpp"

#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <set>
#include <string>

#include "net/lab/namespace.hpp"
#include "net/lab/netlink.hpp"
#include "net/wire/arp.hpp"
#include "tests/unit/net/lab/in_child.hpp"

namespace synscope::lab {
namespace {

constexpr wire::MacAddress kMac{{2, 0, 1, 0, 0, 7}};

Tap tap_or_skip() {
    if (!enter_own_network()) ::_exit(kCannot);
    auto tap = Tap::open("tap0");
    if (!tap) ::_exit(kCannot);
    return std::move(*tap);
}

void send_datagram(const char* to) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    const auto parsed = IpAddress::parse(to);
    std::memcpy(&address.sin_addr, parsed->octets.data(), 4);
    EXPECT_EQ(::sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address), 1);
    ::close(fd);
}

/// The ARP request that the kernel sends first.
std::optional<wire::ArpHeader> next_arp(const Tap& tap) {
    pollfd polled{tap.fd(), POLLIN, 0};
    if (::poll(&polled, 1, 5000) != 1) return std::nullopt;
    std::array<std::byte, 2000> frame;
    const ssize_t n = ::read(tap.fd(), frame.data(), frame.size());
    if (n <= 0) return std::nullopt;
    const auto ethernet = wire::EthernetView::parse({frame.data(), static_cast<std::size_t>(n)});
    if (!ethernet || ethernet->type() != wire::ethertype::kArp) return std::nullopt;
    const auto arp = wire::ArpView::parse(ethernet->payload());
    return arp ? std::optional{wire::ArpHeader::from(*arp)} : std::nullopt;
}

TEST(Tap, SaysWhatTheKernelSendsAndNothingElse) {
    in_child([] {
        const Tap tap = tap_or_skip();
        ASSERT_TRUE(set_up("tap0", {kMac, 1400, true}));
        ASSERT_TRUE(add_address("tap0", IpAddress::v4(0x0a000001), 24));
        send_datagram("10.0.0.2");
        const auto arp = next_arp(tap);
        ASSERT_TRUE(arp) << "the first frame is no ARP request";
        EXPECT_EQ(arp->sender_mac, kMac);
        EXPECT_EQ(arp->sender_ip.text(), "10.0.0.1");
        EXPECT_EQ(arp->target_ip.text(), "10.0.0.2");
        // An address of IPv6's own making would be followed by questions of its own.
        ifaddrs* all = nullptr;
        ASSERT_EQ(::getifaddrs(&all), 0);
        for (const ifaddrs* a = all; a != nullptr; a = a->ifa_next)
            EXPECT_FALSE(a->ifa_addr != nullptr && a->ifa_addr->sa_family == AF_INET6 &&
                         std::string{a->ifa_name} == "tap0");
        ::freeifaddrs(all);
    });
}

TEST(Tap, DefaultRouteLeadsToTheGateway) {
    in_child([] {
        const Tap tap = tap_or_skip();
        ASSERT_TRUE(set_up("tap0", {kMac, 1500, true}));
        ASSERT_TRUE(add_address("tap0", IpAddress::v4(0x0a000001), 24));
        ASSERT_TRUE(add_default_route("tap0", IpAddress::v4(0x0a0000fe)));
        send_datagram("192.0.2.80");
        const auto arp = next_arp(tap);
        ASSERT_TRUE(arp);
        EXPECT_EQ(arp->target_ip.text(), "10.0.0.254");
    });
}

TEST(Tap, GoesWithItsDescriptor) {
    in_child([] {
        {
            const Tap tap = tap_or_skip();
            EXPECT_NE(::if_nametoindex("tap0"), 0u);
        }
        EXPECT_EQ(::if_nametoindex("tap0"), 0u);
    });
}

TEST(Tap, AnOrdinaryUserOutsideANetworkOfHisOwnMayNotMakeOne) {
    in_child([] {
        become_nobody();
        const auto tap = Tap::open("tap0");
        ASSERT_FALSE(tap);
        const UserError told = explain_no_tap(tap.error());
        EXPECT_EQ(told.what, "cannot make a TAP device");
        EXPECT_NE(told.hint, "");
    });
}

TEST(Tap, WhatToDoDependsOnTheReason) {
    EXPECT_NE(explain_no_tap({"open", ENOENT, "/dev/net/tun"}).hint.find("modprobe tun"), std::string::npos);
    EXPECT_NE(explain_no_tap({"open", EACCES, "/dev/net/tun"}).hint.find("chmod"), std::string::npos);
    EXPECT_EQ(explain_no_tap({"open", EACCES, "/dev/net/tun"}).where, "open /dev/net/tun: Permission denied");
}

}  // namespace
}  // namespace synscope::lab
