#include "net/engine/serving.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

namespace synscope::engine {
namespace {

/// Always has a byte to send.
class Talkative final : public Connection {
  public:
    Talkative() {
        demand_ = {true, true, false, false};
        output_ = byte_;
    }
    void on_bytes(ByteSpan) override {}
    void on_eof() override {}
    void sent(std::size_t bytes) override { sent_ += bytes; }
    void half_closed() override {}
    void before_close() override {}
    void collect() override {}
    std::optional<int> own_wake_fd() override { return std::nullopt; }
    [[nodiscard]] std::size_t count() const { return sent_; }

  private:
    std::array<std::byte, 1> byte_{};
    std::size_t sent_ = 0;
};

TEST(WriteOutput, EndsATurnThoughThereIsAlwaysMore) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    Socket ours;
    ours.fd = UniqueFd{ends[0]};
    const UniqueFd peer{ends[1]};
    Calls calls{nullptr, ObserveLevel::Off};
    Talkative connection;
    EXPECT_EQ(write_output(calls, ours, connection, 5), Written::Enough);
    EXPECT_EQ(connection.count(), 5u);
    EXPECT_EQ(write_output(calls, ours, connection), Written::Later) << "until the kernel takes no more";
}

}  // namespace
}  // namespace synscope::engine
