// Makes the captures that bench analyze reads, in nanosecond pcap:
//
//     bench_analyze_capture full|small DIVISOR SEED FILE
//
// full: 1 GB of full segments in 1,400 connections. small: 5 million small packets in 60,000 connections.
// Both interleaved by the conversations' own times, 1 % of the segments lost and sent again, timestamps on.
// DIVISOR makes both smaller. Prints the packets and connections made.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <queue>
#include <random>
#include <string_view>
#include <vector>

#include "net/base/bytes.hpp"
#include "tests/bench/analyze/conversation.hpp"

using namespace synscope;
using namespace synscope::bench;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kMaxPayload = 1448;
constexpr std::size_t kEthernet = 14, kIp = 20;

struct Kind {
    std::uint32_t connections;
    std::uint64_t bulk_bytes;  ///< per connection, on average
    std::uint32_t packets;     ///< likewise
    std::int64_t starts_within;
    std::int64_t longest_pause;
};
constexpr Kind kFull{1400, 692'000, 0, 20 * kSecond, 0};
constexpr Kind kSmall{60'000, 0, 83, 300 * kSecond, 4 * kSecond};

/// Payload for every segment, and the sum of its first bytes for checksums (RFC 1071).
struct Payload {
    std::array<std::byte, kMaxPayload> bytes{};
    std::array<std::uint32_t, kMaxPayload + 1> sums{};
    Payload() {
        std::mt19937 random{1};
        for (std::size_t i = 0; i < kMaxPayload; ++i) {
            bytes[i] = static_cast<std::byte>(random() & 0xff);
            const std::uint32_t value = load_u8(bytes, i);
            sums[i + 1] = sums[i] + (i % 2 == 0 ? value << 8 : value);
        }
    }
};

std::uint32_t sum(ByteSpan bytes) {
    std::uint32_t total = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        total += load_be16(bytes, i);
    return total;
}
std::uint16_t folded(std::uint32_t total) {
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return static_cast<std::uint16_t>(~total);
}

class Writer {
  public:
    explicit Writer(std::FILE* file) : file_(file) {
        std::array<std::byte, 24> header{};
        store_le32(header, 0, 0xa1b23c4d);
        store_le16(header, 4, 2);
        store_le16(header, 6, 4);
        store_le32(header, 16, 65535);
        store_le32(header, 20, 1);
        put(header);
    }

    void packet(std::uint32_t connection, const MadePacket& p) {
        std::array<std::byte, 16 + kEthernet + kIp + 60> buffer{};
        const MutableByteSpan frame = std::span(buffer).subspan(16);
        const std::size_t headers = write_headers(frame, connection, p);
        const auto length = static_cast<std::uint32_t>(headers + p.length);
        const std::int64_t at = p.at_ns + 1'700'000'000 * kSecond;
        store_le32(buffer, 0, static_cast<std::uint32_t>(at / kSecond));
        store_le32(buffer, 4, static_cast<std::uint32_t>(at % kSecond));
        store_le32(buffer, 8, length);
        store_le32(buffer, 12, length);
        put(std::span(buffer).first(16 + headers));
        put(std::span(payload_.bytes).first(p.length));
        ++packets;
    }
    [[nodiscard]] bool good() const { return std::ferror(file_) == 0; }
    std::uint64_t packets = 0;

  private:
    void put(ByteSpan bytes) { std::fwrite(bytes.data(), 1, bytes.size(), file_); }

    std::size_t write_options(MutableByteSpan tcp, const MadePacket& p) {
        std::size_t at = 20;
        if ((p.flags & 2) != 0) {
            store_be32(tcp, at, 0x020405b4);       // MSS 1460
            store_be16(tcp, at + 4, 0x0402);       // SACK permitted
            store_be32(tcp, at + 16, 0x01030307);  // window scale 7
            at += 6;
        } else {
            store_be16(tcp, at, 0x0101);
            at += 2;
        }
        store_be16(tcp, at, 0x080a);
        store_be32(tcp, at + 2, p.ts_value);
        store_be32(tcp, at + 6, p.ts_echo);
        at += 10;
        if ((p.flags & 2) != 0) return at + 4;
        if (p.sack_end == p.sack_begin) return at;
        store_be32(tcp, at, 0x0101050a);
        store_be32(tcp, at + 4, p.sack_begin);
        store_be32(tcp, at + 8, p.sack_end);
        return at + 12;
    }

    std::size_t write_headers(MutableByteSpan frame, std::uint32_t connection, const MadePacket& p) {
        const std::uint32_t client = 0x0a000000u | (connection / 250 % 256) << 8 | (connection % 250 + 1);
        const std::uint32_t server = 0xc0000201u + connection % 40;
        const auto client_port = static_cast<std::uint16_t>(10'000 + connection % 50'000);
        const std::uint16_t server_port = connection % 3 == 0 ? 80 : 443;

        store_be32(frame, 0, 0x02000000);
        store_be16(frame, 4, p.from_client ? 2 : 1);
        store_be32(frame, 6, 0x02000000);
        store_be16(frame, 10, p.from_client ? 1 : 2);
        store_be16(frame, 12, 0x0800);
        const MutableByteSpan ip = frame.subspan(kEthernet);
        const MutableByteSpan tcp = ip.subspan(kIp);
        const std::size_t tcp_header = write_options(tcp, p);

        store_be16(ip, 0, 0x4500);
        store_be16(ip, 2, static_cast<std::uint16_t>(kIp + tcp_header + p.length));
        store_be16(ip, 4, identification_++);
        store_be16(ip, 6, 0x4000);
        store_be16(ip, 8, 0x4006);
        store_be32(ip, 12, p.from_client ? client : server);
        store_be32(ip, 16, p.from_client ? server : client);
        store_be16(ip, 10, folded(sum(ip.first(kIp))));

        store_be16(tcp, 0, p.from_client ? client_port : server_port);
        store_be16(tcp, 2, p.from_client ? server_port : client_port);
        store_be32(tcp, 4, p.seq);
        store_be32(tcp, 8, p.ack);
        store_u8(tcp, 12, static_cast<std::uint8_t>(tcp_header / 4 << 4));
        store_u8(tcp, 13, p.flags);
        store_be16(tcp, 14, p.window);
        const auto tcp_length = static_cast<std::uint32_t>(tcp_header + p.length);
        store_be16(tcp, 16,
                   folded(sum(ip.subspan(12, 8)) + 6 + tcp_length + sum(tcp.first(tcp_header)) +
                          payload_.sums[p.length]));
        return kEthernet + kIp + tcp_header;
    }

    std::FILE* file_;
    Payload payload_;
    std::uint16_t identification_ = 1;
};

/// A conversation under way: its packets are made when it begins and forgotten when it ends.
struct Running {
    std::int64_t at;
    std::uint32_t connection;
    friend bool operator>(const Running& a, const Running& b) {
        return a.at != b.at ? a.at > b.at : a.connection > b.connection;
    }
};
struct Packets {
    std::vector<MadePacket> list;
    std::size_t next = 0;
};

std::vector<ConversationPlan> make_plans(const Kind& kind, std::uint32_t divisor, std::uint32_t seed) {
    std::mt19937 random{seed};
    std::vector<ConversationPlan> plans(std::max(1u, kind.connections / divisor));
    for (ConversationPlan& plan : plans) {
        const std::uint64_t number = std::uint64_t{random()} << 32 | random();
        plan.start_ns = static_cast<std::int64_t>(number % static_cast<std::uint64_t>(kind.starts_within));
        plan.seed = static_cast<std::uint32_t>(random());
        // From half to one and a half times the average.
        plan.bulk_bytes = kind.bulk_bytes / 2 + (kind.bulk_bytes > 0 ? random() % kind.bulk_bytes : 0);
        plan.packets =
            kind.packets / 2 + (kind.packets > 0 ? static_cast<std::uint32_t>(random() % kind.packets) : 0);
        plan.longest_pause_ns = kind.longest_pause;
    }
    return plans;
}

void write_all(Writer& writer, const std::vector<ConversationPlan>& plans) {
    std::priority_queue<Running, std::vector<Running>, std::greater<>> order;
    for (std::uint32_t i = 0; i < plans.size(); ++i)
        order.push({plans[i].start_ns, i});
    std::vector<std::unique_ptr<Packets>> running(plans.size());
    while (!order.empty()) {
        const Running top = order.top();
        order.pop();
        auto& packets = running[top.connection];
        if (!packets) {
            packets = std::make_unique<Packets>();
            packets->list = make_conversation(plans[top.connection]);
        } else {
            writer.packet(top.connection, packets->list[packets->next++]);
        }
        if (packets->next < packets->list.size()) {
            order.push({packets->list[packets->next].at_ns, top.connection});
        } else {
            packets.reset();
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view name = argc == 5 ? argv[1] : "";
    const int divisor = argc == 5 ? std::atoi(argv[2]) : 0;
    if ((name != "full" && name != "small") || divisor < 1) {
        std::fputs("usage: bench_analyze_capture full|small DIVISOR SEED FILE\n", stderr);
        return 2;
    }
    std::FILE* file = std::fopen(argv[4], "wb");
    if (file == nullptr) {
        std::perror(argv[4]);
        return 1;
    }
    Writer writer{file};
    const auto plans = make_plans(name == "full" ? kFull : kSmall, static_cast<std::uint32_t>(divisor),
                                  static_cast<std::uint32_t>(std::atoi(argv[3])));
    write_all(writer, plans);
    const bool good = writer.good() && std::fclose(file) == 0;
    if (!good) std::perror(argv[4]);
    std::printf("%llu packets, %zu connections\n", static_cast<unsigned long long>(writer.packets),
                plans.size());
    return good ? 0 : 1;
}
