// RFC 9293 sections 3.8.3, 3.8.4, 3.9.2.2 and 3.10.7: when a connection is given up, and what the user is
// told.
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

class TcpGivesUp : public TcpScenario {
  protected:
    /// Virtual time until the connection is CLOSED.
    std::chrono::seconds closed_after(std::chrono::seconds most) {
        const std::int64_t start = now().ns;
        while (stack_->find(socket_)->state != TcpState::Closed &&
               now().ns < start + most.count() * 1'000'000'000) {
            in(1s);
            clear_sent();
        }
        return std::chrono::seconds{(now().ns - start) / 1'000'000'000};
    }
};

TEST_F(TcpGivesUp, AfterFifteenRetransmissionsOfData) {
    established("mss 1000");
    write(1000);
    clear_sent();
    // R2: 15 doublings from 200 ms, of which 120 s is the longest (tcp_retries2): 924.6 s, more than 100 s.
    const auto time = closed_after(2000s);
    EXPECT_GE(time, 924s);
    EXPECT_LE(time, 1100s);
    EXPECT_EQ(stack_->take_error(socket_), Error::TimedOut);
}

TEST_F(TcpGivesUp, R1IsNotedAtTheThirdRetransmission) {
    class Notes final : public Observer {
      public:
        void note(Instant at, const Tcb*, std::string_view why) override {
            if (why.starts_with("R1")) noted.push_back(at);
        }
        std::vector<Instant> noted;
    } notes;
    established("mss 1000");
    write(1000);
    stack_->set_observer(&notes);
    clear_sent();
    in(10s);
    clear_sent();
    stack_->set_observer(nullptr);
    // Sent at 100 ms, again at 400, 1000 and 2200 ms.
    EXPECT_EQ(notes.noted, std::vector<Instant>{after_start(2200ms)});
}

TEST_F(TcpGivesUp, TheUserMaySetR2) {
    established("mss 1000");
    SocketOptions options = stack_->options(socket_);
    options.user_timeout_ms = 30'000;
    change(options);
    write(1000);
    clear_sent();
    const auto time = closed_after(2000s);
    EXPECT_GE(time, 29s);
    EXPECT_LE(time, 31s);
}

TEST_F(TcpGivesUp, RetransmissionsAreCountedWhereTheUserSeesThem) {
    established("mss 1000");
    write(1000);
    clear_sent();
    // RTO 300 ms: sent again at 300, 900 and 2100 ms.
    in(2200ms);
    clear_sent();
    EXPECT_EQ(stack_->info(now(), socket_).retransmits, 3);
    EXPECT_EQ(state(), TcpState::Established);
}

TEST_F(TcpGivesUp, AnActiveOpenOfBsdTriesForMoreThanThreeMinutes) {
    use(kBsd);
    connects();
    const auto time = closed_after(3600s);
    EXPECT_GE(time, 180s);
    EXPECT_EQ(stack_->take_error(socket_), Error::TimedOut);
}

TEST_F(TcpGivesUp, TheUserMaySetHowOftenASynIsSent) {
    socket_ = stack_->create();
    SocketOptions options;
    options.syn_count = 1;
    stack_->set_options(now(), socket_, options);
    ASSERT_EQ(stack_->bind(socket_, local_), Error::None);
    ASSERT_EQ(stack_->connect(now(), socket_, peer_), Error::InProgress);
    clear_sent();
    // Four at even distances, and one more after a doubled wait.
    EXPECT_LE(closed_after(3600s), 8s);
}

// ---- resets

class TcpResets : public TcpScenario {};

TEST_F(TcpResets, MayCarryAReasonAsData) {
    established();
    arrives("R. 1:13(12) ack 1 win 0");
    EXPECT_EQ(state(), TcpState::Closed);
    EXPECT_EQ(stack_->take_error(socket_), Error::ConnectionReset);
    EXPECT_EQ(read(), "");
    expect_nothing();
}

TEST_F(TcpResets, AreTakenWhileTheWindowIsClosed) {
    Personality p = kLinux;
    p.rmem = {4096, 8192, 8192};
    p.receive_autotuning = false;
    use(p);
    established();
    for (int i = 0; i < 4; ++i)
        arrives(concat(". ", 1 + 1000 * i, ':', 1001 + 1000 * i, "(1000) ack 1 win 65535")), clear_sent();
    in(1s);
    clear_sent();
    ASSERT_EQ(tcb().receive_window(), 0u);
    const auto next = std::to_string(Seq32::distance(numbers_.peer_isn, tcb().rcv.nxt));
    arrives(concat("U. ", next, ':', next, "(0) ack 1 win 65535 urg 3"));
    clear_sent();
    EXPECT_TRUE(tcb().rcv.urgent_pending);
    EXPECT_NE(stack_->poll(socket_) & readiness::kIn, 0u);
    arrives(concat("R ", next, ':', next, "(0) win 0"));
    EXPECT_EQ(state(), TcpState::Closed);
}

TEST_F(TcpResets, BlindDataBehindAnOldAckIsChallenged) {
    established();
    write(1000);
    clear_sent();
    in(100ms).arrives(". ack 1001 win 65535");
    // RFC 5961 section 5.2: SEG.ACK lies further back than the largest window ever was.
    arrives("P. 1:11(10) ack -70000 win 65535");
    expect_sends(". ack 1");
    EXPECT_EQ(read(), "");
    EXPECT_EQ(stack_->counters().challenge_acks, 1u);
}

// ---- ICMP

class TcpIcmpErrors : public TcpScenario {};

TEST_F(TcpIcmpErrors, ASoftOneExplainsATimeoutAndCausesNone) {
    for (const IcmpKind kind :
         {IcmpKind::NetUnreachable, IcmpKind::HostUnreachable, IcmpKind::SourceRouteFailed,
          IcmpKind::TimeExceeded, IcmpKind::ParameterProblem}) {
        use(kLinux);
        forget_numbers();
        established("mss 1000");
        SocketOptions options = stack_->options(socket_);
        options.user_timeout_ms = 5'000;
        change(options);
        write(1000);
        clear_sent();
        icmp(kind, 1);
        EXPECT_EQ(state(), TcpState::Established);
        EXPECT_EQ(tcb().soft_error == Error::None, false);
        in(20s);
        clear_sent();
        EXPECT_EQ(state(), TcpState::Closed);
        const Error told = stack_->take_error(socket_);
        EXPECT_NE(told, Error::None);
        EXPECT_NE(told, Error::TimedOut) << "the reason is the ICMP error's";
    }
}

TEST_F(TcpIcmpErrors, SourceQuenchIsDropped) {
    established();
    write(1000);
    clear_sent();
    const unsigned before = cwnd();
    icmp(IcmpKind::SourceQuench, 1);
    expect_nothing();
    EXPECT_EQ(cwnd(), before);
    EXPECT_EQ(tcb().soft_error, Error::None);
}

TEST_F(TcpIcmpErrors, OneAboutNothingInFlightIsForged) {
    connects();
    icmp(IcmpKind::HostUnreachable, 5000);
    EXPECT_EQ(state(), TcpState::SynSent);
    EXPECT_EQ(stack_->counters().out_of_window_icmps, 1u);
}

TEST_F(TcpIcmpErrors, AHardOneIsSoftOnceTheConnectionStands) {
    established();
    write(1000);
    clear_sent();
    icmp(IcmpKind::PortUnreachable, 1);
    EXPECT_EQ(state(), TcpState::Established);
    EXPECT_EQ(tcb().soft_error, Error::ConnectionRefused);
}

// ---- keep-alive

class TcpKeepAliveDefaults : public TcpScenario {};

TEST_F(TcpKeepAliveDefaults, IsOffUntilItIsAskedFor) {
    established();
    expect_nothing_until(100'000s);
    EXPECT_EQ(state(), TcpState::Established);
}

TEST_F(TcpKeepAliveDefaults, WaitsTwoHours) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.keep_alive = true;
    change(options);
    expect_sends_at(7200s + 100ms, ". ack 1");
    in(10ms).arrives(". ack 1 win 65535");
}

TEST_F(TcpKeepAliveDefaults, ALostAnswerIsForgiven) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.keep_alive = true;
    change(options);
    expect_sends_at(7200s + 100ms, ". ack 1");
    for (int probe = 1; probe <= 8; ++probe)
        expect_sends_at(7200s + 100ms + 75s * probe, ". ack 1");
    in(10ms).arrives(". ack 1 win 65535");
    EXPECT_EQ(state(), TcpState::Established);
    expect_nothing_until(14'000s);
}

TEST_F(TcpKeepAliveDefaults, DataPutsItOff) {
    established();
    SocketOptions options = stack_->options(socket_);
    options.keep_alive = true;
    options.keep_idle = Duration::seconds(10);
    change(options);
    at(9s).arrives("P. 1:11(10) ack 1 win 65535");
    expect_sends(". ack 11");
    expect_sends_at(19s, ". ack 11");
    in(10ms).arrives(". 11:11(0) ack 1 win 65535");
}

}  // namespace
}  // namespace synscope::sim::tcp::test
