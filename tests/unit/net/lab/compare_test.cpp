#include "net/lab/compare.hpp"

#include <gtest/gtest.h>

#include "sim/scenario/load.hpp"

namespace synscope::lab {
namespace {

TEST(Compare, EachMemberOfACrowdIsAClientAndSendsItsMessages) {
    const auto scenario = scenario::load_text(
        "version: 1\n"
        "clients:\n"
        "  - {name: crowd, count: 50, steps: [connect, send: a, recv: 1 bytes, send: b, close]}\n"
        "  - {name: one, steps: [connect, send: {data: c, repeat: 7}, close]}\n",
        "test.yaml", {});
    ASSERT_TRUE(scenario) << scenario::error_line(scenario.error());
    EXPECT_EQ(client_count(*scenario), 51u);
    EXPECT_EQ(messages_sent(*scenario), 101u);
}

}  // namespace
}  // namespace synscope::lab
