#pragma once
// Runs a client's script on a real, blocking socket: each step one call, or as many as the kernel makes of
// it. Thread rule: one thread.

#include <memory>
#include <string>

#include "net/engine/socket.hpp"
#include "net/framing/framing.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::host {

class ScriptRunner {
  public:
    ScriptRunner(engine::Calls& calls, const scenario::Client& client, const framing::FramingInfo& framing,
                 const Endpoint& server);
    /// All steps in order; a socket that the script left open is closed at the end. Fails at the first step
    /// that fails.
    Result<void, UserError> run();

  private:
    using Outcome = Result<void, std::string>;  ///< why a step failed
    Outcome step(const scenario::Connect& step);
    Outcome step(const scenario::Send& step);
    Outcome step(const scenario::Recv& step);
    Outcome step(const scenario::Wait& step);
    Outcome step(const scenario::Shutdown& step);
    Outcome step(const scenario::Close& step);
    Outcome step(const scenario::Mark& step);
    Outcome step(const scenario::Reset& step);
    Outcome step(const scenario::Resolve& step);
    Outcome step(const scenario::Ping& step);
    Outcome step(const scenario::Dhcp& step);

    Outcome send_all(ByteSpan bytes);
    void take_messages();
    /// One recv() and what it completes; false at end-of-file.
    Result<bool, std::string> read_once(std::size_t most_bytes);
    Outcome connected() const;
    Outcome finish_interrupted_connect();
    void framed(const framing::Placed& placed, bool outgoing);
    void hang_up();

    engine::Calls& calls_;
    const scenario::Client& client_;
    const framing::FramingInfo& framing_;
    Endpoint server_;
    engine::Socket socket_;
    std::unique_ptr<framing::Encoder> encoder_;
    std::unique_ptr<framing::Decoder> decoder_;
    std::vector<std::byte> buffer_;
    std::size_t chunk_ = 0;  ///< of the recv step that runs: bytes per call at most, and the pause after each
    Duration every_;
    std::uint64_t unread_bytes_ = 0;     ///< that came since a recv step set it to 0
    std::uint64_t unread_messages_ = 0;  ///< whole messages that came with a read nobody has asked for yet
};

}  // namespace synscope::host
