#include "net/base/sha256.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string_view>

namespace synscope {
namespace {

ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
std::string sum_of(std::string_view text) {
    Sha256 sum;
    sum.update(bytes_of(text));
    return hex_text(sum.finish());
}

TEST(Sha256, GivesTheDigestsEverybodyKnows) {
    EXPECT_EQ(sum_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sum_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sum_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sum_of(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotCareHowItIsFed) {
    const std::string text(300, 'x');
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Sha256 sum;
        sum.update(bytes_of(text).first(cut));
        sum.update(bytes_of(text).subspan(cut));
        ASSERT_EQ(hex_text(sum.finish()), sum_of(text)) << "cut at " << cut;
    }
}

}  // namespace
}  // namespace synscope
