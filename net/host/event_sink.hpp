#pragma once
// Where a run's events go: a pcapng stream into a descriptor (a pipe to the lab, or a file).
//
// The stream begins with its section header and the ActorDeclared event of actor 0. Ids are the order of the
// events; a cause is always an earlier one. A small thread writes what has gathered every 10 ms and pairs the
// clocks every second. What has gathered lies in memory that is shared with processes forked later, so that
// their events are part of the same stream; when there is no room left, whoever has the next event writes
// first. A reader that goes away ends the stream, never the program.
//
// Being watched must cost little: a call is kept as it is, 64 bytes in the thread's own memory, joins the
// others when the thread is about to sleep (or has something else to tell, or has gathered kStagedCalls), and
// becomes a block of pcapng on the writer's time.
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
#include "net/host/event_entries.hpp"
#include "net/host/event_writer.hpp"
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
    EventId begin_call(const engine::CallBegun& begun) override;
    std::optional<EventId> end_call(const engine::CallBegun& begun, std::optional<EventId> event,
                                    const engine::CallEnded& ended, bool id_needed) override;
    void ready(std::int64_t at_monotonic_ns, const ReadinessReported& body) override;
    void descriptor_gone(SocketId socket, const Endpoint& local, const Endpoint& remote,
                         std::optional<TcpState> last_state, std::optional<EventId> cause) override;
    void before_fork() override;
    void after_fork(bool in_child) override;
    void before_exit() override { publish(); }

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
    /// One half of what has gathered: entries (see event_entries.hpp), and the id of the first event in it.
    struct Half {
        std::uint32_t first_id = 0;
        std::uint32_t events = 0;
        std::size_t used = 0;
        std::array<std::byte, std::size_t{8} << 20> bytes;
    };
    /// What all processes of a run have in common; everything but the first two under `mutex`, and the half
    /// that is not `filling` under `writing`.
    struct Common {
        engine::ProcessMutex mutex;
        engine::ProcessMutex writing;  ///< one writer at a time, so that the order stays; before `mutex`
        PairedClock clock;
        bool reader_gone = false;
        std::size_t gone_count = 0;
        std::array<GoneSocket, KernelProbe::kMostWatched>
            gone;  ///< for the probe, which is the first process's
        std::uint32_t filling = 0;
        std::array<Half, 2> halves;
    };
    EventId record(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body);
    /// What a thread has gathered and nobody else has seen.
    struct Stage;
    static Stage& own_stage() noexcept;
    template <class Entry, class... Parts>
    void stage(EntryKind kind, const Parts&... parts);
    EventId publish();
    EventId append(ByteSpan entries, std::uint32_t events);
    [[nodiscard]] bool try_append(ByteSpan entries, std::uint32_t events, EventId& first);
    void flush_now();
    void watch_gone();
    void run();

    const int fd_;
    engine::Shared<Common> common_;
    // Each process's own, under the common lock:
    std::vector<std::string_view> texts_;  ///< by id; they live in text_ids_
    std::unordered_map<std::string, TextId> text_ids_;
    // Of the event being recorded; kept for their memory.
    std::vector<std::byte> fields_;
    std::vector<std::byte> block_;
    std::vector<std::byte> entry_;
    bool in_child_ = false;
    EventWriter writer_;  ///< under `writing`

    std::mutex ending_mutex_;
    std::condition_variable wake_;
    bool ending_ = false;  ///< under ending_mutex_
    std::unique_ptr<KernelProbe> probe_;
    std::thread thread_;
};

}  // namespace synscope::host
