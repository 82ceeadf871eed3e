#pragma once
// Where a run's events go: a pcapng stream into a descriptor (a pipe to the lab, or a file).
//
// The stream begins with its section header and the ActorDeclared event of actor 0. Ids are the order of the
// events; a cause is always an earlier one. A small thread writes what has gathered every 10 ms and pairs the
// clocks every second. A reader that goes away ends the stream, never the program. Thread rule: every
// function may be called by any thread.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/engine/observe.hpp"
#include "net/host/clock.hpp"
#include "net/host/kernel_probe.hpp"

namespace synscope::host {

class EventSink final : public engine::Observer {
  public:
    /// `fd` is not owned.
    EventSink(int fd, ActorRole role, std::string_view name);
    EventSink(const EventSink&) = delete;
    EventSink& operator=(const EventSink&) = delete;
    /// Writes what is left.
    ~EventSink() override;

    EventId emit(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body) override;
    TextId intern(std::string_view text) override;
    void descriptor_gone(SocketId socket, const Endpoint& local, const Endpoint& remote,
                         std::optional<TcpState> last_state, std::optional<EventId> cause) override;

    /// Waits until closed sockets are in TIME-WAIT or gone, then writes everything out.
    void finish(Duration patience);
    /// False once the reader went away.
    [[nodiscard]] bool connected() const;

  private:
    EventId record(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body);
    void flush_now();
    void run();

    const int fd_;
    mutable std::mutex mutex_;  ///< everything below, down to the thread
    PairedClock clock_;
    std::uint32_t next_id_ = 0;
    std::vector<std::byte> buffer_;
    std::vector<std::byte> body_;          ///< of the block being made; kept for its memory
    std::vector<std::string_view> texts_;  ///< by id; they live in text_ids_
    std::unordered_map<std::string, TextId> text_ids_;
    bool reader_gone_ = false;
    bool ending_ = false;
    std::mutex write_mutex_;  ///< one writer at a time, so that the order stays
    std::condition_variable wake_;
    std::unique_ptr<KernelProbe> probe_;
    std::thread thread_;
};

}  // namespace synscope::host
