#include "net/wire/dns.hpp"

#include <gtest/gtest.h>

#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::wire {
namespace {

using test::bytes;
using test::join;

DnsMessage everything() {
    DnsMessage message;
    message.id = 0x1a2b;
    message.flags = dns::kResponse | dns::kRecursionDesired | dns::kRecursionAvailable;
    message.questions.push_back({"example.com", dns::kA, 1});
    message.answers.push_back({"example.com", dns::kA, 1, 300, *IpAddress::parse("10.0.0.1")});
    message.answers.push_back({"example.com", dns::kAaaa, 1, 300, *IpAddress::parse("fd00::1")});
    message.answers.push_back({"www.example.com", dns::kCname, 1, 60, DnsTarget{"example.com"}});
    message.answers.push_back({"example.com", dns::kMx, 1, 60, DnsMx{10, "mail.example.com"}});
    message.answers.push_back(
        {"example.com", dns::kTxt, 1, 60, DnsText{{"v=spf1", std::string(255, 'x'), ""}}});
    message.answers.push_back(
        {"_sip._tcp.example.com", dns::kSrv, 1, 60, DnsSrv{1, 2, 5060, "sip.example.com"}});
    message.authorities.push_back({"example.com", dns::kNs, 1, 60, DnsTarget{"ns.example.com"}});
    message.authorities.push_back(
        {"example.com", dns::kSoa, 1, 60, DnsSoa{"ns.example.com", "root.example.com", 1, 2, 3, 4, 5}});
    message.additional.push_back({".", dns::kOpt, 1232, 0, DnsOpaque{join(bytes(0, 10, 0, 1, 7))}});
    return message;
}

TEST(DnsMessage, IsWrittenAndReadAgain) {
    const DnsMessage message = everything();
    const auto bytes = message.emit();
    ASSERT_TRUE(bytes);
    const auto again = DnsMessage::parse(*bytes);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, message);
    for (std::size_t size = 0; size < bytes->size(); ++size)
        EXPECT_FALSE(DnsMessage::parse(ByteSpan{*bytes}.first(size))) << size;
    EXPECT_EQ(message.text().substr(0, 59), "DNS response 0x1a2b, A example.com? A 10.0.0.1 AAAA fd00::1");
}

TEST(DnsMessage, CompressedNamesAreRead) {
    // RFC 1035 section 4.1.4: a name may end in a pointer to an earlier one.
    const auto message =
        join(bytes(0, 1, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0), bytes(3, 'w', 'w', 'w', 2, 'd', 'e', 0),
             bytes(0, 5, 0, 1), bytes(0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4), bytes(1, 'a', 0xc0, 16));
    const auto parsed = DnsMessage::parse(message);
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->answers.size(), 1u);
    EXPECT_EQ(parsed->answers[0].name, "www.de");
    EXPECT_EQ(parsed->answers[0].data, DnsData{DnsTarget{"a.de"}});
}

TEST(DnsName, LoopsForwardPointersAndLongOnesAreRefused) {
    const auto name = [](const std::vector<std::byte>& message, std::size_t at) {
        return read_dns_name(message, at).has_value();
    };
    EXPECT_FALSE(name(join(bytes(0xc0, 0)), 0)) << "to itself";
    EXPECT_FALSE(name(join(bytes(0xc0, 2, 0xc0, 0)), 0)) << "forward";
    EXPECT_FALSE(name(join(bytes(0xc0, 2, 0xc0, 0)), 2)) << "to one another";
    EXPECT_FALSE(name(join(bytes(1, 'a', 0xc0, 0)), 0)) << "into its own start";
    EXPECT_FALSE(name(join(bytes(0x40, 0)), 0)) << "a label type that was never used";
    EXPECT_FALSE(name(join(bytes(3, 'a', 'b')), 0)) << "cut";
    EXPECT_FALSE(name({}, 0));
    EXPECT_TRUE(name(join(bytes(0, 0xc0, 0)), 1));
    std::vector<std::byte> chain{std::byte{0}};
    for (std::size_t i = 0; i < 1000; ++i) {
        const std::size_t to = i == 0 ? 0 : chain.size() - 2;
        chain.push_back(static_cast<std::byte>(0xc0 | to >> 8));
        chain.push_back(static_cast<std::byte>(to & 0xff));
    }
    EXPECT_TRUE(name(chain, 1 + 2 * 100));
    EXPECT_FALSE(name(chain, chain.size() - 2)) << "more pointers than a name can have labels";
    std::vector<std::byte> labels;
    for (int i = 0; i < 4; ++i) {
        labels.push_back(std::byte{63});
        labels.resize(labels.size() + 63, std::byte{'x'});
    }
    labels.push_back(std::byte{0});
    EXPECT_FALSE(name(labels, 0)) << "257 bytes";
    EXPECT_TRUE(name(labels, 64));
}

TEST(DnsName, OddBytesSurviveTheText) {
    const auto wire = join(bytes(4, 'a', '.', '\\', 7, 2, 0xff, ' ', 0));
    const auto name = read_dns_name(wire, 0);
    ASSERT_TRUE(name);
    EXPECT_EQ(name->text, "a\\.\\\\\\007.\\255\\032");
    EXPECT_EQ(name->end, wire.size());
    std::vector<std::byte> out;
    ASSERT_TRUE(append_dns_name(out, name->text));
    EXPECT_EQ(out, wire);
    for (const std::string_view bad : {"a..b", ".a"})
        EXPECT_FALSE(append_dns_name(out, bad)) << bad;
    EXPECT_FALSE(append_dns_name(out, std::string(64, 'x')));
    EXPECT_EQ(out, wire) << "nothing is appended of a bad one";
}

TEST(DnsRecord, ContentsThatMakeNoSenseAreKeptAsBytes) {
    const auto record = [](int type, auto data) {
        const auto message =
            join(bytes(0, 0, type, 0, 1, 0, 0, 0, 0, 0, static_cast<int>(data.size())), data);
        const auto found = read_dns_record(message, 0);
        return found && std::holds_alternative<DnsOpaque>(found->record.data);
    };
    EXPECT_TRUE(record(1, bytes(1, 2, 3)));
    EXPECT_TRUE(record(28, bytes(1, 2, 3, 4)));
    EXPECT_TRUE(record(15, bytes(0, 1)));
    EXPECT_TRUE(record(16, bytes(5, 'a')));
    EXPECT_TRUE(record(5, bytes(1, 'a', 0, 0)));
    EXPECT_FALSE(record(5, bytes(1, 'a', 0)));
}

}  // namespace
}  // namespace synscope::wire
