// synscope-capture from outside, on the `lo` of a network of our own: what its stream holds, how it stops,
// what it says. The stream is read by a block walker of this file's own, so that writer and reader cannot be
// wrong together.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
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
namespace {

using testing::HasSubstr;

constexpr int kPatience_ms = 20'000;
constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kStatistics = 5;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kOurEvent = 0x80005353;

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

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

/// A bound socket on a free port of 127.0.0.1.
std::pair<Socket, sockaddr_in> bound(int type) {
    Socket s(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    EXPECT_EQ(::bind(s.fd(), generic(address), sizeof address), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(s.fd(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return {std::move(s), address};
}

/// A whole TCP conversation: connect, one message each way, the client closes first. Returns the server's
/// port.
std::uint16_t converse() {
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

void send_datagrams(int count) {
    auto [receiver, address] = bound(SOCK_DGRAM);
    auto [sender, own] = bound(SOCK_DGRAM);
    for (int i = 0; i < count; ++i)
        EXPECT_EQ(::sendto(sender.fd(), &i, sizeof i, 0, generic(address), sizeof address),
                  ssize_t{sizeof i});
}

std::string proc_status(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

void expect_conversation_once(const Program& program, std::uint16_t port, wire::LinkType link) {
    std::size_t syn = 0, syn_ack = 0, fin = 0;
    std::set<std::vector<std::byte>> different;
    std::uint64_t last = 0;
    const auto packets = program.packets();
    for (const CapturedPacket& packet : packets) {
        const auto tcp = wire::find_tcp(link, packet.bytes, packet.original_length);
        ASSERT_TRUE(tcp);
        EXPECT_TRUE(tcp->source.port == port || tcp->destination.port == port);
        const bool is_syn = tcp->flags.has(wire::TcpFlags::kSyn);
        if (is_syn) ++(tcp->flags.has(wire::TcpFlags::kAck) ? syn_ack : syn);
        if (tcp->flags.has(wire::TcpFlags::kFin)) ++fin;
        EXPECT_TRUE(different.insert(packet.bytes).second) << "a packet came twice";
        EXPECT_GE(packet.at_ns, last);
        last = packet.at_ns;
    }
    EXPECT_EQ(syn, 1u);
    EXPECT_EQ(syn_ack, 1u);
    EXPECT_EQ(fin, 2u);
    ASSERT_FALSE(packets.empty());
    EXPECT_TRUE(wire::find_tcp(link, packets.front().bytes, 0)->flags.text() == "S")
        << "the first packet is the SYN";
}

TEST(CaptureProgram, RecordsEveryPacketOnceFromTheFirstSyn) {
    in_own_network([] {
        Program program({"-i", "lo", "-f", "tcp"});
        ASSERT_TRUE(program.armed()) << program.finish() << program.complaint();
        const std::uint16_t port = converse();
        program.signal(SIGTERM);
        EXPECT_EQ(program.finish(), 0) << program.complaint();
        EXPECT_EQ(program.complaint(), "");
        EXPECT_EQ(program.left_over(), 0u);
        expect_conversation_once(program, port, wire::LinkType::Ethernet);

        const auto& blocks = program.blocks();
        EXPECT_EQ(blocks.front().type, kSectionHeader);
        EXPECT_EQ(blocks.at(1).type, kInterface);
        EXPECT_TRUE(blocks.at(1).contains("lo"));
        EXPECT_EQ(blocks.back().type, kStatistics);
        EXPECT_EQ(blocks.at(blocks.size() - 2).type, kOurEvent) << "the counters, as an event";
    });
}

TEST(CaptureProgram, AnySeesLoopbackOnceToo) {
    in_own_network([] {
        Program program({"-i", "any"});
        ASSERT_TRUE(program.armed());
        const std::uint16_t port = converse();
        program.signal(SIGINT);
        EXPECT_EQ(program.finish(), 0) << program.complaint();
        expect_conversation_once(program, port, wire::LinkType::LinuxSll2);
    });
}

TEST(CaptureProgram, ArrivesWhileItHappens) {
    in_own_network([] {
        Program program({"-i", "lo"});
        ASSERT_TRUE(program.armed());
        converse();
        EXPECT_TRUE(program.packets_come(8)) << "without being asked to stop";
        program.signal(SIGTERM);
        EXPECT_EQ(program.finish(), 0);
    });
}

TEST(CaptureProgram, DrainsWhatTheKernelHasBeforeItStops) {
    in_own_network([] {
        constexpr int kCount = 3000;
        Program program({"-i", "lo", "-f", "udp", "--record"});
        ASSERT_TRUE(program.armed());
        send_datagrams(kCount);
        program.signal(SIGTERM);
        EXPECT_EQ(program.finish(), 0);
        EXPECT_EQ(program.packets().size(), static_cast<std::size_t>(kCount));
    });
}

TEST(CaptureProgram, StopsAtItsCountAndItsDuration) {
    in_own_network([] {
        Program counted({"-i", "lo", "-f", "udp", "-c", "5"});
        Program timed({"-i", "lo", "-f", "udp", "--duration", "0.2"});
        ASSERT_TRUE(counted.armed());
        ASSERT_TRUE(timed.armed());
        send_datagrams(20);
        EXPECT_EQ(counted.finish(), 0);
        EXPECT_EQ(counted.packets().size(), 5u);
        EXPECT_EQ(timed.finish(), 0);
        EXPECT_EQ(timed.packets().size(), 20u);
    });
}

TEST(CaptureProgram, StopsWhenItsParentGoes) {
    in_own_network([] {
        Program by_control({"-i", "lo", "--control", "0"});
        ASSERT_TRUE(by_control.armed());
        by_control.close_control();
        EXPECT_EQ(by_control.finish(), 0);
        EXPECT_EQ(by_control.blocks().back().type, kStatistics);

        Program by_output({"-i", "lo"});
        ASSERT_TRUE(by_output.armed());
        by_output.close_output();
        EXPECT_EQ(by_output.finish(), 0) << "no packet is needed to notice";
    });
}

TEST(CaptureProgram, AFullPipeDoesNotMakeItDeaf) {
    in_own_network([] {
        Program program({"-i", "lo", "-f", "udp"});
        ASSERT_TRUE(program.armed());
        send_datagrams(20'000);  // about 3 MB, more than the pipe holds
        program.signal(SIGTERM);
        EXPECT_EQ(program.finish(), 0) << program.complaint();
        EXPECT_EQ(program.packets().size(), 20'000u);
    });
}

TEST(CaptureProgram, NoPayloadLeavesNothingBehindTheHeaders) {
    in_own_network([] {
        Program program({"-i", "lo", "-f", "tcp", "--no-payload"});
        ASSERT_TRUE(program.armed());
        converse();
        program.signal(SIGTERM);
        EXPECT_EQ(program.finish(), 0);
        std::size_t cut = 0;
        for (const Block& block : program.blocks()) {
            EXPECT_FALSE(block.contains("secret!"));
            EXPECT_FALSE(block.contains("SECRET!"));
        }
        for (const CapturedPacket& packet : program.packets())
            cut += packet.original_length == packet.bytes.size() + 7 ? 1u : 0u;
        EXPECT_EQ(cut, 2u) << "the two segments with data say how long they were";
    });
}

TEST(CaptureProgram, SnapLengthCuts) {
    in_own_network([] {
        Program program({"-i", "lo", "-f", "udp", "-s", "30"});
        ASSERT_TRUE(program.armed());
        send_datagrams(1);
        program.signal(SIGTERM);
        EXPECT_EQ(program.finish(), 0);
        ASSERT_EQ(program.packets().size(), 1u);
        EXPECT_EQ(program.packets()[0].bytes.size(), 30u);
        EXPECT_EQ(program.packets()[0].original_length, 14u + 20 + 8 + sizeof(int));
    });
}

TEST(CaptureProgram, IsPowerlessAndConfinedWhileItCaptures) {
    in_own_network([] {
        Program program({"-i", "lo"});
        ASSERT_TRUE(program.armed());
        const std::string status = proc_status(program.pid());
        EXPECT_THAT(status, HasSubstr("CapPrm:\t0000000000000000"));
        EXPECT_THAT(status, HasSubstr("CapEff:\t0000000000000000"));
        EXPECT_THAT(status, HasSubstr("CapBnd:\t0000000000000000"));
        EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
        EXPECT_THAT(status, HasSubstr("Seccomp:\t2"));
    });
}

/// ip link set lo down
void take_loopback_down() {
    const Socket any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::memcpy(request.ifr_name, "lo", 3);
    EXPECT_EQ(::ioctl(any.fd(), SIOCSIFFLAGS, &request), 0);
}

TEST(CaptureProgram, SurvivesAnInterfaceThatGoesDownAndComesBack) {
    in_own_network([] {
        Program program({"-i", "lo", "-f", "udp"});
        ASSERT_TRUE(program.armed());
        send_datagrams(3);
        ASSERT_TRUE(program.packets_come(3));
        take_loopback_down();
        ASSERT_TRUE(lab::bring_up("lo"));
        send_datagrams(4);
        EXPECT_TRUE(program.packets_come(7));
        program.signal(SIGTERM);
        EXPECT_EQ(program.finish(), 0) << program.complaint();
        EXPECT_EQ(program.packets().size(), 7u);
    });
}

TEST(CaptureProgram, NamesAMissingInterface) {
    in_own_network([] {
        Program program({"-i", "no\x1bsuch"});
        EXPECT_EQ(program.finish(), 1);
        EXPECT_EQ(program.complaint(),
                  "synscope-capture: there is no such network interface: no\\x1bsuch; "
                  "choose one of: lo, any\n");
        EXPECT_TRUE(program.blocks().empty());
    });
}

TEST(CaptureProgram, RepeatsLibpcapsWordsOnABadFilter) {
    in_own_network([] {
        Program program({"-i", "lo", "-f", "tcp prot 80"});
        EXPECT_EQ(program.finish(), 1);
        EXPECT_THAT(program.complaint(), HasSubstr("synscope-capture: bad filter: "));
        EXPECT_THAT(program.complaint(), HasSubstr("syntax error: tcp prot 80; "));
        EXPECT_TRUE(program.blocks().empty());
    });
}

TEST(CaptureProgram, AnswersWrongUsageWithTwo) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{}, {"-i"}, {"-x"}, {"-i", "lo", "-w", "99"}}) {
        Program program(arguments);
        EXPECT_EQ(program.finish(), 2);
        EXPECT_THAT(program.complaint(),
                    testing::AllOf(testing::StartsWith("synscope-capture: "), HasSubstr("; see ")));
    }
}

TEST(CaptureProgram, WithoutTheRightSaysWhichCommandGivesIt) {
    // As nobody, from a folder that nobody may enter.
    std::string folder = "/tmp/synscope-capture-test-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    ::chmod(folder.c_str(), 0755);
    const std::string path = folder + "/synscope-capture";
    std::filesystem::copy_file(SYNSCOPE_CAPTURE_PROGRAM, path);  // a copy has no file capability
    ::chmod(path.c_str(), 0755);
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 &&
            (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0))
            ::_exit(3);
        {
            Program program({"-i", "lo"}, path);
            EXPECT_EQ(program.finish(), 1);
            EXPECT_THAT(program.complaint(),
                        testing::StartsWith("synscope-capture: no right to capture: lo; "));
            EXPECT_THAT(program.complaint(), HasSubstr("sudo setcap cap_net_raw+ep " + path));
            EXPECT_THAT(program.complaint(), HasSubstr("sudo chown root:synscope " + path));
        }
        std::fflush(stdout);
        ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    std::filesystem::remove_all(folder);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace synscope
