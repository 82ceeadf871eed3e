#include <gtest/gtest.h>

#include <set>
#include <string_view>
#include <utility>

#include "net/base/event.hpp"
#include "net/base/syscall.hpp"
#include "net/base/tcp_state.hpp"

namespace synscope {
namespace {

/// Each enumerator has a name of its own, and the value behind the last one has none.
template <class Enum, class Name>
void expect_complete(Enum last, Name name) {
    std::set<std::string_view> seen;
    const auto count = static_cast<unsigned>(last) + 1;
    for (unsigned i = 0; i < count; ++i) {
        const std::string_view text = name(static_cast<Enum>(i));
        EXPECT_FALSE(text.empty()) << i;
        EXPECT_NE(text, "?") << i;
        EXPECT_TRUE(seen.insert(text).second) << text << " twice";
    }
    EXPECT_EQ(name(static_cast<Enum>(count)), "?") << "the last enumerator is not " << count - 1;
}

TEST(Names, EverySystemCallHasOne) {
    expect_complete(Syscall::Sigwait, syscall_name);
    EXPECT_EQ(static_cast<std::size_t>(Syscall::Sigwait) + 1, kSyscallCount);
    EXPECT_EQ(syscall_name(Syscall::EpollWait), "epoll_wait");
}

TEST(Names, EveryStateHasOneInRfcSpelling) {
    expect_complete(TcpState::TimeWait, tcp_state_name);
    EXPECT_EQ(tcp_state_name(TcpState::FinWait1), "FIN-WAIT-1");
    EXPECT_EQ(tcp_state_name(TcpState::SynReceived), "SYN-RECEIVED");
    EXPECT_EQ(tcp_state_name(TcpState::TimeWait), "TIME-WAIT");
}

TEST(Names, EveryBoxActionHasOne) {
    expect_complete(BoxAction::ReassemblyTimedOut, box_action_text);
    EXPECT_EQ(static_cast<std::size_t>(BoxAction::ReassemblyTimedOut) + 1, kBoxActionCount);
}

TEST(Names, EveryEvidenceAndDropReasonHasOne) {
    expect_complete(Evidence::Inferred, evidence_name);
    expect_complete(DropReason::NoReceiver, drop_reason_text);
    EXPECT_EQ(static_cast<std::size_t>(DropReason::NoReceiver) + 1, kDropReasonCount);
}

template <std::size_t... I>
std::set<std::string_view> kind_names(std::index_sequence<I...>) {
    return {event_kind_name(EventBody{std::in_place_index<I>})...};
}

TEST(Names, EveryEventKindHasOne) {
    const auto names = kind_names(std::make_index_sequence<kEventKindCount>{});
    EXPECT_EQ(names.size(), kEventKindCount);
    EXPECT_FALSE(names.contains("?"));
    EXPECT_EQ(event_kind_name(SyscallReturned{}), "syscall returned");
}

TEST(TcpState, LinuxNumbersAreThoseOfTheKernel) {
    // include/net/tcp_states.h: TCP_ESTABLISHED is 1, TCP_NEW_SYN_RECV is 12.
    EXPECT_EQ(tcp_state_from_linux(1), TcpState::Established);
    EXPECT_EQ(tcp_state_from_linux(2), TcpState::SynSent);
    EXPECT_EQ(tcp_state_from_linux(3), TcpState::SynReceived);
    EXPECT_EQ(tcp_state_from_linux(4), TcpState::FinWait1);
    EXPECT_EQ(tcp_state_from_linux(5), TcpState::FinWait2);
    EXPECT_EQ(tcp_state_from_linux(6), TcpState::TimeWait);
    EXPECT_EQ(tcp_state_from_linux(7), TcpState::Closed);
    EXPECT_EQ(tcp_state_from_linux(8), TcpState::CloseWait);
    EXPECT_EQ(tcp_state_from_linux(9), TcpState::LastAck);
    EXPECT_EQ(tcp_state_from_linux(10), TcpState::Listen);
    EXPECT_EQ(tcp_state_from_linux(11), TcpState::Closing);
    EXPECT_EQ(tcp_state_from_linux(12), TcpState::SynReceived);
    EXPECT_EQ(tcp_state_from_linux(0), std::nullopt);
    EXPECT_EQ(tcp_state_from_linux(200), std::nullopt);
}

TEST(Syscall, StreamCallsAreKnown) {
    EXPECT_TRUE(writes_stream(Syscall::Send));
    EXPECT_TRUE(reads_stream(Syscall::Recv));
    EXPECT_FALSE(writes_stream(Syscall::Recv));
    EXPECT_FALSE(reads_stream(Syscall::Close));
}

TEST(Syscall, ErrnoNamesAreThoseOfLinux) {
    EXPECT_EQ(errno_name(11), "EAGAIN");
    EXPECT_EQ(errno_name(32), "EPIPE");
    EXPECT_EQ(errno_name(104), "ECONNRESET");
    EXPECT_EQ(errno_name(99999), std::nullopt);
}

}  // namespace
}  // namespace synscope
