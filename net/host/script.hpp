#pragma once
// Runs a client's script on a real socket: each step one call, or as many as the kernel makes of it.
//
// A script is a coroutine (net/base/task.hpp). A plain client's socket blocks, so it never waits but in its
// calls, and start() returns when it has ended. In a crowd (crowd.hpp) the socket does not block, and where a
// call would, the script hands its turn to another. A client that talks UDP has a connected socket of
// datagrams: connect() only tells the kernel whom it is for. Thread rule: one thread.

#include <poll.h>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/base/task.hpp"
#include "net/engine/socket.hpp"
#include "net/framing/framing.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::host {

/// A script's place in a crowd, and what it waits for while others have their turn.
struct Turn {
    int epoll = -1;                    ///< of the crowd, which is not the script's to close
    std::uint64_t number = 0;          ///< what its sockets are called there, from 0
    std::coroutine_handle<> script{};  ///< where it goes on; none: it runs, or it has ended
    /// poll(2)'s bits: what its socket must have (0: only time ends the wait), then what it has (0: the time
    /// is over).
    std::uint32_t events = 0;
    std::optional<std::int64_t> until{};  ///< CLOCK_MONOTONIC, ns: ends the wait in any case
};

struct ScriptSetup {
    engine::Calls& calls;
    const scenario::Client& client;
    const framing::FramingInfo& framing;
    Endpoint server;
    MutableByteSpan buffer;  ///< what one recv() may fill; scripts may share it
    std::string owner;       ///< "client 'alice'", for messages
    Turn* turn = nullptr;    ///< in a crowd
};

class ScriptRunner {
  public:
    explicit ScriptRunner(ScriptSetup setup);
    /// All steps in order; a socket that the script left open is closed at the end.
    Task<void> run();
    /// Once it has ended: the first step that failed, which ended it, or nothing.
    [[nodiscard]] const Result<void, UserError>& outcome() const noexcept { return outcome_; }
    [[nodiscard]] const engine::Socket& socket() const noexcept { return socket_; }

  private:
    using Outcome = Result<void, std::string>;  ///< why a step failed
    Task<Outcome> step(const scenario::Connect& step);
    Task<Outcome> step(const scenario::Send& step);
    Task<Outcome> step(const scenario::Recv& step);
    Task<Outcome> step(const scenario::Wait& step);
    Task<Outcome> step(const scenario::Shutdown& step);
    Task<Outcome> step(const scenario::Close& step);
    Task<Outcome> step(const scenario::Mark& step);
    Task<Outcome> step(const scenario::Reset& step);
    Task<Outcome> step(const scenario::Resolve& step);
    Task<Outcome> step(const scenario::Ping& step);
    Task<Outcome> step(const scenario::Dhcp& step);

    // ---- waiting
    struct Wait {
        ScriptRunner& script;
        std::uint32_t events;
        std::optional<std::int64_t> until;
        /// A blocking socket leaves only time to wait for.
        [[nodiscard]] bool await_ready() const;
        void await_suspend(std::coroutine_handle<> waiting) const noexcept;
        void await_resume() const noexcept {}
    };
    [[nodiscard]] Wait readiness(std::uint32_t events) { return {*this, events, std::nullopt}; }
    [[nodiscard]] Wait pause(Duration duration);
    using Deadline = std::optional<std::int64_t>;  ///< CLOCK_MONOTONIC, ns; none: without end
    [[nodiscard]] static Deadline deadline_of(const scenario::Recv& step);
    /// Before a recv() that would block for longer than it may; true when the time is over.
    bool nothing_comes(Deadline until);
    /// In a crowd: awaits what is to be read; then expired() says whether the time is over instead.
    [[nodiscard]] Wait arrival(Deadline until) { return {*this, POLLIN, until}; }
    [[nodiscard]] bool expired() const { return setup_.turn != nullptr && setup_.turn->events == 0; }
    /// poll() until the socket has one of `events`; false when the time is over.
    bool poll_for(short events, Deadline until);
    /// The time was over before all of it came, which ends the step and not the script.
    void note_missing(std::uint64_t came, std::uint64_t wanted, std::string_view unit);

    // ---- opening (script_connect.cpp)
    Outcome open_socket();
    Outcome connect_blocking(const scenario::Connect& step);
    Outcome connect_polling(const scenario::Connect& step);
    Task<Outcome> connect_in_turn(const scenario::Connect& step);
    /// Until the connection is made or has failed; false when the time is over.
    bool poll_writable(std::optional<Duration> most);
    Outcome connect_ended();
    [[nodiscard]] Outcome no_answer(const scenario::Connect& step) const;

    // ---- moving bytes
    struct Pace {
        std::optional<std::uint32_t> chunk;
        Duration every;
    };
    struct Came {
        std::uint64_t bytes = 0;
        bool ended = false;   ///< the peer's end-of-file came
        bool missed = false;  ///< the time was over
    };
    Task<Outcome> send_all(ByteSpan bytes, Pace pace);
    /// recv() until `wanted`, given how many bytes have come, says that the next call should ask for 0 bytes.
    template <class Wanted>
    Task<Result<Came, std::string>> read_while(Wanted wanted, Pace pace, Deadline until);
    /// What the bytes complete.
    Outcome take(ByteSpan bytes);
    void take_messages();

    // ---- datagrams (script_datagram.cpp)
    [[nodiscard]] bool datagrams() const noexcept {
        return setup_.client.transport == scenario::Transport::Udp;
    }
    Task<Outcome> send_datagrams(ByteSpan bytes, Pace pace);
    Task<Outcome> receive_datagrams(const scenario::Recv& step);

    [[nodiscard]] Outcome connected() const;
    void framed(const framing::Placed& placed, bool outgoing);
    void hang_up();

    ScriptSetup setup_;
    engine::Calls& calls_;
    Result<void, UserError> outcome_;
    engine::Socket socket_;
    std::unique_ptr<framing::Encoder> encoder_;
    std::unique_ptr<framing::Decoder> decoder_;
    std::vector<std::byte> said_;        ///< what the framing answers to what came, not sent yet
    std::uint64_t unread_messages_ = 0;  ///< whole messages that came with a read nobody has asked for yet
};

}  // namespace synscope::host
