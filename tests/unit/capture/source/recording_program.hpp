#pragma once
// synscope-capture as a child on the `lo` of a network of our own, its stream taken apart. The stream is read
// by a block walker of this file's own, so that writer and reader cannot be wrong together. Thread rule: one
// thread.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/lab/namespace.hpp"
#include "net/wire/transport.hpp"

namespace synscope {

inline constexpr int kPatience_ms = 20'000;
inline constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
inline constexpr std::uint32_t kInterface = 1;
inline constexpr std::uint32_t kStatistics = 5;
inline constexpr std::uint32_t kEnhancedPacket = 6;
inline constexpr std::uint32_t kOurEvent = 0x80005353;

struct Block {
    std::uint32_t type = 0;
    std::vector<std::byte> body;

    bool contains(std::string_view text) const {
        const std::string_view all(reinterpret_cast<const char*>(body.data()), body.size());
        return all.find(text) != std::string_view::npos;
    }
};

struct CapturedPacket {
    std::uint64_t at_ns = 0;
    std::uint32_t original_length = 0;
    std::vector<std::byte> bytes;
};

/// Which ends of the program's pipes this process keeps.
class Program {
  public:
    explicit Program(std::vector<std::string> arguments, const std::string& path = SYNSCOPE_CAPTURE_PROGRAM) {
        std::array<int, 2> out{}, err{}, control{};
        EXPECT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
        EXPECT_EQ(::pipe2(err.data(), O_CLOEXEC), 0);
        EXPECT_EQ(::pipe2(control.data(), O_CLOEXEC), 0);
        arguments.insert(arguments.begin(), path);
        std::vector<char*> argv;
        for (std::string& a : arguments)
            argv.push_back(a.data());
        argv.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(out[1], 1);
            ::dup2(err[1], 2);
            ::dup2(control[0], 0);  // --control 0
            ::execv(path.c_str(), argv.data());
            ::_exit(127);
        }
        for (const int fd : {out[1], err[1], control[0]})
            ::close(fd);
        out_ = out[0];
        err_ = err[0];
        control_ = control[1];
    }
    ~Program() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            wait();
        }
        for (const int fd : {out_, err_, control_}) {
            if (fd >= 0) ::close(fd);
        }
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    pid_t pid() const { return pid_; }
    void close_output() { ::close(std::exchange(out_, -1)); }
    void close_control() { ::close(std::exchange(control_, -1)); }
    void signal(int number) const { ::kill(pid_, number); }

    /// Reads the stream until an event block says "armed"; false when the program ends first.
    bool armed() {
        while (read_some()) {
            for (const Block& block : blocks_) {
                if (block.type == kOurEvent && block.contains("armed")) return true;
            }
        }
        return false;
    }
    /// Reads the stream until at least `count` packets have come.
    bool packets_come(std::size_t count) {
        while (packets().size() < count) {
            if (!read_some()) return false;
        }
        return true;
    }
    /// Reads both streams to their ends and reaps it: the exit status, or minus the signal.
    int finish() {
        if (out_ >= 0) {
            while (read_some()) {
            }
        }
        std::array<char, 4096> piece{};
        for (ssize_t n; (n = ::read(err_, piece.data(), piece.size())) > 0;)
            complaint_.append(piece.data(), static_cast<std::size_t>(n));
        return wait();
    }
    const std::string& complaint() const { return complaint_; }
    const std::vector<Block>& blocks() const { return blocks_; }
    /// Bytes behind the last whole block.
    std::size_t left_over() const { return pending_.size(); }

    std::vector<CapturedPacket> packets() const {
        std::vector<CapturedPacket> found;
        for (const Block& block : blocks_) {
            if (block.type != kEnhancedPacket) continue;
            const ByteSpan b = block.body;
            const std::uint32_t captured = load_le32(b, 12);
            const auto bytes = b.subspan(20, captured);
            const std::uint64_t at = (std::uint64_t{load_le32(b, 4)} << 32) | load_le32(b, 8);
            found.push_back({at, load_le32(b, 16), {bytes.begin(), bytes.end()}});
        }
        return found;
    }

  private:
    bool read_some() {
        pollfd ready{out_, POLLIN, 0};
        if (::poll(&ready, 1, kPatience_ms) != 1) {
            ADD_FAILURE() << "nothing came for " << kPatience_ms << " ms";
            return false;
        }
        std::array<std::byte, 65536> piece;
        const ssize_t n = ::read(out_, piece.data(), piece.size());
        if (n <= 0) return false;
        pending_.insert(pending_.end(), piece.begin(), piece.begin() + n);
        std::size_t at = 0;
        while (pending_.size() - at >= 12) {
            const ByteSpan rest = ByteSpan(pending_).subspan(at);
            const std::uint32_t length = load_le32(rest, 4);
            if (length < 12 || length % 4 != 0) {
                ADD_FAILURE() << "a block of " << length << " bytes";
                return false;
            }
            if (rest.size() < length) break;
            EXPECT_EQ(load_le32(rest, length - 4), length) << "both lengths of a block agree";
            blocks_.push_back({load_le32(rest, 0), {rest.begin() + 8, rest.begin() + length - 4}});
            at += length;
        }
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
        return true;
    }
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

    pid_t pid_ = -1;
    int out_ = -1;
    int err_ = -1;
    int control_ = -1;
    std::vector<std::byte> pending_;
    std::vector<Block> blocks_;
    std::string complaint_;
};

/// Runs `body` in a child that has a network of its own; its failures are printed there and make this one
/// fail.
template <class Body>
void in_own_network(Body body) {
    constexpr int kCannot = 77;
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto entered = lab::enter_own_network();
        if (!entered) {
            std::puts(lab::explain_denial(entered.error()).where.c_str());
            std::fflush(stdout);
            ::_exit(kCannot);
        }
        body();
        std::fflush(stdout);
        ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    if (WEXITSTATUS(status) == kCannot) GTEST_SKIP() << "no network of our own can be made here";
    EXPECT_EQ(WEXITSTATUS(status), 0) << "see the failures above";
}

class Socket {
  public:
    explicit Socket(int fd) : fd_(fd) { EXPECT_GE(fd, 0); }
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    int fd() const { return fd_; }

  private:
    int fd_;
};

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
inline const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

/// A bound socket on a free port of 127.0.0.1.
inline std::pair<Socket, sockaddr_in> bound(int type) {
    Socket s(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    EXPECT_EQ(::bind(s.fd(), generic(address), sizeof address), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(s.fd(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return {std::move(s), address};
}

/// A whole TCP conversation: connect, one message each way, the client closes first. Returns the server's
/// port.
inline std::uint16_t converse() {
    auto [listener, address] = bound(SOCK_STREAM);
    EXPECT_EQ(::listen(listener.fd(), 1), 0);
    Socket client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(client.fd(), generic(address), sizeof address), 0);
    Socket server(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<char, 16> text{};
    EXPECT_EQ(::send(client.fd(), "secret!", 7, 0), 7);
    EXPECT_EQ(::recv(server.fd(), text.data(), text.size(), 0), 7);
    EXPECT_EQ(::send(server.fd(), "SECRET!", 7, 0), 7);
    EXPECT_EQ(::recv(client.fd(), text.data(), text.size(), 0), 7);
    ::shutdown(client.fd(), SHUT_WR);
    EXPECT_EQ(::recv(server.fd(), text.data(), text.size(), 0), 0);
    ::shutdown(server.fd(), SHUT_WR);
    EXPECT_EQ(::recv(client.fd(), text.data(), text.size(), 0), 0);
    return ntohs(address.sin_port);
}

inline void send_datagrams(int count) {
    auto [receiver, address] = bound(SOCK_DGRAM);
    auto [sender, own] = bound(SOCK_DGRAM);
    for (int i = 0; i < count; ++i)
        EXPECT_EQ(::sendto(sender.fd(), &i, sizeof i, 0, generic(address), sizeof address),
                  ssize_t{sizeof i});
}

inline std::string proc_status(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace synscope
