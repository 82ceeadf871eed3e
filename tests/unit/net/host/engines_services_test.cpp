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
        if (const auto reason = why_not_here(engine())) GTEST_SKIP() << *reason;
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

/// Datagrams of no meaning, of any length, the empty one included.
void babble_datagrams(const Endpoint& to, unsigned seed) {
    std::mt19937 random{seed};
    const engine::SockAddr address{to};
    const engine::UniqueFd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ASSERT_EQ(::connect(fd.get(), address.get(), address.size()), 0);
    std::array<char, 2000> bytes{};
    for (int i = 0; i < 100; ++i) {
        for (char& c : bytes)
            c = static_cast<char>(random());
        EXPECT_GE(::send(fd.get(), bytes.data(), random() % bytes.size(), MSG_NOSIGNAL), 0)
            << "nobody is there";
    }
}

TEST_P(EngineWithService, LivesThroughBytesOfNoMeaning) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Server server{options()};
    if (engine().properties.datagrams) {
        babble_datagrams(server.address(), seed);
        EXPECT_TRUE(server.stopped_within(std::chrono::seconds{10}));
        return;
    }
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

/// A conversation with each service that shows that it does what it is for.
using Talk = void (*)(Peer&);
const std::map<std::string_view, Talk>& talks() {
    static const std::map<std::string_view, Talk> all{
        {"upper",
         [](Peer& peer) {
             peer.send("words");
             EXPECT_EQ(peer.receive(5), "WORDS");
         }},
        {"echo", [](Peer& peer) { EXPECT_TRUE(Echoing(peer, 200'000).run()); }},
        {"sink",
         [](Peer& peer) {
             peer.send(std::string(100'000, 's'));
             peer.finish();
             EXPECT_NE(peer.receive_all().find("100000 bytes"), std::string::npos);
         }},
        {"source", [](Peer& peer) { EXPECT_EQ(peer.receive(300'000).size(), 300'000u); }},
        {"chat",
         [](Peer& peer) {
             peer.send("ann\n/names\n/quit\n");
             EXPECT_NE(peer.receive_all().find("* here: ann"), std::string::npos);
         }},
        {"http",
         [](Peer& peer) {
             peer.send(
                 "GET /none HTTP/1.1\r\nHost: here\r\n\r\n"
                 "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
             const std::string answers = peer.receive_all();
             EXPECT_EQ(answers.substr(0, 12), "HTTP/1.1 404");
             EXPECT_TRUE(answers.ends_with("<ul>\n</ul>\n</body>\n</html>\n")) << answers;
         }},
        {"digest",
         [](Peer& peer) {
             peer.send("GET /70000 HTTP/1.1\r\nHost: here\r\n\r\n");
             peer.finish();
             EXPECT_GE(peer.receive_all().size(), 70'000u);
         }},
    };
    return all;
}
class EngineForService : public EngineWithService {};

TEST_P(EngineForService, DoesWhatItIsFor) {
    const auto talk = talks().find(service().name);
    ASSERT_NE(talk, talks().end());
    Server server{options()};
    for (int again = 0; again < 2; ++again) {
        Peer peer{server.address()};
        talk->second(peer);
        peer.reset();
    }
}

/// Whatever an engine waits with: it has no clock, and the client says nothing that would wake it.
class EngineUploads : public EngineTest {};

TEST_P(EngineUploads, WhoFallsSilentInTheMiddleOfAFileIsLetGo) {
    if (GetParam().name == "sigio")
        GTEST_SKIP()
            << "a shutdown() by another thread sends no signal: it hears of it when the client moves";
    const TemporaryFolder folder;
    ServerHostOptions o = options();
    o.server.service = "files";
    o.root = folder.path();
    o.uploads.open_time = Duration::milliseconds(50);
    Server server{o};
    Peer peer{server.address()};
    const std::string header =
        R"({"type":"file","name":"half","size":10,"sha256":")" + std::string(64, '0') + R"("})";
    peer.send(std::string{static_cast<char>(header.size()), 0, 0, 0} + header);
    EXPECT_NE(peer.receive_all().find("the time for it was over"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    const std::string message = R"({"type":"message","size":0})";
    Peer next{server.address()};
    next.send(std::string{static_cast<char>(message.size()), 0, 0, 0} + message);
    next.finish();
    EXPECT_NE(next.receive_all().find(R"("ok": true)"), std::string::npos);
}

std::string pair_name(const testing::TestParamInfo<Pair>& info) {
    return test_word(std::get<0>(info.param).name) + "_with_" + test_word(std::get<1>(info.param).name);
}
std::vector<service::ServiceInfo> services_of_the_talks() {
    std::vector<service::ServiceInfo> out;
    for (const service::ServiceInfo& info : service::services())
        if (talks().contains(info.name)) out.push_back(info);
    return out;
}
const auto kEveryEngine = testing::ValuesIn(engine::engines().begin(), engine::engines().end());
INSTANTIATE_TEST_SUITE_P(All, EngineUploads, testing::ValuesIn(stream_engines()), engine_test_name);
INSTANTIATE_TEST_SUITE_P(All, EngineWithService,
                         testing::Combine(kEveryEngine, testing::ValuesIn(service::services().begin(),
                                                                          service::services().end())),
                         pair_name);
INSTANTIATE_TEST_SUITE_P(All, EngineForService,
                         testing::Combine(kEveryEngine, testing::ValuesIn(services_of_the_talks())),
                         pair_name);

}  // namespace
}  // namespace synscope::host
