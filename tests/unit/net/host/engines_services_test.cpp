// Every service over every engine. A pair is left out for one reason only: the one that why_not_together()
// gives.
#include "net/service/service.hpp"
#include "tests/unit/net/host/engines_suite.hpp"

namespace synscope::host {
namespace {

using Pair = std::tuple<engine::EngineInfo, service::ServiceInfo>;

class EngineWithService : public testing::TestWithParam<Pair> {
  protected:
    void SetUp() override {
        if (const auto reason = engine().unavailable()) GTEST_SKIP() << *reason;
        if (const auto reason = why_not_together(engine(), service())) {
            check_that_it_is_refused(*reason);
            GTEST_SKIP() << *reason;
        }
    }
    [[nodiscard]] static const engine::EngineInfo& engine() { return std::get<0>(GetParam()); }
    [[nodiscard]] static const service::ServiceInfo& service() { return std::get<1>(GetParam()); }
    [[nodiscard]] ServerHostOptions options() const {
        ServerHostOptions o = options_for(engine().name);
        o.server.service = std::string{service().name};
        if (service().needs_root) o.root = folder_.path();
        return o;
    }

  private:
    void check_that_it_is_refused(const std::string& reason) const {
        const auto refused = run_server_host(options());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().what, reason);
    }
    TemporaryFolder folder_;
};

/// Sends bytes of no meaning and takes what comes, until all is sent, the server has enough, or nothing
/// moves.
void babble(Peer& peer, unsigned seed) {
    std::mt19937 random{seed};
    std::string bytes(32'768, '\0');
    for (char& c : bytes)
        c = static_cast<char>(random());
    std::array<char, 65536> piece{};
    for (std::string_view rest{bytes}; !rest.empty();) {
        pollfd p{peer.fd(), POLLIN | POLLOUT, 0};
        if (::poll(&p, 1, 100) <= 0) return;
        if ((p.revents & POLLIN) != 0 && ::recv(peer.fd(), piece.data(), piece.size(), MSG_DONTWAIT) == 0)
            return;
        if ((p.revents & POLLERR) != 0) return;
        if ((p.revents & POLLOUT) == 0) continue;
        const ssize_t n = ::send(peer.fd(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) return;
        if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
    }
}

TEST_P(EngineWithService, LivesThroughBytesOfNoMeaning) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Server server{options()};
    {
        Peer babbling{server.address()};
        babble(babbling, seed);
        babbling.reset();
    }
    Peer done{server.address()};
    done.finish();
    EXPECT_TRUE(done.readable(20'000)) << "an answer, or end-of-file";
    done.reset();
    const Peer silent{server.address()};
    EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
}

std::string pair_name(const testing::TestParamInfo<Pair>& info) {
    return test_word(std::get<0>(info.param).name) + "_with_" + test_word(std::get<1>(info.param).name);
}
INSTANTIATE_TEST_SUITE_P(
    All, EngineWithService,
    testing::Combine(testing::ValuesIn(engine::engines().begin(), engine::engines().end()),
                     testing::ValuesIn(service::services().begin(), service::services().end())),
    pair_name);

}  // namespace
}  // namespace synscope::host
