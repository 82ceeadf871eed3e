// The event store against a plain std::vector<Event>, in one run: ten million events of the mix that a run of
// ours makes (two packets, one call entered, one returned and one kernel sample out of five). Prints bytes
// per event, as the store counts them and as the kernel does, and the time of writing and reading as ratios
// to the vector.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "capture/trace/store.hpp"

namespace {

using namespace synscope;

constexpr std::uint32_t kDefaultEvents = 10'000'000;
constexpr std::size_t kPacketBytes = 66;

/// Resident memory that no file stands behind, in bytes.
std::size_t anonymous_resident() {
    std::FILE* file = std::fopen("/proc/self/status", "r");
    if (file == nullptr) return 0;
    char line[256];
    unsigned long long kib = 0;
    while (std::fgets(line, sizeof line, file) != nullptr) {
        if (std::sscanf(line, "RssAnon: %llu kB", &kib) == 1) break;
    }
    std::fclose(file);
    return kib * 1024;
}

KernelSample sample(std::uint32_t i) {
    KernelSample s;
    s.socket = SocketId{i % 64};
    s.state = TcpState::Established;
    s.receive_queue = i % 4096;
    s.send_queue = i * 7 % 65536;
    s.unacked = i % 20;
    s.snd_cwnd = 10 + i % 50;
    s.snd_ssthresh = 0x7fffffff;
    s.snd_mss = 1448;
    s.rcv_mss = 1448;
    s.snd_wnd = 65536 + i % 1000;
    s.rtt_us = 30 + i % 500;
    s.rttvar_us = 12 + i % 100;
    s.rto_us = 204'000;
    s.ato_us = 40'000;
    return s;
}

/// The i-th event's body; a packet is told by its number.
EventBody body(std::uint32_t i) {
    const std::uint64_t offset = std::uint64_t{i} * 40;
    switch (i % 5) {
        case 2:
            return SyscallEntered{Syscall::Send,  7,         SocketId{i % 64}, true,
                                  ThreadId{4242}, {1448, 0}, {TextId{0}, 57}};
        case 3:
            return SyscallReturned{Syscall::Send, 7, SocketId{i % 64},       true, ThreadId{4242},
                                   1448,          0, {offset, offset + 1448}};
        case 4:
            return sample(i);
        default:
            return PacketCaptured{PacketId{std::uint64_t{i} / 5 * 2 + i % 5}};
    }
}

template <class Work>
double seconds(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint32_t events =
        argc > 1 ? static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)) : kDefaultEvents;
    const std::vector<std::byte> packet(kPacketBytes, std::byte{0x45});

    const std::size_t before = anonymous_resident();
    auto store = std::make_unique<trace::Store>();
    static_cast<void>(store->intern("engine_blocking.cpp"));
    const InterfaceId interface = store->add_interface({});
    const double store_write = seconds([&] {
        for (std::uint32_t i = 0; i < events; ++i) {
            const Instant at{std::int64_t{1'700'000'000'000'000'000} + i};
            const EventBody b = body(i);
            if (std::holds_alternative<PacketCaptured>(b) &&
                !store->add_packet(interface, at, kPacketBytes, packet))
                std::exit(1);
            store->append(at, ActorId{1}, i > 0 ? std::optional{EventId{i - 1}} : std::nullopt, b);
        }
    });
    const std::size_t store_anonymous = anonymous_resident() - before;
    std::uint64_t sum = 0;
    const double store_read = seconds([&] {
        for (std::uint32_t i = 0; i < events; ++i)
            sum += store->event(EventId{i}).body.index();
    });
    const double counted = static_cast<double>(store->anonymous_bytes()) / events;
    store.reset();

    // The peer keeps packet bytes nowhere at all: the comparison is in its favour.
    std::vector<Event> vector;
    const double vector_write = seconds([&] {
        for (std::uint32_t i = 0; i < events; ++i)
            vector.push_back({EventId{i}, Instant{i}, ActorId{1},
                              i > 0 ? std::optional{EventId{i - 1}} : std::nullopt, body(i)});
    });
    const double vector_read = seconds([&] {
        for (const Event& event : vector)
            sum += event.body.index();
    });

    std::printf("events                      %u (checksum %llu)\n", events,
                static_cast<unsigned long long>(sum));
    std::printf("store, bytes per event      %.1f counted, %.1f resident anonymous (limit 64)\n", counted,
                static_cast<double>(store_anonymous) / events);
    std::printf("vector<Event>, bytes        %zu\n", sizeof(Event));
    std::printf("write   store %.1f ns, vector %.1f ns an event, ratio %.2f\n", store_write / events * 1e9,
                vector_write / events * 1e9, store_write / vector_write);
    std::printf("read    store %.1f ns, vector %.1f ns an event, ratio %.2f\n", store_read / events * 1e9,
                vector_read / events * 1e9, store_read / vector_read);
    return counted <= 64 ? 0 : 1;
}
