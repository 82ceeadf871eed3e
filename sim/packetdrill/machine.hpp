#pragma once
// The simulated host that packetdrill drives: one TCP, its clock, what it has sent, and the requests of the
// script's shell commands. Time starts at 1,000 s and moves when packetdrill says so. Thread rule: the lock
// of Turns is held.

#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "sim/packetdrill/turns.hpp"
#include "sim/tcp/stack.hpp"

namespace synscope::packetdrill {

struct MachineOptions {
    sim::tcp::Personality personality;
    std::filesystem::path requests;  ///< empty: nobody asks
    std::filesystem::path states;    ///< empty: nobody wants to know
};

class Machine {
  public:
    struct Sent {
        Instant at;
        std::vector<std::byte> datagram;
    };

    explicit Machine(MachineOptions options);

    [[nodiscard]] sim::tcp::Stack& stack() noexcept { return stack_; }
    [[nodiscard]] Turns& turns() noexcept { return turns_; }
    [[nodiscard]] Instant now() const noexcept { return now_; }

    /// Time passes; timers fire and a sleeping call wakes when their time comes.
    void pass(Turns::Lock& lock, Duration time);
    /// The next thing that will happen by itself happens. False when there is none within `limit`.
    bool step(Turns::Lock& lock, Duration limit);
    void arrives(ByteSpan datagram);
    /// An address is the host's own from now on, and the first choice of its family: packetdrill makes one up
    /// for every run, and says so by what it binds.
    void own(const IpAddress& address);
    [[nodiscard]] std::optional<Sent> take_sent();

    /// What the script's commands have asked for since the last call.
    void obey_requests();
    /// After every call into the stack: takes its segments, and says what state its connections are in.
    void collect();
    /// Sockets whose readiness may have changed since the last call.
    [[nodiscard]] std::vector<SocketId> take_wakeups();

  private:
    void obey(const std::string& text);
    void write_states();
    [[nodiscard]] std::optional<Instant> next_event() const noexcept;

    MachineOptions options_;
    Turns turns_;
    std::vector<IpAddress> addresses_;
    Instant now_{Duration::seconds(1000).ns};
    sim::tcp::Stack stack_;
    std::deque<Sent> sent_;
    std::vector<SocketId> wakeups_;
    std::uintmax_t requests_read_ = 0;  ///< bytes
    bool link_takes_nothing_ = false;   ///< the interface's queue has no room: what is sent is lost
    std::string states_written_;
};

}  // namespace synscope::packetdrill
