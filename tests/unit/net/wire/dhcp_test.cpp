#include "net/wire/dhcp.hpp"

#include <gtest/gtest.h>

#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::wire {
namespace {

using test::bytes;

DhcpMessage offer() {
    DhcpMessage message;
    message.operation = 2;
    message.transaction = 0x1a2b3c4d;
    message.broadcast = true;
    message.yours = *IpAddress::parse("10.0.0.7");
    message.hardware = {{2, 0, 0, 0, 0, 1}};
    message.server_name = "boot";
    message.add_u8(dhcp::kMessageType, static_cast<std::uint8_t>(dhcp::MessageType::Offer));
    message.add_address(dhcp::kServerIdentifier, *IpAddress::parse("10.0.0.1"));
    message.add_u32(dhcp::kLeaseTime, 3600);
    message.add(200, {});
    return message;
}

TEST(DhcpMessage, IsWrittenAndReadAgain) {
    const DhcpMessage message = offer();
    const auto bytes = message.emit();
    const auto again = DhcpMessage::parse(bytes);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, message);
    EXPECT_EQ(again->type(), dhcp::MessageType::Offer);
    EXPECT_EQ(message.text(), "DHCP Offer, xid 0x1a2b3c4d, to 02:00:00:00:00:01, address 10.0.0.7");
    for (std::size_t size = 0; size < DhcpView::kSize; ++size)
        EXPECT_FALSE(DhcpMessage::parse(ByteSpan{bytes}.first(size)));
}

TEST(DhcpOptions, PadsAreLeftOutEndEndsAndACutOneIsSaid) {
    const auto all = bytes(0, 53, 1, 1, 0, 0, 12, 2, 'a', 'b', 255, 9, 9);
    const auto options = dhcp_options(all);
    ASSERT_EQ(options.size(), 3u);
    EXPECT_EQ(options[0].code, 53);
    EXPECT_EQ(options[1].at, 6u);
    EXPECT_EQ(options[1].bytes.size(), 2u);
    EXPECT_EQ(options[2].code, dhcp::kEnd);
    for (const auto& cut :
         {test::join(bytes(12)), test::join(bytes(12, 200)), test::join(bytes(12, 2, 'a'))}) {
        const auto found = dhcp_options(cut);
        ASSERT_EQ(found.size(), 1u);
        EXPECT_TRUE(found[0].cut);
        EXPECT_EQ(found[0].size, cut.size());
    }
}

TEST(DhcpMessage, WithoutItsCookieOrWithACutOptionThereIsNone) {
    auto bytes = offer().emit();
    bytes[DhcpView::kBootpSize] = std::byte{0};
    EXPECT_FALSE(DhcpMessage::parse(bytes));
    bytes = offer().emit();
    bytes[DhcpView::kSize + 1] = std::byte{200};
    EXPECT_FALSE(DhcpMessage::parse(bytes));
}

}  // namespace
}  // namespace synscope::wire
