// Any bytes as a capture of any kind: pcap, pcapng, snoop, ERF, each perhaps compressed by gzip or zstd. One
// by one, in batches and through a pipe the packets and the end must be the same; every packet lies inside
// the input where it is mapped, its comments can be read, and what is written of it reads back the same.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "capture/pcapng/block_parser.hpp"
#include "capture/source/capture_writer.hpp"
#include "capture/source/file.hpp"
#include "capture/source/unpack.hpp"
#include "tests/fuzz/capture_source/outcome.hpp"

namespace {

using namespace synscope;
using fuzz::Outcome;
using fuzz::require;
using fuzz::Seen;
using fuzz::seen_of;

/// A few bytes may unpack to gigabytes of empty packets; nobody waits for them here.
constexpr std::size_t kMostPackets = 20'000;

Outcome read_batches(std::unique_ptr<source::PacketSource> opened, std::size_t batch_size) {
    Outcome outcome{true, false, {}};
    std::array<source::RawPacket, 64> batch;
    while (outcome.packets.size() < kMostPackets) {
        const auto count = opened->next_batch(std::span(batch).first(batch_size));
        outcome.damaged = !count;
        if (!count || *count == 0) break;
        require(*count <= batch_size);
        for (const source::RawPacket& packet : std::span(batch).first(*count)) {
            require(packet.link_type == opened->interface(packet.interface).link_type);
            outcome.packets.push_back(seen_of(packet));
        }
    }
    return outcome;
}

Outcome read_singly(std::unique_ptr<source::PacketSource> opened) {
    Outcome outcome{true, false, {}};
    while (outcome.packets.size() < kMostPackets) {
        const auto packet = opened->next();
        outcome.damaged = !packet;
        if (!packet || !*packet) break;
        outcome.packets.push_back(seen_of(**packet));
    }
    return outcome;
}

std::unique_ptr<source::PacketSource> open_from(std::unique_ptr<source::ByteFeed> feed) {
    auto plain = source::unpacked(std::move(feed), "fuzz");
    if (!plain) return nullptr;
    auto opened = source::open_capture(std::move(*plain), "fuzz");
    return opened ? std::move(*opened) : nullptr;
}

int memory_file(ByteSpan bytes) {
    const int fd = ::memfd_create("fuzz", MFD_CLOEXEC);
    require(fd > 0 && ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
            ::lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

/// Writes what is read and reads it again: the same packets but for blocks that must not be copied.
void round_trip(ByteSpan bytes, source::WriteFormat format) {
    auto opened = open_from(source::feed_from(bytes));
    const std::string path = "/dev/shm/synscope-fuzz-" + std::to_string(::getpid());
    auto writer = source::CaptureWriter::create(path, *opened, {.format = format, .application = "fuzz"});
    require(writer.has_value());
    bool all_written = true;
    std::vector<Seen> written;
    std::array<source::RawPacket, 64> batch;
    for (;;) {
        const auto count = opened->next_batch(batch);
        if (!count || *count == 0) break;
        for (const source::RawPacket& packet : std::span(batch).first(*count)) {
            const bool listed_only = packet.link_type == pcapng::kCustomBlockLink;
            all_written = (*writer)->write(packet).has_value() && all_written && !listed_only;
            written.push_back(seen_of(packet));
        }
    }
    require((*writer)->commit().has_value());
    writer->reset();
    auto again = source::open_capture(path);
    require(again.has_value());
    const Outcome copy = read_batches(std::move(*again), 64);
    ::unlink(path.c_str());
    require(!copy.damaged);
    if (!all_written) return;
    require(copy.packets.size() == std::min(written.size(), kMostPackets));
    for (std::size_t i = 0; i < copy.packets.size(); ++i) {
        const Seen& a = written[i];
        const Seen& b = copy.packets[i];
        require(a.at == b.at && a.original_length == b.original_length && a.size == b.size);
        require(format == source::WriteFormat::Pcap || a.sum == b.sum);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes = std::as_bytes(std::span(data, size));
    auto mapped = open_from(source::feed_from(bytes));
    auto streamed = open_from(source::feed_from_descriptor(memory_file(bytes), "fuzz"));
    require((mapped == nullptr) == (streamed == nullptr));
    if (mapped == nullptr) return 0;
    const bool inside = mapped->keeps_bytes();
    const Outcome whole = read_batches(std::move(mapped), 64);
    require(whole == read_batches(std::move(streamed), 64));
    require(whole == read_batches(open_from(source::feed_from(bytes)), 1 + size % 5));
    require(whole == read_singly(open_from(source::feed_from(bytes))));
    for (const Seen& seen : whole.packets)
        require(!inside || seen.offset + seen.size <= size);
    if (whole.packets.size() == kMostPackets) return 0;
    round_trip(bytes, source::WriteFormat::Pcapng);
    round_trip(bytes, source::WriteFormat::Pcap);
    return 0;
}
