#pragma once
// An io_uring: two queues in memory that we share with the kernel. We write down what we want (submissions),
// the kernel what came of it (completions); one call, io_uring_enter, hands over and waits. Beside it a ring
// of buffers from which the kernel takes one when bytes are there, so that a connection that is silent holds
// none.
//
// What it cannot do on an old kernel is found by trying: RingAbilities. Ownership: a Ring owns its descriptor
// and all its memory; destroying it cancels what is still asked for. Thread rule: one thread, the one that
// called create(). The calls that enter the kernel are Calls' (calls_ring.cpp).

#include <liburing.h>

#include <memory>
#include <optional>
#include <string>

#include "net/base/bytes.hpp"
#include "net/engine/socket.hpp"

namespace synscope::engine {

/// What the kernel can, or is allowed by a test to do.
struct RingAbilities {
    bool multishot_accept = true;   ///< one submission, a completion for each client (Linux 5.19)
    bool multishot_receive = true;  ///< one submission, a completion for each arrival (Linux 6.0)
};

class Ring {
  public:
    Ring() = default;
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring();

    /// 0, or the errno of io_uring_setup. `submissions`: how many can wait to be handed over.
    int create(unsigned submissions);
    /// Buffers of `size` bytes each for multishot receive; false when the kernel has no such thing (before
    /// 5.19). `count` is a power of two.
    [[nodiscard]] bool provide_buffers(std::size_t size, unsigned short count);

    [[nodiscard]] io_uring& get() noexcept { return ring_; }
    [[nodiscard]] int fd() const noexcept { return ring_.ring_fd; }
    [[nodiscard]] unsigned waiting_submissions() const noexcept { return io_uring_sq_ready(&ring_); }
    [[nodiscard]] std::size_t buffer_size() const noexcept { return buffer_size_; }

    // ---- what can be asked for; `name` comes back with what comes of it. Nothing is handed over before the
    // next enter, unless the queue is full.
    /// A completion for each client (flag IORING_CQE_F_MORE), until one comes without that flag. The sockets
    /// are nonblocking.
    void accept(Calls& calls, int listener, std::uint64_t name);
    /// A completion for each arrival, in a buffer of its own; ends as accept does.
    void receive(Calls& calls, int fd, std::uint64_t name);
    /// One completion, with the bits of poll(2) that are true.
    void poll(Calls& calls, int fd, unsigned mask, std::uint64_t name);
    /// What was asked for under `name` ends with a completion of its own; so does the cancel, named `done`.
    void cancel(Calls& calls, std::uint64_t name, std::uint64_t done);

    /// Calls `act(completion)` for all that have come, in order. `act` may ask for more.
    template <class Act>
    void for_each_completion(Act&& act) {
        unsigned head = 0;
        unsigned count = 0;
        const io_uring_cqe* completion = nullptr;
        io_uring_for_each_cqe(&ring_, head, completion) {
            act(*completion);
            ++count;
        }
        io_uring_cq_advance(&ring_, count);
    }
    /// The bytes of a completed receive; they hold until give_back().
    [[nodiscard]] ByteSpan received(const io_uring_cqe& completion) const noexcept;
    /// Returns the completion's buffer, if it has one, to the kernel.
    void give_back(const io_uring_cqe& completion) noexcept;

  private:
    io_uring_sqe* submission(Calls& calls);
    void offer(unsigned short buffer) noexcept;

    io_uring ring_{};
    bool created_ = false;
    io_uring_buf_ring* offers_ = nullptr;  ///< shared with the kernel
    std::size_t offers_bytes_ = 0;
    std::unique_ptr<std::byte[]> buffers_;  ///< not filled: a page costs memory once it was used
    std::size_t buffer_size_ = 0;
    unsigned short buffer_count_ = 0;
};

/// Why this process may not have one; nothing when it may.
[[nodiscard]] std::optional<std::string> why_no_ring();

}  // namespace synscope::engine
