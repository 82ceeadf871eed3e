#pragma once
// A script in virtual time: what net/host/script does on a real socket, step by step. A client's begins
// without a connection, a server's with the accepted one. Thread rule: one world, one thread.

#include <memory>
#include <string>
#include <vector>

#include "net/base/result.hpp"
#include "net/framing/framing.hpp"
#include "sim/run/calls.hpp"
#include "sim/run/directory.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::sim {

struct ScriptSetup {
    Calls& calls;
    Directory& directory;  ///< where hosts and servers are
    framing::FramingInfo framing;
    const scenario::SocketOptions& options;
    const std::vector<scenario::Step>& steps;
    std::string owner;  ///< "client 'alice'", for messages
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

    Task<Outcome> open_socket(const scenario::Connect& step, const Endpoint& to, int line);
    Task<Outcome> send_all(ByteSpan bytes, int line);
    void take_messages();
    /// One recv() and what it completes; false at end-of-file.
    Task<Result<bool, std::string>> read_once(std::uint64_t most_bytes, const scenario::Recv& step, int line);
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
    std::vector<std::byte> buffer_;
    std::uint64_t unread_bytes_ = 0;     ///< that came with the last read
    std::uint64_t unread_messages_ = 0;  ///< whole messages that came with a read nobody has asked for yet
};

}  // namespace synscope::sim
