// Any bytes as a pcap file, mapped and through a pipe: both ways must give the same packets and the same end,
// and every packet must lie inside the input and be cut to its headers without reading past it.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "capture/source/pcap_source.hpp"
#include "tests/fuzz/capture_source/outcome.hpp"

namespace {

using namespace synscope;
using fuzz::Outcome;
using fuzz::require;
using fuzz::Seen;
using fuzz::seen_of;

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
        outcome.packets.push_back(seen_of(**packet));
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
