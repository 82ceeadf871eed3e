#pragma once
// The one call that finds what a frame of a capture carries: through link layer and tunnels, with IP
// fragments put together and compressed payload (IPComp) inflated on the way. A capture is read with one
// SegmentFinder, every frame in its order.
//
//   SegmentFinder finder;
//   if (const auto segment = finder.find(link, frame, original_length, at)) ... the innermost TCP ...
//
// A fragment shows no segment; the frame that completes its datagram does (TcpSegment::reassembled). A first
// fragment that the capture cut short can never be completed, so its TCP header counts at once. A TCP header
// that an ICMP message quotes is not a segment.
//
// The usual frame costs neither a copy nor an allocation. Ownership: spans point into the frame, or, for
// reassembled ones, into this object until the next call. Bounds: ip_fragments.hpp. Thread rule: one finder,
// one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/wire/ip_fragments.hpp"
#include "net/wire/link_type.hpp"
#include "net/wire/transport.hpp"

namespace synscope::wire {

/// What there is in a frame; of headers within headers, the innermost.
struct Found {
    std::optional<IpPacket> ip;  ///< of a fragment: the fragment; of what completes a datagram: the datagram
    std::optional<TcpSegment> tcp;
    std::optional<UdpDatagram> udp;
    /// Without `tcp`: the connection that an ICMP error quotes, or a TCP header that is broken or cut short.
    std::optional<NamedTcp> named;
    int ip_headers = 0;        ///< more than 1 in a tunnel
    bool reassembled = false;  ///< offsets and spans of all three are of what was put together or inflated
};

class SegmentFinder {
  public:
    explicit SegmentFinder(FragmentLimits limits = {}) noexcept : fragments_(limits) {}

    [[nodiscard]] std::optional<TcpSegment> find(LinkType link, ByteSpan frame, std::uint32_t original_length,
                                                 Instant at) {
        // One variable, built where the caller wants it: a segment is large enough for copies to count.
        auto found = find_usual_tcp(link, frame, original_length);
        if (!found) found = find_all(link, frame, original_length, at).tcp;
        return found;
    }
    /// The same with everything else on the way.
    [[nodiscard]] Found find_all(LinkType link, ByteSpan frame, std::uint32_t original_length, Instant at);

    [[nodiscard]] const FragmentTable& fragments() const noexcept { return fragments_; }

  private:
    /// Puts what was compressed in the place of IPComp; false when that cannot be.
    bool inflate(IpPacket& packet);

    FragmentTable fragments_;
    std::vector<std::byte> inflated_;
    std::vector<std::byte> spare_;
};

}  // namespace synscope::wire
