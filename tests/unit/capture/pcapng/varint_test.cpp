#include "capture/pcapng/varint.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace synscope::pcapng {
namespace {

/// As LEB128 is defined: byte by byte.
std::vector<std::byte> byte_by_byte(std::uint64_t value) {
    std::vector<std::byte> out;
    for (; value >= 0x80; value >>= 7)
        out.push_back(static_cast<std::byte>(value | 0x80));
    out.push_back(static_cast<std::byte>(value));
    return out;
}

TEST(Varint, IsTheSameAsByteByByteAroundEveryPowerOfTwo) {
    for (unsigned bit = 0; bit < 64; ++bit)
        for (const std::uint64_t near : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1}}) {
            const std::uint64_t value = (std::uint64_t{1} << bit) + near;
            std::array<std::byte, kMostVarintBytes> room{};
            const std::byte* const end = put_varint(room.data(), value);
            const std::vector<std::byte> written(static_cast<const std::byte*>(room.data()), end);
            ASSERT_EQ(written, byte_by_byte(value)) << value;
            ByteSpan rest{written};
            ASSERT_EQ(take_varint(rest), value);
            ASSERT_TRUE(rest.empty());
        }
}

TEST(Varint, OfMoreThan64BitsOrCutShortIsNone) {
    std::vector<std::byte> bytes = byte_by_byte(~std::uint64_t{0});
    bytes.back() = std::byte{2};
    ByteSpan too_long{bytes};
    EXPECT_FALSE(take_varint(too_long));
    bytes.pop_back();
    ByteSpan cut{bytes};
    EXPECT_FALSE(take_varint(cut));
}

}  // namespace
}  // namespace synscope::pcapng
