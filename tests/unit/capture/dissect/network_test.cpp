// Fragments that become datagrams, options of IP and TCP, and the messages of ICMP and ICMPv6.

#include <gtest/gtest.h>

#include "capture/dissect/dissect.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::dissect {
namespace {

using test::bytes;
using test::join;
using wire::LinkType;
using Frame = std::vector<std::byte>;

Frame ipv4(int protocol, const Frame& payload, int fragment = 0, const Frame& options = {}) {
    const auto total = static_cast<int>(payload.size() + options.size() + 20);
    return join(bytes(0x45 + static_cast<int>(options.size() / 4), 0, total >> 8, total & 0xff, 0, 9,
                      fragment >> 8, fragment & 0xff, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2),
                options, payload);
}
Frame ipv6(int next, const Frame& payload) {
    const auto length = static_cast<int>(payload.size());
    Frame out = join(bytes(0x60, 0, 0, 0, length >> 8, length & 0xff, next, 64));
    for (const int last : {1, 2}) {
        const auto address = bytes(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
        out.insert(out.end(), address.begin(), address.end());
    }
    return join(out, payload);
}
Frame tcp(const Frame& options, const Frame& payload = {}, int ack = 5) {
    const auto words = static_cast<int>(5 + options.size() / 4);
    return join(bytes(0xc0, 0, 0x1f, 0x90, 0, 0, 0, 1, 0, 0, 0, ack, words << 4, 0x10, 1, 0, 0, 0, 0, 0),
                options, payload);
}
Dissection shown(const Frame& frame) {
    return dissect(LinkType::Raw, frame, static_cast<std::uint32_t>(frame.size()));
}
std::string value(const Dissection& d, std::string_view name) {
    const Field* field = d.find_field(name);
    return field == nullptr ? "(absent)" : field->value;
}
std::vector<std::string> values(const Dissection& d, std::string_view name) {
    std::vector<std::string> out;
    for (const Layer& layer : d.layers)
        for (const Field& field : layer.fields)
            if (field.name == name) out.push_back(field.value);
    return out;
}

void expect_reassembled(const Frame& first, const Frame& last, std::string_view alone,
                        std::string_view protocols) {
    wire::FragmentTable fragments;
    const auto run = [&](const Frame& frame) {
        return dissect(LinkType::Raw, frame, static_cast<std::uint32_t>(frame.size()), fragments, Instant{});
    };
    EXPECT_EQ(run(first).protocols(), alone);
    const Dissection d = run(last);
    EXPECT_EQ(d.protocols(), protocols);
    ASSERT_EQ(d.buffers.size(), 1u);
    const Layer* layer = d.find_layer("tcp");
    ASSERT_NE(layer, nullptr);
    EXPECT_EQ(layer->source, 1u);
    EXPECT_EQ(layer->bytes, (ByteRange{0, 20}));
    const Field* port = d.find_field("tcp.dstport");
    EXPECT_EQ(port->value, "8080");
    EXPECT_EQ(load_be16(d.bytes_of(*layer, last), port->bytes.begin), 8080);
    EXPECT_EQ(d.field_at(port->bytes.begin, 1), port);
    EXPECT_NE(d.field_at(port->bytes.begin), port) << "that byte of the frame is the IP header's";
    EXPECT_EQ(d.layers.back().source, 1u);
    EXPECT_EQ(value(d, "data.text"), "hi");
    // Alone a fragment is a fragment.
    EXPECT_EQ(shown(last).protocols(), alone);
}

TEST(DissectFragments, TheFrameThatCompletesADatagramShowsIt) {
    const Frame whole = tcp({}, join(bytes('h', 'i')));
    const Frame head(whole.begin(), whole.begin() + 16);
    const Frame tail(whole.begin() + 16, whole.end());
    expect_reassembled(ipv4(6, head, 0x2000), ipv4(6, tail, 2), "raw:ip:data", "raw:ip:tcp:data");
    expect_reassembled(ipv6(44, join(bytes(6, 0, 0, 1, 0, 0, 0, 7), head)),
                       ipv6(44, join(bytes(6, 0, 0, 16, 0, 0, 0, 7), tail)), "raw:ipv6:ipv6.fraghdr:data",
                       "raw:ipv6:ipv6.fraghdr:tcp:data");
}

TEST(DissectTcpOptions, RegisteredOnesHaveNames) {
    const auto kind = [](const Frame& options) {
        return value(shown(ipv4(6, tcp(options))), "tcp.option_kind");
    };
    EXPECT_EQ(kind(join(bytes(30, 4, 0x20, 5))), "30 (multipath TCP)");
    EXPECT_EQ(value(shown(ipv4(6, tcp(join(bytes(30, 4, 0x20, 5))))), "tcp.options.mptcp.subtype"),
              "2 (DSS)");
    EXPECT_EQ(kind(join(bytes(29, 8, 1, 2, 3, 4, 5, 6))), "29 (authentication (TCP-AO))");
    EXPECT_EQ(value(shown(ipv4(6, tcp(join(bytes(28, 4, 0x80, 5))))), "tcp.options.user_to_val"), "5 min");
    EXPECT_EQ(value(shown(ipv4(6, tcp(join(bytes(34, 6, 1, 2, 3, 4, 0, 0))))), "tcp.options.tfo.cookie"),
              "01 02 03 04");
    EXPECT_EQ(value(shown(ipv4(6, tcp(join(bytes(34, 2, 0, 0))))), "tcp.options.tfo.request"), "yes");
    EXPECT_EQ(kind(join(bytes(2, 3, 1, 0))), "2 (maximum segment size)") << "of a length that is wrong";
    EXPECT_EQ(kind(join(bytes(200, 4, 1, 2))), "200");
    EXPECT_EQ(values(shown(ipv4(6, tcp(join(bytes(2, 4, 1, 0, 1, 3, 3, 7))))), "tcp.option_kind"),
              (std::vector<std::string>{"2", "1", "3"}));
}

TEST(DissectTcpOptions, ADuplicateSackIsSaidAsSuch) {
    const auto note = [](int left, int right, int left2, int right2) {
        const Frame options =
            join(bytes(1, 1, 5, 18, 0, 0, 0, left, 0, 0, 0, right, 0, 0, 0, left2, 0, 0, 0, right2));
        const Dissection d = shown(ipv4(6, tcp(options, {}, 20)));
        return !d.find_field("tcp.options.sack_le")->note.empty();
    };
    EXPECT_TRUE(note(10, 20, 30, 40)) << "below what is acknowledged";
    EXPECT_TRUE(note(32, 36, 30, 40)) << "inside the second block";
    EXPECT_FALSE(note(30, 40, 50, 60));
    EXPECT_FALSE(note(30, 40, 35, 60));
}

TEST(DissectIpOptions, AreListed) {
    const Dissection d =
        shown(ipv4(6, tcp({}), 0, join(bytes(0x94, 4, 0, 0, 7, 11, 4, 10, 0, 0, 1, 10, 0, 0, 2, 0))));
    EXPECT_EQ(values(d, "ip.opt.type"),
              (std::vector<std::string>{"148 (router alert)", "7 (record route)", "0 (end of options)"}));
    EXPECT_EQ(values(d, "ip.rec_rt"), (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
    EXPECT_EQ(d.protocols(), "raw:ip:tcp");
    EXPECT_TRUE(shown(ipv4(6, tcp({}), 0, join(bytes(7, 9, 0, 0)))).find_layer("ip")->malformed);
    const Dissection six =
        shown(ipv6(0, join(bytes(58, 0, 5, 2, 0, 0, 1, 0), bytes(143, 0, 0, 0, 0, 0, 0, 0))));
    EXPECT_EQ(values(six, "ipv6.opt.type"), (std::vector<std::string>{"5 (router alert)", "1 (PadN)"}));
}

TEST(DissectIcmp, WhatAMessageSaysBesidesItsType) {
    const Frame inner = ipv4(6, tcp({}));
    EXPECT_EQ(value(shown(ipv4(1, join(bytes(3, 4, 0, 0, 0, 0, 5, 0xdc), inner))), "icmp.mtu"), "1500");
    EXPECT_EQ(value(shown(ipv4(1, join(bytes(5, 1, 0, 0, 10, 0, 0, 3), inner))), "icmp.redir_gw"),
              "10.0.0.3");
    const Frame timestamp = join(bytes(13, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0));
    EXPECT_EQ(value(shown(ipv4(1, timestamp)), "icmp.originate_timestamp"), "9");
    EXPECT_EQ(shown(ipv4(1, join(bytes(3, 3, 0, 0, 0, 0, 0, 0), inner))).protocols(), "raw:ip:icmp:ip:tcp");
}

TEST(DissectIcmpv6, NeighbourDiscoveryAndItsOptions) {
    Frame message = join(bytes(136, 0, 0, 0, 0x60, 0, 0, 0));
    const auto target = bytes(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
    message.insert(message.end(), target.begin(), target.end());
    const Dissection d = shown(ipv6(58, join(message, bytes(2, 1, 2, 0, 0, 0, 0, 9))));
    EXPECT_EQ(value(d, "icmpv6.nd.na.target_address"), "fd00::2");
    EXPECT_EQ(value(d, "icmpv6.nd.na.flag.s"), "set");
    EXPECT_EQ(value(d, "icmpv6.nd.na.flag.r"), "not set");
    EXPECT_EQ(value(d, "icmpv6.opt.linkaddr"), "02:00:00:00:00:09");
    EXPECT_FALSE(d.layers.back().malformed);
    EXPECT_TRUE(shown(ipv6(58, join(message, bytes(2, 0)))).layers.back().malformed)
        << "an option of length 0";
    EXPECT_EQ(value(shown(ipv6(58, join(bytes(2, 0, 0, 0, 0, 0, 5, 0xdc), ipv6(6, tcp({}))))), "icmpv6.mtu"),
              "1500");
}

}  // namespace
}  // namespace synscope::dissect
