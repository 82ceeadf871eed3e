#pragma once
// A trace that grows while somebody looks at it: a thread reads a stream or a file into a store.
//
// The store's readers need no lock. finished() and error() tell how it ended.
// Thread rule: constructed and destroyed by one thread; the const members may be called from any.

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "capture/trace/session.hpp"
#include "capture/trace/store.hpp"
#include "net/base/result.hpp"

namespace synscope::app {

class LiveTrace {
  public:
    /// An empty trace that is finished.
    LiveTrace();
    /// A pcapng stream from one of our processes; takes the descriptor over and closes it at the end.
    explicit LiveTrace(int fd);
    /// Capture files of any kind, one of them standard input ("-") perhaps; several are merged by time.
    explicit LiveTrace(std::vector<std::string> paths);
    /// One file that another program is still writing: waits at its end for more, until it is cut short.
    struct Growing {
        std::string path;
    };
    explicit LiveTrace(const Growing& file);
    LiveTrace(const LiveTrace&) = delete;
    LiveTrace& operator=(const LiveTrace&) = delete;
    /// Stops reading; what was read stays in the store, which dies with this object.
    ~LiveTrace();

    [[nodiscard]] const trace::Store& store() const noexcept { return store_; }
    [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
    /// Why it could not be read to its end; nothing while it goes well.
    [[nodiscard]] std::optional<UserError> error() const;
    /// What another program did to a session, or what of it could not be read; empty while there is nothing
    /// to say.
    [[nodiscard]] std::string notice() const;
    /// Waits until the stream has ended.
    void wait();
    /// Waits until there is something to show, or the end.
    void wait_for_first() const;

  private:
    void read_stream(int fd);
    void read_files(const std::vector<std::string>& paths, bool standard_input);
    void relay_standard_input();
    /// Copies `input` into `output` until it ends or we do; closes both. `grows`: its end is none.
    void relay(int input, int output, bool grows);
    [[nodiscard]] bool stopping(int wait_ms) const;
    void end(std::optional<UserError> error, const trace::SessionSummary& session);

    trace::Store store_;
    int stop_[2] = {-1, -1};
    std::atomic<bool> finished_{false};
    mutable std::mutex error_guard_;
    std::optional<UserError> error_;
    std::string notice_;  ///< under error_guard_
    std::thread reader_;
    std::thread relay_;
};

}  // namespace synscope::app
