// synscope-capture from outside: what its stream holds, how it stops, what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/lab/namespace.hpp"
#include "net/lab/netlink.hpp"
#include "net/wire/transport.hpp"
#include "tests/unit/capture/source/recording_program.hpp"

namespace synscope {
namespace {

using testing::HasSubstr;

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
        ASSERT_TRUE(lab::set_up("lo", {}));
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
