// What TCP and UDP carry, and tunnels: protocols, fields, places, and no harm from what is cut.

#include <gtest/gtest.h>

#include "capture/dissect/dissect.hpp"
#include "net/wire/dhcp.hpp"
#include "net/wire/dns.hpp"
#include "tests/unit/net/wire/bytes.hpp"

namespace synscope::dissect {
namespace {

using test::bytes;
using test::join;
using wire::LinkType;
using Frame = std::vector<std::byte>;

Frame text(std::string_view chars) {
    Frame out;
    for (const char c : chars)
        out.push_back(static_cast<std::byte>(c));
    return out;
}
Frame ipv4(int protocol, const Frame& payload) {
    const auto total = static_cast<int>(payload.size() + 20);
    return join(
        bytes(0x45, 0, total >> 8, total & 0xff, 0, 9, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2),
        payload);
}
Frame udp(int port, const Frame& payload) {
    const auto length = static_cast<int>(payload.size() + 8);
    return ipv4(17, join(bytes(0xc0, 0, port >> 8, port & 0xff, length >> 8, length & 0xff, 0, 0), payload));
}
Frame tcp(int port, const Frame& payload) {
    return ipv4(
        6, join(bytes(0xc0, 0, port >> 8, port & 0xff, 0, 0, 0, 1, 0, 0, 0, 5, 0x50, 0x18, 1, 0, 0, 0, 0, 0),
                payload));
}

/// Dissects; every shorter capture of the same frame keeps its ranges inside.
Dissection shown(const Frame& frame, LinkType link = LinkType::Raw) {
    const auto length = static_cast<std::uint32_t>(frame.size());
    for (std::size_t size = 0; size < frame.size(); ++size) {
        const Frame cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
        for (const Layer& layer : dissect(link, cut, length).layers) {
            EXPECT_LE(layer.bytes.end, size);
            for (const Field& field : layer.fields)
                EXPECT_LE(field.bytes.end, size) << field.name;
        }
    }
    return dissect(link, frame, length);
}
std::string value(const Dissection& d, std::string_view name) {
    const Field* field = d.find_field(name);
    return field == nullptr ? "(absent)" : field->value;
}
std::uint64_t number(const Dissection& d, std::string_view name) {
    const Field* field = d.find_field(name);
    if (field == nullptr || !std::holds_alternative<std::uint64_t>(field->data)) return ~std::uint64_t{0};
    return std::get<std::uint64_t>(field->data);
}
/// The bytes a field names, as text.
std::string bytes_of(const Dissection& d, const Frame& frame, std::string_view name) {
    const Field* field = d.find_field(name);
    std::string out;
    for (std::uint64_t at = field == nullptr ? 0 : field->bytes.begin; field && at < field->bytes.end; ++at)
        out += std::to_integer<char>(frame[at]);
    return out;
}

wire::DnsMessage answer() {
    wire::DnsMessage message;
    message.id = 7;
    message.flags = 0x8180;
    message.questions.push_back({"example.com", wire::dns::kA, 1});
    message.answers.push_back({"example.com", wire::dns::kA, 1, 300, *IpAddress::parse("10.9.8.7")});
    message.answers.push_back({"example.com", wire::dns::kMx, 1, 300, wire::DnsMx{5, "mx.example.com"}});
    return message;
}

TEST(DissectDns, OverUdp) {
    const Frame frame = udp(53, *answer().emit());
    const Dissection d = shown(frame);
    EXPECT_EQ(d.protocols(), "raw:ip:udp:dns");
    EXPECT_EQ(value(d, "dns.qry.name"), "example.com");
    EXPECT_EQ(number(d, "dns.flags.response"), 1u);
    EXPECT_EQ(number(d, "dns.flags.rcode"), 0u);
    EXPECT_EQ(number(d, "dns.count.answers"), 2u);
    EXPECT_EQ(value(d, "dns.a"), "10.9.8.7");
    EXPECT_EQ(d.find_field("dns.a")->data, FieldData{*IpAddress::parse("10.9.8.7")});
    EXPECT_EQ(bytes_of(d, frame, "dns.a"), "\x0a\x09\x08\x07");
    EXPECT_EQ(value(d, "dns.mx.mail_exchange"), "mx.example.com");
    EXPECT_FALSE(d.layers.back().malformed);
    EXPECT_EQ(shown(udp(5353, *answer().emit())).protocols(), "raw:ip:udp:mdns");
    EXPECT_EQ(shown(udp(5355, *answer().emit())).protocols(), "raw:ip:udp:llmnr");
}

TEST(DissectDns, OverTcpWithSeveralMessagesInASegment) {
    const Frame message = *answer().emit();
    const auto size = static_cast<int>(message.size());
    const Frame two = join(bytes(size >> 8, size & 0xff), message, bytes(size >> 8, size & 0xff), message);
    const Frame frame = tcp(53, two);
    const Dissection d = shown(frame);
    EXPECT_EQ(d.protocols(), "raw:ip:tcp:dns:dns");
    EXPECT_EQ(bytes_of(d, frame, "dns.a"), "\x0a\x09\x08\x07");
    EXPECT_EQ(shown(tcp(53, text("no message at all"))).protocols(), "raw:ip:tcp:data");
}

TEST(DissectDns, ALoopOfPointersIsMalformedAndNothingElse) {
    const Frame message = join(bytes(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0), bytes(0xc0, 12, 0, 1, 0, 1));
    const Dissection d = shown(udp(53, message));
    ASSERT_TRUE(d.layers.back().malformed);
    EXPECT_EQ(number(d, "dns.id"), 1u);
}

TEST(DissectDhcp, OptionsHaveNamesAndValues) {
    wire::DhcpMessage message;
    message.transaction = 0x01020304;
    message.add_u8(wire::dhcp::kMessageType, 1);
    message.add(wire::dhcp::kHostName, Frame(text("alpha")));
    message.add_address(wire::dhcp::kRequestedAddress, *IpAddress::parse("10.0.0.9"));
    message.add(wire::dhcp::kParameterList, Frame(join(bytes(1, 3, 6))));
    const Frame frame = udp(67, message.emit());
    const Dissection d = shown(frame);
    EXPECT_EQ(d.protocols(), "raw:ip:udp:dhcp");
    EXPECT_EQ(number(d, "dhcp.option.dhcp"), 1u);
    EXPECT_EQ(value(d, "dhcp.option.hostname"), "alpha");
    EXPECT_EQ(bytes_of(d, frame, "dhcp.option.hostname"), "alpha");
    EXPECT_EQ(value(d, "dhcp.option.requested_ip_address"), "10.0.0.9");
    EXPECT_EQ(value(d, "dhcp.id"), "0x01020304");
}

TEST(DissectHttp, StartLineAndHeaders) {
    const Frame frame = tcp(8000, text("GET /a?b HTTP/1.1\r\nhost: example.com\r\nX-Odd: 1\r\n\r\nbody"));
    const Dissection d = shown(frame);
    EXPECT_EQ(d.protocols(), "raw:ip:tcp:http:data");
    EXPECT_EQ(value(d, "http.request.method"), "GET");
    EXPECT_EQ(value(d, "http.request.uri"), "/a?b");
    EXPECT_EQ(bytes_of(d, frame, "http.request.uri"), "/a?b");
    EXPECT_EQ(value(d, "http.request.version"), "HTTP/1.1");
    EXPECT_EQ(value(d, "http.host"), "example.com");
    EXPECT_EQ(bytes_of(d, frame, "http.host"), "example.com");
    EXPECT_EQ(value(d, "http.header"), "X-Odd: 1");
    EXPECT_EQ(value(d, "data.text"), "body");
    const Dissection response = shown(tcp(80, text("HTTP/1.1 404 Not Found\r\nServer: s\r\n")));
    EXPECT_EQ(number(response, "http.response.code"), 404u);
    EXPECT_EQ(value(response, "http.response.phrase"), "Not Found");
    EXPECT_EQ(value(response, "http.incomplete"), "go on in the next segment");
    EXPECT_EQ(shown(tcp(80, text("GETTING on"))).protocols(), "raw:ip:tcp:data");
}

Frame client_hello() {
    const Frame random(32, std::byte{7});
    const Frame name = text("example.com");
    const Frame extensions =
        join(bytes(0, 0, 0, 16, 0, 14, 0, 0, 11), name, bytes(0, 16, 0, 14, 0, 12, 2, 'h', '2', 8),
             text("http/1.1"), bytes(0, 43, 0, 3, 2, 3, 4));
    const Frame body = join(bytes(3, 3), random, bytes(0, 0, 4, 0x13, 1, 0x13, 2, 1, 0),
                            bytes(0, static_cast<int>(extensions.size())), extensions);
    const auto size = static_cast<int>(body.size());
    return join(bytes(22, 3, 1, 0, size + 4, 1, 0, 0, size), body);
}

TEST(DissectTls, AClientHelloSaysWhomItWants) {
    const Frame frame = tcp(8443, client_hello());
    const Dissection d = shown(frame);
    EXPECT_EQ(d.protocols(), "raw:ip:tcp:tls");
    EXPECT_EQ(number(d, "tls.handshake.type"), 1u);
    EXPECT_EQ(value(d, "tls.handshake.extensions_server_name"), "example.com");
    EXPECT_EQ(bytes_of(d, frame, "tls.handshake.extensions_server_name"), "example.com");
    EXPECT_EQ(value(d, "tls.handshake.extensions_alpn_str"), "h2");
    EXPECT_EQ(value(d, "tls.handshake.cipher_suites_length"), "2 offered");
    EXPECT_EQ(number(d, "tls.handshake.extensions.supported_version"), 0x0304u);
    EXPECT_EQ(d.layers.back().title, "TLS, Client Hello");
}

TEST(DissectTls, SeveralRecordsInOneSegment) {
    const Dissection d = shown(tcp(443, join(bytes(20, 3, 3, 0, 1, 1), bytes(22, 3, 3, 0, 4, 9, 9, 9, 9),
                                             bytes(21, 3, 3, 0, 2, 2, 40), bytes(23, 3, 3, 0, 100, 1, 2))));
    EXPECT_EQ(d.layers.back().title,
              "TLS, Change Cipher Spec, Handshake, Alert handshake failure, Application Data");
    EXPECT_EQ(number(d, "tls.alert_message.desc"), 40u);
    std::size_t records = 0;
    for (const Field& field : d.layers.back().fields)
        records += field.name == "tls.record" ? 1u : 0u;
    EXPECT_EQ(records, 4u);
}

TEST(DissectTunnels, LeadToWhatTheyCarry) {
    const Frame inner = udp(53, *answer().emit());
    const Frame frame = join(bytes(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0), inner);
    EXPECT_EQ(shown(ipv4(4, inner)).protocols(), "raw:ip:ip:udp:dns");
    EXPECT_EQ(shown(ipv4(47, join(bytes(0x20, 0, 8, 0, 0, 0, 0, 9), inner))).protocols(),
              "raw:ip:gre:ip:udp:dns");
    EXPECT_EQ(shown(ipv4(47, join(bytes(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 1, 0, 0, 0, 0), frame)))
                  .protocols(),
              "raw:ip:gre:erspan:eth:ethertype:ip:udp:dns");
    const Dissection vxlan = shown(udp(4789, join(bytes(8, 0, 0, 0, 0, 0, 5, 0), frame)));
    EXPECT_EQ(vxlan.protocols(), "raw:ip:udp:vxlan:eth:ethertype:ip:udp:dns");
    EXPECT_EQ(number(vxlan, "vxlan.vni"), 5u);
    EXPECT_EQ(shown(udp(6081, join(bytes(0, 0, 0x65, 0x58, 0, 0, 5, 0), frame))).protocols(),
              "raw:ip:udp:geneve:eth:ethertype:ip:udp:dns");
    const auto size = static_cast<int>(inner.size() + 2);
    EXPECT_EQ(shown(join(bytes(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0x64, 0x11, 0, 0, 1, size >> 8,
                               size & 0xff, 0, 0x21),
                         inner),
                    LinkType::Ethernet)
                  .protocols(),
              "eth:ethertype:pppoes:ppp:ip:udp:dns");
    EXPECT_EQ(shown(join(bytes(0xff, 3, 2, 0x81, 0, 1, 1, 64), inner), LinkType::Ppp).protocols(),
              "ppp:mpls:ip:udp:dns");
    EXPECT_EQ(shown(join(bytes(0x0f, 0, 8, 0), inner), LinkType::CiscoHdlc).protocols(), "chdlc:ip:udp:dns");
}

}  // namespace
}  // namespace synscope::dissect
