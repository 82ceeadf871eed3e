#pragma once
// Until when a connection may take for what it has begun. One that is late is read no further: its socket's
// reading side is shut down, which every engine hears as end-of-file, however it waits (see
// engine/stop.hpp). So no engine needs a clock, and a client that fell silent in the middle is let go. One
// exception: shutdown() sends no signal, so `sigio` hears of it when the client moves, or at a stop.
//
// Ownership: sockets are the engine's; what was set must be cleared before the socket is closed. Thread rule:
// any thread. The thread that watches is started by the first set(), in the process that calls it.

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "net/base/instant.hpp"
#include "net/engine/socket.hpp"

namespace synscope::host {

class Deadlines {
  public:
    explicit Deadlines(engine::Calls& calls) noexcept : calls_(calls) {}
    Deadlines(const Deadlines&) = delete;
    Deadlines& operator=(const Deadlines&) = delete;
    ~Deadlines();

    /// From now on; one at a time for a socket. `reason` is noted when it is late. False when there is no
    /// thread to be had: nobody will look.
    bool set(const engine::Socket& socket, Duration time, std::string reason);
    void clear(SocketId socket);

  private:
    struct Deadline {
        int fd = -1;
        std::int64_t at_ns = 0;
        std::string reason;
    };
    void run();
    /// The earliest; deadlines_.end() when there is none.
    [[nodiscard]] std::map<SocketId, Deadline>::iterator next();
    void expire(std::map<SocketId, Deadline>::iterator late);

    engine::Calls& calls_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<SocketId, Deadline> deadlines_;  ///< under mutex_, as is all that follows
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace synscope::host
