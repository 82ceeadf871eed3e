// The floor: the least that work on every TCP packet of a capture can cost. One pass over the map on one
// core, headers parsed (pcap, Ethernet, IPv4, TCP), the connection found in a table with open addressing, and
// its counters and numbers kept. No analysis, no output but one line. Nanosecond pcap of Ethernet only: what
// bench_analyze_capture makes.
//
// The pass is made twice and both are told: the first one faults the pages of the map in, which under some
// hypervisors costs more than all else; the second one is what the work itself costs.
//
// Packets are taken in small groups, so that the table's cache lines are under way before they are needed.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/hash.hpp"

using namespace synscope;

namespace {

constexpr std::size_t kGroup = 16;

struct Key {
    std::uint64_t addresses = 0;  ///< the lower end first
    std::uint32_t ports = 0;
    friend bool operator==(const Key&, const Key&) = default;
};
struct Packet {
    Key key;
    std::uint64_t hash = 0;
    std::int64_t at_ns = 0;
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::uint32_t length = 0;
    std::uint16_t window = 0;
    std::uint8_t flags = 0;
    std::uint8_t direction = 0;
};
struct Half {
    std::uint32_t next = 0;
    std::uint32_t ack = 0;
    std::uint32_t packets = 0;
    std::uint16_t window = 0;
    std::uint16_t flags = 0;
    std::uint64_t bytes = 0;
};
struct alignas(64) Connection {
    Key key;
    bool used = false;
    std::int64_t last_ns = 0;
    std::array<Half, 2> halves;
};

class Table {
  public:
    Table() : slots_(1u << 12) {}
    void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)], 1); }
    Connection& find(const Key& key, std::uint64_t hash) {
        for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
            Connection& slot = slots_[i];
            if (slot.used && slot.key == key) return slot;
            if (!slot.used) {
                if (size_ * 2 >= slots_.size()) return grow(), find(key, hash);
                ++size_;
                slot.used = true;
                slot.key = key;
                return slot;
            }
        }
    }
    [[nodiscard]] std::size_t size() const { return size_; }
    static std::uint64_t hash(const Key& key) {
        return hash_mix(key.addresses ^ (std::uint64_t{key.ports} << 29));
    }

  private:
    void grow() {
        std::vector<Connection> old(slots_.size() * 4);
        old.swap(slots_);
        for (const Connection& c : old) {
            if (!c.used) continue;
            std::size_t i = hash(c.key) & (slots_.size() - 1);
            while (slots_[i].used)
                i = (i + 1) & (slots_.size() - 1);
            slots_[i] = c;
        }
    }
    std::vector<Connection> slots_;
    std::size_t size_ = 0;
};

/// The next TCP packet; false at the end. Others are passed over.
bool parse(ByteSpan file, std::size_t& at, Packet& p) {
    while (at + 16 <= file.size()) {
        const std::uint32_t captured = load_le32(file, at + 8);
        const ByteSpan frame = file.subspan(at + 16, std::min<std::size_t>(captured, file.size() - at - 16));
        p.at_ns = std::int64_t{load_le32(file, at)} * 1'000'000'000 + load_le32(file, at + 4);
        at += 16 + frame.size();
        if (frame.size() < 54 || load_be16(frame, 12) != 0x0800 || load_u8(frame, 23) != 6) continue;
        const std::size_t ip_header = (load_u8(frame, 14) & 0xfu) * 4u;
        const std::uint32_t total = load_be16(frame, 16);
        const ByteSpan tcp = frame.subspan(14 + ip_header);
        if (ip_header < 20 || tcp.size() < 20) continue;
        const std::uint32_t tcp_header = (load_u8(tcp, 12) >> 4) * 4u;
        if (total < ip_header + tcp_header) continue;
        const std::uint32_t source = load_be32(frame, 26), destination = load_be32(frame, 30);
        const std::uint32_t sport = load_be16(tcp, 0), dport = load_be16(tcp, 2);
        const bool up = source != destination ? source < destination : sport < dport;
        p.direction = up ? 0 : 1;
        p.key.addresses =
            up ? std::uint64_t{source} << 32 | destination : std::uint64_t{destination} << 32 | source;
        p.key.ports = up ? sport << 16 | dport : dport << 16 | sport;
        p.hash = Table::hash(p.key);
        p.seq = load_be32(tcp, 4);
        p.ack = load_be32(tcp, 8);
        p.flags = load_u8(tcp, 13);
        p.window = load_be16(tcp, 14);
        p.length = total - static_cast<std::uint32_t>(ip_header) - tcp_header;
        return true;
    }
    return false;
}

void account(Table& table, const Packet& p) {
    Connection& connection = table.find(p.key, p.hash);
    connection.last_ns = p.at_ns;
    Half& half = connection.halves[p.direction];
    ++half.packets;
    half.bytes += p.length;
    half.next = p.seq + p.length;
    half.ack = p.ack;
    half.window = p.window;
    half.flags = static_cast<std::uint16_t>(half.flags | p.flags);
}

std::uint64_t one_pass(ByteSpan file, Table& table) {
    std::array<Packet, kGroup> group;
    std::uint64_t packets = 0;
    for (std::size_t at = 24, count = kGroup; count == kGroup; packets += count) {
        for (count = 0; count < kGroup && parse(file, at, group[count]); ++count)
            table.prefetch(group[count].hash);
        for (std::size_t i = 0; i < count; ++i)
            account(table, group[i]);
    }
    return packets;
}

}  // namespace

int main(int argc, char** argv) {
    const int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    struct stat status {};
    if (fd < 0 || fstat(fd, &status) != 0) {
        std::fputs("usage: bench_analyze_floor FILE\n", stderr);
        return 2;
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* map = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        std::perror("mmap");
        return 1;
    }
    madvise(map, size, MADV_SEQUENTIAL);
    for (const char* name : {"first", "again"}) {
        Table table;
        const auto begin = std::chrono::steady_clock::now();
        const std::uint64_t packets = one_pass({static_cast<const std::byte*>(map), size}, table);
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
        std::printf("%s\t%.4f\t%llu packets, %zu connections, %.1f ns per packet\n", name, spent.count(),
                    static_cast<unsigned long long>(packets), table.size(),
                    spent.count() * 1e9 / static_cast<double>(packets > 0 ? packets : 1));
    }
    return 0;
}
