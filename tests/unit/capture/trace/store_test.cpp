#include "capture/trace/store.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>

namespace synscope::trace {
namespace {

std::array<std::byte, 4> packet_bytes(std::uint32_t n) {
    std::array<std::byte, 4> raw{};
    store_be32(raw, 0, n);
    return raw;
}

TEST(Store, EqualTextsShareAnIdAndViewsStay) {
    Store store;
    const TextId first = store.intern("server.busy");
    const std::string_view view = store.text(first);
    for (int i = 0; i < 20'000; ++i)
        static_cast<void>(store.intern("text " + std::to_string(i)));
    EXPECT_EQ(store.intern("server.busy"), first);
    EXPECT_EQ(store.text(first).data(), view.data());
    EXPECT_EQ(view, "server.busy");
    EXPECT_EQ(store.text(store.intern("")), "");
}

TEST(Store, AReaderSeesWhatSizeAnnouncedWhileTheWriterAppends) {
    constexpr std::uint32_t kEvents = 40'000;  // several chunks of every column
    Store store;
    const InterfaceId lo = store.add_interface({});
    std::atomic<std::uint64_t> wrong{0};
    const auto read = [&] {
        for (std::size_t seen = 0; seen < kEvents;) {
            const std::size_t size = store.size();
            for (; seen < size; ++seen) {
                const auto n = static_cast<std::uint32_t>(seen);
                const Event event = store.event(EventId{n});
                bool right = event.at == Instant{n} && store.time_of(EventId{n}) == Instant{n};
                if (const auto* captured = std::get_if<PacketCaptured>(&event.body)) {
                    const Packet packet = store.packet(captured->packet);
                    right = right && packet.bytes.size() == 4 && load_be32(packet.bytes, 0) == n;
                } else if (const auto* note = std::get_if<Note>(&event.body)) {
                    right = right && store.text(note->text) == "note " + std::to_string(n % 2000);
                } else {
                    right = false;
                }
                if (!right) ++wrong;
            }
        }
    };
    std::thread one{read};
    std::thread two{read};
    for (std::uint32_t n = 0; n < kEvents; ++n) {
        if (n % 2 == 0) {
            const auto id = store.add_packet(lo, Instant{n}, 4, packet_bytes(n));
            if (!id) {
                ADD_FAILURE() << id.error().operation;
                std::abort();  // the readers would wait for ever
            }
            store.append(Instant{n}, ActorId{0}, {}, PacketCaptured{*id});
        } else {
            const TextId text = store.intern("note " + std::to_string(n % 2000));
            store.append(Instant{n}, ActorId{1}, EventId{n - 1}, Note{Severity::Info, text});
        }
    }
    one.join();
    two.join();
    EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace synscope::trace
