#pragma once
// Where a run's events go: a pcapng stream into a descriptor (a pipe to the lab, or a file).
//
// The stream begins with its section header and the ActorDeclared event of actor 0. Ids are the order of the
// events; a cause is always an earlier one. A small thread writes what has gathered every 10 ms and pairs the
// clocks every second. What has gathered lies in memory that is shared with processes forked later, so that
// their events are part of the same stream; when there is no room left, whoever has the next event writes
// first. A reader that goes away ends the stream, never the program.
//
// Thread rule: start() once, after the engine's process was forked where it has one (who forks has no
// threads); every other function may be called by any thread, and in a forked copy of the object too.

#include <array>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/engine/observe.hpp"
#include "net/engine/shared.hpp"
#include "net/host/clock.hpp"
#include "net/host/kernel_probe.hpp"

namespace synscope::host {

class EventSink final : public engine::Observer {
  public:
    /// `fd` is not owned. Starts no thread.
    EventSink(int fd, ActorRole role, std::string_view name);
    /// From here on events are written as they come.
    void start();
    EventSink(const EventSink&) = delete;
    EventSink& operator=(const EventSink&) = delete;
    /// Writes what is left.
    ~EventSink() override;

    EventId emit(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body) override;
    TextId intern(std::string_view text) override;
    void descriptor_gone(SocketId socket, const Endpoint& local, const Endpoint& remote,
                         std::optional<TcpState> last_state, std::optional<EventId> cause) override;
    void before_fork() override;
    void after_fork(bool in_child) override;

    /// Waits until closed sockets are in TIME-WAIT or gone, then writes everything out.
    void finish(Duration patience);
    /// False once the reader went away.
    [[nodiscard]] bool connected() const;

  private:
    struct GoneSocket {
        SocketId socket;
        Endpoint local;
        Endpoint remote;
        std::optional<TcpState> last_state;
        std::optional<EventId> cause;
    };
    /// What all processes of a run have in common; everything but the first two under `mutex`.
    struct Common {
        engine::ProcessMutex mutex;
        engine::ProcessMutex writing;  ///< one writer at a time, so that the order stays; before `mutex`
        PairedClock clock;
        std::uint32_t next_id = 0;
        bool reader_gone = false;
        std::size_t gone_count = 0;
        std::array<GoneSocket, KernelProbe::kMostWatched>
            gone;  ///< for the probe, which is the first process's
        std::size_t used = 0;
        std::array<std::byte, std::size_t{8} << 20> bytes;
    };
    EventId record(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body);
    bool try_record(const Event& event);
    void flush_now();
    void watch_gone();
    void run();

    const int fd_;
    engine::Shared<Common> common_;
    // Each process's own, under the common lock:
    std::vector<std::byte> body_;  ///< of the block being made; kept for its memory
    std::vector<std::byte> block_;
    std::vector<std::string_view> texts_;  ///< by id; they live in text_ids_
    std::unordered_map<std::string, TextId> text_ids_;
    bool in_child_ = false;

    std::mutex ending_mutex_;
    std::condition_variable wake_;
    bool ending_ = false;  ///< under ending_mutex_
    std::unique_ptr<KernelProbe> probe_;
    std::thread thread_;
};

}  // namespace synscope::host
