#pragma once
// A script in virtual time: what net/host/script does on a real socket, step by step. A client's begins
// without a connection, a server's with the accepted one. Thread rule: one world, one thread.

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/base/result.hpp"
#include "net/framing/framing.hpp"
#include "sim/run/calls.hpp"
#include "sim/run/directory.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::sim {

/// A script's place in a crowd (crowd.hpp), and what it waits for while others have their turn. One of both
/// coroutines runs: the script, or the crowd that gives it its turn.
struct Turn {
    std::int32_t epoll = -1;   ///< of the crowd
    std::uint32_t number = 0;  ///< from 0
    /// poll(2)'s bits: what its socket must have (0: only time ends the wait), then what it has (0: the time
    /// is over).
    std::uint32_t events = 0;
    std::optional<Instant> until{};
    std::coroutine_handle<> script{};  ///< where it goes on; none: it runs, or it has ended
    std::coroutine_handle<> crowd{};

    struct GivenAway {
        Turn& turn;
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
            turn.script = caller;
            const std::coroutine_handle<> waiting = std::exchange(turn.crowd, {});
            return waiting ? waiting : std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };
    struct Given {
        Turn& turn;
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
            turn.crowd = caller;
            return std::exchange(turn.script, {});
        }
        void await_resume() const noexcept {}
    };
    /// For the script: until it is given its turn again.
    [[nodiscard]] GivenAway give_away() { return {*this}; }
    /// For the crowd: until the script waits again.
    [[nodiscard]] Given give() { return {*this}; }
};

struct ScriptSetup {
    Calls& calls;
    Directory& directory;  ///< where hosts and servers are
    framing::FramingInfo framing;
    const scenario::SocketOptions& options;
    const std::vector<scenario::Step>& steps;
    std::string owner;  ///< "client 'alice'", for messages
    MutableByteSpan
        buffer{};          ///< what one recv() may fill; scripts of one thread may share it; empty: its own
    Turn* turn = nullptr;  ///< in a crowd: its socket does not block
    scenario::Transport transport = scenario::Transport::Tcp;
};

class Script {
  public:
    using Outcome = Result<void, std::string>;  ///< why a step failed

    explicit Script(ScriptSetup setup);
    /// The connection is there already; takes the socket.
    void begin_with(const SimSocket& socket);
    /// All steps in order; a socket that is still open is closed at the end. Fails at the first step that
    /// fails.
    Task<Result<void, UserError>> run();
    [[nodiscard]] const SimSocket& socket() const noexcept { return socket_; }

  private:
    Task<Outcome> step(const scenario::Connect& step, int line);
    Task<Outcome> step(const scenario::Send& step, int line);
    Task<Outcome> step(const scenario::Recv& step, int line);
    Task<Outcome> step(const scenario::Wait& step, int line);
    Task<Outcome> step(const scenario::Shutdown& step, int line);
    Task<Outcome> step(const scenario::Close& step, int line);
    Task<Outcome> step(const scenario::Mark& step, int line);
    Task<Outcome> step(const scenario::Reset& step, int line);
    Task<Outcome> step(const scenario::Resolve& step, int line);
    Task<Outcome> step(const scenario::Ping& step, int line);
    Task<Outcome> step(const scenario::Dhcp& step, int line);
    Task<Outcome> dispatch(const scenario::Step& step);

    [[nodiscard]] bool blocks() const noexcept { return setup_.turn == nullptr; }
    [[nodiscard]] bool datagrams() const noexcept { return setup_.transport == scenario::Transport::Udp; }
    /// In a crowd: others have their turn until the socket has one of `events`, or the time is over.
    Task<void> others_turn(std::uint32_t events, std::optional<Instant> until);
    Task<void> pause(Duration duration);

    using Deadline = std::optional<Instant>;
    [[nodiscard]] Deadline deadline_of(const scenario::Recv& step) const;
    /// Before a call that would wait for longer than until `deadline`: waits until there is something to
    /// read; false when the time is over.
    Task<bool> comes(Deadline deadline, int line);
    /// After a call that found nothing, in a crowd: false when the time is over.
    Task<bool> arrives(Deadline deadline);
    void note_missing(std::uint64_t came, std::uint64_t wanted, std::string_view unit);
    Task<Result<Endpoint, std::string>> target_of(const scenario::Connect& step);
    Task<Outcome> open_socket(const scenario::Connect& step, const Endpoint& to, int line);
    Task<Outcome> connect_to(const scenario::Connect& step, const Endpoint& to, int line);
    /// With a socket that does not block.
    Task<Outcome> connect_unblocked(const scenario::Connect& step, const Endpoint& to, int line);
    Task<Outcome> connect_datagrams(const scenario::Connect& step, const Endpoint& to, int line);
    Task<Outcome> send_datagrams(ByteSpan bytes, const scenario::Send& step, int line);
    Task<Outcome> receive_datagrams(const scenario::Recv& step, int line);
    Task<Outcome> send_all(ByteSpan bytes, const scenario::Send& pace, int line);
    void take_messages();
    /// One recv() and what it completes.
    enum class Read : std::uint8_t { Some, End, TimeIsOver };
    Task<Result<Read, std::string>> read_once(std::uint64_t most_bytes, const scenario::Recv& step,
                                              Deadline deadline, int line);
    Task<Outcome> read_bytes(const scenario::Recv& step, int line);
    Task<Outcome> read_messages(const scenario::Recv& step, int line);
    Task<Outcome> read_to_end(const scenario::Recv& step, int line);
    Task<Outcome> ping_once(const IpAddress& to, const scenario::Ping& step, std::uint16_t number);
    Task<Result<IpAddress, std::string>> ask_name(const std::string& name);
    void framed(const framing::Placed& placed, bool outgoing);
    void start_stream();

    ScriptSetup setup_;
    Calls& calls_;
    SimSocket socket_;
    std::unique_ptr<framing::Encoder> encoder_;
    std::unique_ptr<framing::Decoder> decoder_;
    std::vector<std::byte> own_buffer_;
    MutableByteSpan buffer_;
    std::uint64_t unread_bytes_ = 0;     ///< that came with the last read
    std::uint64_t unread_messages_ = 0;  ///< whole messages that came with a read nobody has asked for yet
};

}  // namespace synscope::sim
