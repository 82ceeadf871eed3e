// Any bytes as a pcap file, mapped and through a pipe: both ways must give the same packets and the same end,
// and every packet must lie inside the input and be cut to its headers without reading past it.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "capture/source/cut.hpp"
#include "capture/source/pcap_source.hpp"

namespace {

using namespace synscope;

struct Seen {
    std::int64_t at = 0;
    std::uint32_t original_length = 0;
    std::uint64_t offset = 0;
    std::size_t size = 0;
    std::uint64_t sum = 0;
    bool operator==(const Seen&) const = default;
};
struct Outcome {
    bool opened = false;
    bool damaged = false;
    std::vector<Seen> packets;
    bool operator==(const Outcome&) const = default;
};

void require(bool condition) {
    if (!condition) std::abort();
}

Outcome read_all(std::unique_ptr<source::ByteFeed> feed) {
    Outcome outcome;
    auto opened = source::PcapSource::open(std::move(feed), "fuzz");
    outcome.opened = opened.has_value();
    if (!opened) return outcome;
    source::PcapSource& pcap = **opened;
    for (;;) {
        const auto packet = pcap.next();
        outcome.damaged = !packet;
        if (!packet || !*packet) return outcome;
        Seen seen{(**packet).at.ns, (**packet).original_length, (**packet).offset, (**packet).bytes.size(),
                  0};
        for (const std::byte b : (**packet).bytes)
            seen.sum = seen.sum * 31 + std::to_integer<std::uint64_t>(b);
        require(source::headers_length(pcap.link_type(), (**packet).bytes, (**packet).original_length) <=
                seen.size);
        outcome.packets.push_back(seen);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes = std::as_bytes(std::span(data, size));
    const Outcome mapped = read_all(source::feed_from(bytes));
    const int fd = ::memfd_create("fuzz", MFD_CLOEXEC);
    require(fd > 0 && ::write(fd, data, size) == static_cast<ssize_t>(size) && ::lseek(fd, 0, SEEK_SET) == 0);
    const Outcome streamed = read_all(source::feed_from_descriptor(fd, "fuzz"));
    require(mapped == streamed);
    for (const Seen& seen : mapped.packets)
        require(seen.offset + seen.size <= size);
    return 0;
}
