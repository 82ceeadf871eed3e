#include "capture/source/unpack.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "capture/source/file.hpp"
#include "tests/unit/capture/source/temporary_file.hpp"

namespace synscope::source {
namespace {

using testing::HasSubstr;

std::string gzip(const std::string& plain) {
    z_stream stream{};
    EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(::deflateBound(&stream, plain.size()) + 64, '\0');
    std::string in = plain;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}
std::string zstd(const std::string& plain) {
    std::string out(ZSTD_compressBound(plain.size()) + 16, '\0');
    ZSTD_CCtx* const context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    out.resize(ZSTD_compress2(context, out.data(), out.size(), plain.data(), plain.size()));
    ZSTD_freeCCtx(context);
    return out;
}

std::string le32(std::uint32_t value) {
    std::string out;
    for (int i = 0; i < 4; ++i)
        out += static_cast<char>((value >> (8 * i)) & 0xff);
    return out;
}
std::string header() {
    return le32(0xa1b2c3d4) + le32(0x00040002) + le32(0) + le32(0) + le32(65535) + le32(1);
}
/// Bytes that do not compress well, so that damage lies where it is put.
std::string packets(std::uint32_t count) {
    std::string out;
    std::uint32_t state = 12345;
    for (std::uint32_t i = 0; i < count; ++i) {
        out += le32(i + 1) + le32(0) + le32(200) + le32(200);
        for (int j = 0; j < 200; ++j)
            out += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    }
    return out;
}

struct Outcome {
    std::size_t packets = 0;
    std::uint64_t sum = 0;
    std::optional<UserError> damage;
};
Outcome read_all(const std::string& path) {
    Outcome outcome;
    auto source = open_capture(path);
    if (!source) {
        outcome.damage = source.error();
        return outcome;
    }
    for (;;) {
        const auto packet = (*source)->next();
        if (!packet) outcome.damage = packet.error();
        if (!packet || !*packet) return outcome;
        ++outcome.packets;
        for (const std::byte b : (**packet).bytes)
            outcome.sum = outcome.sum * 31 + std::to_integer<std::uint64_t>(b);
    }
}

class Packed : public testing::TestWithParam<bool> {
  protected:
    static std::string pack(const std::string& plain) { return GetParam() ? zstd(plain) : gzip(plain); }
};

TEST_P(Packed, ReadsLikeThePlainFile) {
    const std::string plain = header() + packets(3000);
    const Outcome expected = read_all(TemporaryFile(plain).path());
    ASSERT_EQ(expected.packets, 3000u);
    const Outcome found = read_all(TemporaryFile(pack(plain)).path());
    EXPECT_FALSE(found.damage);
    EXPECT_EQ(found.packets, 3000u);
    EXPECT_EQ(found.sum, expected.sum);
}

TEST_P(Packed, SeveralPiecesAreOneCapture) {
    const Outcome found =
        read_all(TemporaryFile(pack(header()) + pack(packets(5)) + pack(packets(4))).path());
    EXPECT_FALSE(found.damage);
    EXPECT_EQ(found.packets, 9u);
}

TEST_P(Packed, ZerosBehindAreNothingAndOtherBytesAreDamage) {
    const std::string packed = pack(header() + packets(5));
    EXPECT_FALSE(read_all(TemporaryFile(packed + std::string(512, '\0')).path()).damage);
    const Outcome found = read_all(TemporaryFile(packed + "garbage").path());
    EXPECT_EQ(found.packets, 5u);
    ASSERT_TRUE(found.damage);
    EXPECT_THAT(found.damage->where, HasSubstr("byte " + std::to_string(packed.size())));
}

TEST_P(Packed, ACutFileGivesWhatIsBeforeTheCut) {
    const std::string plain = header() + packets(3000);
    std::string packed = pack(plain);
    packed.resize(packed.size() / 2);
    const Outcome found = read_all(TemporaryFile(packed).path());
    EXPECT_GT(found.packets, 500u);
    EXPECT_LT(found.packets, 3000u);
    ASSERT_TRUE(found.damage);
    EXPECT_THAT(found.damage->what, HasSubstr("cut off"));
    EXPECT_THAT(found.damage->where,
                HasSubstr("byte " + std::to_string(packed.size()) + " of the compressed"));
}

TEST_P(Packed, DamageGivesWhatIsBeforeIt) {
    std::string packed = pack(header() + packets(3000));
    for (std::size_t i = 0; i < 64; ++i)
        packed[packed.size() / 2 + i] = static_cast<char>(0xff);
    const Outcome found = read_all(TemporaryFile(packed).path());
    ASSERT_TRUE(found.damage);
    EXPECT_THAT(found.damage->where, HasSubstr("byte "));
}

TEST_P(Packed, LoadsIntoATraceWithItsDamage) {
    std::string packed = pack(header() + packets(3000));
    packed.resize(packed.size() / 2);
    const TemporaryFile file(packed);
    trace::Store store;
    const auto report = load_capture(file.path(), store);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->damage);
    EXPECT_GT(store.packet_count(), 500u);
}

INSTANTIATE_TEST_SUITE_P(Packings, Packed, testing::Bool(),
                         [](const auto& one) { return one.param ? "zstd" : "gzip"; });

/// A hundred million zeros in a hundred kilobytes: they are no capture, and must not be unpacked to learn it.
TEST(Unpack, ABombIsLookedAtThroughAWindow) {
    const std::string bomb = gzip(header() + std::string(100'000'000, '\xff'));
    ASSERT_LT(bomb.size(), 200'000u);
    const Outcome found = read_all(TemporaryFile(bomb).path());
    EXPECT_EQ(found.packets, 0u);
    ASSERT_TRUE(found.damage);
    EXPECT_THAT(found.damage->what, HasSubstr("impossible length"));
}

/// Zeros are records of empty packets; gigabytes of them come out of a megabyte.
TEST(Unpack, ABombOfEmptyPacketsEnds) {
    const TemporaryFile bomb(gzip(header() + packets(3) + std::string(50'000'000, '\0')));
    trace::Store store;
    const auto report = load_capture(bomb.path(), store);
    ASSERT_TRUE(report);
    ASSERT_TRUE(report->damage);
    EXPECT_THAT(report->damage->what, HasSubstr("nothing but zeros"));
    EXPECT_LT(store.packet_count(), 5000u);
}

TEST(Unpack, ATinyCompressedFileIsNoCapture) {
    EXPECT_TRUE(read_all(TemporaryFile("\x1f\x8b").path()).damage);
    EXPECT_TRUE(read_all(TemporaryFile(gzip("")).path()).damage);
    EXPECT_TRUE(read_all(TemporaryFile(zstd("")).path()).damage);
}

}  // namespace
}  // namespace synscope::source
