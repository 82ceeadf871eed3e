#pragma once
// Any frame on one line, in the manner of tcpdump, for packets that belong to no connection:
//
//   10.0.0.1:4000 > 10.0.0.2:53  UDP, length 12
//   10.0.0.1 > 10.0.0.2  ICMP echo request, id 7, seq 1, length 64
//   ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
//
// TCP is written with its raw numbers, as nothing is known of its connection here. Thread rule: pure.

#include <cstdint>
#include <string>

#include "net/base/bytes.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::wire {

[[nodiscard]] std::string frame_text(LinkType link, ByteSpan frame, std::uint32_t original_length);

}  // namespace synscope::wire
