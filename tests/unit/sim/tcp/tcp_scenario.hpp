#pragma once
// A TCP stack alone with a scripted peer, in packetdrill's notation and with relative numbers: the stack's
// SYN is 0, the peer's SYN is 0.
//
//   at(100ms).arrives("S 0:0(0) win 65535 <mss 1460>");
//   expect_sends("S. 0:0(0) ack 1 win 64240 <mss 1460>");
//   expect_nothing_until(1000ms);
//
// What expect_sends() does not name (window, options) may be anything. Every segment must be expected: what
// is left over when the next step begins, or when the test ends, is a failure.

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/text.hpp"
#include "sim/tcp/stack.hpp"

namespace synscope::sim::tcp::test {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""s;

[[nodiscard]] inline Instant after_start(std::chrono::nanoseconds t) {
    return Instant{t.count()};
}

/// Segment text with relative numbers.
struct Numbers {
    Seq32 stack_isn;
    Seq32 peer_isn;
};
[[nodiscard]] std::string text_of(const Segment& segment, const Numbers& numbers);
/// The reverse, for a segment of the peer. Fails the test when it cannot be read.
[[nodiscard]] Segment segment_of(std::string_view text, const Numbers& numbers);
/// `text` without the parts that `pattern` does not name.
[[nodiscard]] std::string reduced_to(std::string text, std::string_view pattern);

class TcpScenario : public ::testing::Test {
  public:
    TcpScenario();
    ~TcpScenario() override;

    /// Before anything else: a stack of this personality (timestamps off unless asked for).
    void use(Personality personality);
    /// Virtual time moves on; timers fire.
    TcpScenario& at(std::chrono::nanoseconds t);
    TcpScenario& in(std::chrono::nanoseconds t) { return at(now_ + t); }
    TcpScenario& arrives(std::string_view text);
    /// The same with these bytes as options, whatever they mean.
    TcpScenario& arrives(std::string_view text, std::initializer_list<std::uint8_t> options);
    void expect_sends(std::string_view text, const char* file = __builtin_FILE(),
                      int line = __builtin_LINE());
    void expect_nothing(const char* file = __builtin_FILE(), int line = __builtin_LINE());
    void expect_nothing_until(std::chrono::nanoseconds t, const char* file = __builtin_FILE(),
                              int line = __builtin_LINE());
    /// What came out at exactly this time.
    void expect_sends_at(std::chrono::nanoseconds t, std::string_view text,
                         const char* file = __builtin_FILE(), int line = __builtin_LINE());

    /// Forgets what came out so far.
    void clear_sent();
    /// The next SYN of the stack is 0 again.
    void forget_numbers() { isn_known_ = false; }
    /// Everything that came out so far and was not expected yet.
    [[nodiscard]] std::vector<std::string> sent();
    /// An ICMP error about the segment with this relative number.
    void icmp(IcmpKind kind, std::uint32_t seq, std::uint16_t next_hop_mtu = 0);

    // ---- states, each built on the one before
    void listens(std::uint32_t backlog = 8);
    /// The last ACK of the handshake comes at 100 ms: that is the round-trip time.
    void established(std::string_view syn_options = "mss 1000,nop,nop,sackOK");
    void connects();
    void connected(std::string_view syn_ack = "S. 0:0(0) ack 1 win 65535 <mss 1000,nop,nop,sackOK>");

    IoResult write(std::size_t bytes, SendFlags flags = {});
    std::string read(std::size_t most = 65536);
    [[nodiscard]] TcpState state() const;
    [[nodiscard]] const Tcb& tcb() const;
    [[nodiscard]] Instant now() const { return after_start(now_); }
    [[nodiscard]] std::uint32_t cwnd() const { return tcb().cc.cwnd; }
    void change(const SocketOptions& options) { stack_->set_options(now(), socket_, options); }

    Personality personality_;
    std::unique_ptr<Stack> stack_;
    SocketId listener_;
    SocketId socket_;
    Numbers numbers_;
    Endpoint local_;
    Endpoint peer_;

  private:
    void drain();
    TcpScenario& arrives(Segment segment, std::string_view text);
    [[nodiscard]] std::string transcript() const;

    std::chrono::nanoseconds now_{0};
    struct Sent {
        std::chrono::nanoseconds at;
        std::string text;
    };
    std::deque<Sent> sent_;
    std::vector<std::string> log_;
    bool isn_known_ = false;
    std::size_t written_ = 0;
};

}  // namespace synscope::sim::tcp::test
