// Where a server listens: IPv6, both families, a Unix socket. Every engine works on each.
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>

#include "net/base/text.hpp"
#include "tests/unit/net/host/engines_suite.hpp"

namespace synscope::host {
namespace {

class EnginePlaces : public EngineTest {};

/// A folder of its own for each test; removed with what is in it.
class Folder {
  public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "places.XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::string file(const char* name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

engine::UniqueFd connected(const engine::SockAddr& to) {
    engine::UniqueFd fd{::socket(to.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (::connect(fd.get(), to.get(), to.size()) != 0) return engine::UniqueFd{};
    return fd;
}

std::string asked(const engine::SockAddr& to, std::string_view text) {
    const engine::UniqueFd fd = connected(to);
    if (!fd || ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return "no connection";
    ::shutdown(fd.get(), SHUT_WR);
    std::string out;
    std::array<char, 100> piece;
    for (pollfd p{fd.get(), POLLIN, 0}; ::poll(&p, 1, 20'000) > 0;) {
        const ssize_t n = ::recv(fd.get(), piece.data(), piece.size(), 0);
        if (n <= 0) break;
        out.append(piece.data(), static_cast<std::size_t>(n));
    }
    return out;
}

bool has_ipv6() {
    const engine::UniqueFd fd{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const engine::SockAddr loopback{*Endpoint::parse("[::1]:0")};
    return fd && ::bind(fd.get(), loopback.get(), loopback.size()) == 0;
}

TEST_P(EnginePlaces, ServesBothFamiliesOnOneSocket) {
    if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
    ServerHostOptions o = options();
    o.address = "::";
    const Server server{o};
    const std::uint16_t port = server.address().port;
    EXPECT_EQ(asked(engine::SockAddr{{*IpAddress::parse("::1"), port}}, "six"), "SIX");
    EXPECT_EQ(asked(engine::SockAddr{{*IpAddress::parse("127.0.0.1"), port}}, "four"), "FOUR");
}

TEST_P(EnginePlaces, ServesAUnixSocketForItsOwnerAlone) {
    const Folder folder;
    const EventFile events;
    const std::string path = folder.file("server");
    ServerHostOptions o = options();
    o.address = concat(kUnixPrefix, path);
    o.event_fd = events.fd();
    {
        const Server server{o};
        struct stat file {};
        ASSERT_EQ(::lstat(path.c_str(), &file), 0);
        EXPECT_EQ(file.st_mode & 0777u, 0600u);
        EXPECT_EQ(asked(*engine::SockAddr::of_path(path), "path"), "PATH");
        EXPECT_EQ(asked(*engine::SockAddr::of_path(path), "again"), "AGAIN");
    }
    EXPECT_FALSE(std::filesystem::exists(path)) << "removed at the end";
    const auto read = events.read();
    EXPECT_TRUE(read.all<KernelSample>().empty()) << "there is no TCP";
    EXPECT_FALSE(read.all<SyscallReturned>().empty()) << "the calls are drawn all the same";
}

INSTANTIATE_TEST_SUITE_P(All, EnginePlaces, testing::ValuesIn(stream_engines()), engine_test_name);

ServerHostOptions at_path(const std::string& path) {
    ServerHostOptions o = options_for("epoll-et");
    o.address = concat(kUnixPrefix, path);
    return o;
}

std::string hint_of(const Result<void, UserError>& result) {
    return result ? "no error" : result.error().hint;
}

TEST(UnixSocket, TakesThePlaceOfADeadServerAndOfNothingElse) {
    const Folder folder;
    const std::string path = folder.file("server");
    const auto address = *engine::SockAddr::of_path(path);
    {
        const engine::UniqueFd dead{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        ASSERT_EQ(::bind(dead.get(), address.get(), address.size()), 0);
    }
    ASSERT_TRUE(std::filesystem::exists(path)) << "left over";
    const Server server{at_path(path)};
    EXPECT_EQ(asked(address, "x"), "X");

    const auto second = run_server_host(at_path(path));
    ASSERT_FALSE(second) << "somebody listens there";
    EXPECT_NE(second.error().what.find(path), std::string::npos) << second.error().what;
    EXPECT_EQ(asked(address, "y"), "Y") << "and still does";

    const std::string plain = folder.file("notes");
    ASSERT_TRUE(engine::UniqueFd{::open(plain.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)});
    EXPECT_EQ(hint_of(run_server_host(at_path(plain))),
              "there is a file of that name, or another program listens there; choose another path");
    EXPECT_TRUE(std::filesystem::exists(plain));
    EXPECT_EQ(hint_of(run_server_host(at_path(plain + "/server"))), "the folder of that path does not exist");
    EXPECT_EQ(hint_of(run_server_host(at_path(std::string(200, 'p')))),
              "the path of a Unix socket has 107 bytes at most (unix(7))");
    EXPECT_FALSE(run_server_host(at_path("")));
}

}  // namespace
}  // namespace synscope::host
