#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/base/text.hpp"
#include "net/framing/json_header.hpp"
#include "tests/unit/net/framing/messages.hpp"

namespace synscope::framing {
namespace {

/// As struct.pack("i", n) + text.
std::string with_length(std::int32_t n, std::string_view text) {
    std::string out;
    for (int i = 0; i < 4; ++i)
        out.push_back(static_cast<char>(static_cast<std::uint32_t>(n) >> (8 * i) & 0xff));
    return out.append(text);
}
std::string fault_of_header(std::string_view header) {
    return fault_of(*make_json_decoder({1000}),
                    with_length(static_cast<std::int32_t>(header.size()), header));
}

TEST(Json, EncodesTheSizeAndSkipsWhatElseAHeaderSays) {
    std::vector<std::byte> stream;
    const Placed place = *make_json_encoder({})->encode(bytes_of("hi"), stream);
    EXPECT_EQ(text_of(stream), with_length(11, "{\"size\": 2}hi"));
    EXPECT_EQ(place, (Placed{0, {0, 17}, {15, 17}}));
    EXPECT_THAT(contents_of(*make_json_decoder({}), with_length(22, R"({"size":3,"type":"x"} abc)")),
                testing::ElementsAre("abc"));
}

TEST(Json, HeadersThatCannotBeReadAreRefused) {
    EXPECT_EQ(fault_of(*make_json_decoder({}), with_length(-5, "")),
              "a negative length, -5, at byte 0 of the stream");
    EXPECT_EQ(fault_of(*make_json_decoder({}), with_length(65537, "")),
              "a length of 65537 bytes at byte 0 of the stream, more than is allowed");
    EXPECT_EQ(fault_of_header("GET / HTTP/1.1"), "a header that is not JSON at byte 0 of the stream");
    EXPECT_EQ(fault_of_header(""), "a header that is not JSON at byte 0 of the stream");
    EXPECT_EQ(fault_of_header("{\"size\":1,\"size\":2}"),
              "a header that is not JSON at byte 0 of the stream");
    EXPECT_EQ(fault_of_header("[5]"), "a header that is JSON but no object at byte 0 of the stream");
    for (const std::string_view size :
         {"{}", "{\"size\":\"5\"}", "{\"size\":1.5}", "{\"size\":99999999999999999999}"})
        EXPECT_EQ(fault_of_header(size),
                  "a JSON header without a whole number 'size' at byte 0 of the stream");
    EXPECT_EQ(fault_of_header("{\"size\":-1}"), "a negative length, -1, at byte 0 of the stream");
    EXPECT_EQ(fault_of_header("{\"size\":1001}"),
              "a length of 1001 bytes at byte 0 of the stream, more than is allowed");
}

}  // namespace
}  // namespace synscope::framing
