#pragma once
// Two packets of one connection, 192.0.2.1:40000 > 192.0.2.2:80, as raw IP: the SYN (ISN 2^32 - 1, so that
// the numbers wrap at once) and, assuming its acknowledgment, six bytes of data: "hello\n".

#include <array>
#include <cstdint>

#include "net/base/bytes.hpp"

namespace synscope::pure {

template <std::size_t N>
constexpr std::array<std::byte, N> bytes_of(const std::uint8_t (&values)[N]) {
    std::array<std::byte, N> bytes{};
    for (std::size_t i = 0; i < N; ++i)
        bytes[i] = std::byte{values[i]};
    return bytes;
}

inline constexpr auto kSyn = bytes_of({
    0x45, 0x00, 0x00, 0x2c, 0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0x00, 0x00,  // IPv4, 44 bytes, TCP
    192,  0,    2,    1,    192,  0,    2,    2,                             //
    0x9c, 0x40, 0x00, 0x50, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,  // ports, seq, ack
    0x60, 0x02, 0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4,  // SYN, win 64240, mss 1460
});
inline constexpr auto kData = bytes_of({
    0x45, 0x00, 0x00, 0x2e, 0x00, 0x02, 0x40, 0x00, 0x40, 0x06, 0x00, 0x00,  //
    192,  0,    2,    1,    192,  0,    2,    2,                             //
    0x9c, 0x40, 0x00, 0x50, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xe9,  // seq 0, ack 1001
    0x50, 0x18, 0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00,                          // PSH ACK
    'h',  'e',  'l',  'l',  'o',  '\n',
});

}  // namespace synscope::pure
