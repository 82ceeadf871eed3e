#pragma once
// How an engine is watched: everything it does goes to one Observer as events; without an Observer nothing is
// measured and a traced call costs one predictable branch.
//
// Times are readings of CLOCK_MONOTONIC; the observer moves them to wall time. Thread rule: an Observer is
// called from every thread of an engine at once.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/base/event.hpp"
#include "net/engine/clock.hpp"

namespace synscope::engine {

/// What a run records. Off: nothing. Calls: every call, readiness, names. Full: also the kernel's word before
/// and after each call on a TCP socket (TCP_INFO, SIOCINQ, SIOCOUTQ), which costs up to six more calls.
enum class ObserveLevel : std::uint8_t { Off, Calls, Full };

/// "off", "calls", "full"; nothing for another word.
[[nodiscard]] std::optional<ObserveLevel> observe_level_from_name(std::string_view name) noexcept;

/// A line of our source, as a default argument: `Where where = Where::here()`.
struct Where {
    const char* file = "";
    std::uint32_t line = 0;
    [[nodiscard]] static constexpr Where here(const char* file = __builtin_FILE(),
                                              std::uint32_t line = __builtin_LINE()) noexcept {
        return {file, line};
    }
};
/// The file as named from the project's root: "net/engine/engine_blocking.cpp", wherever it was built.
[[nodiscard]] std::string_view source_name(const char* file) noexcept;

/// A call as it is made: what SyscallEntered says, without texts.
struct CallBegun {
    std::int64_t at_ns = 0;  ///< CLOCK_MONOTONIC
    Syscall call = Syscall::Socket;
    bool has_socket = false;
    std::int32_t fd = -1;
    SocketId socket;
    ThreadId thread;
    std::array<std::int64_t, 2> args{};
    Where where;
};
/// What came of it: what SyscallReturned says beside that.
struct CallEnded {
    std::int64_t at_ns = 0;
    std::int64_t result = 0;
    std::int32_t error = 0;
    ByteRange bytes;
};
[[nodiscard]] SyscallEntered entered_body(const CallBegun& begun, TextId file) noexcept;
[[nodiscard]] SyscallReturned returned_body(const CallBegun& begun, const CallEnded& ended) noexcept;

class Observer {
  public:
    virtual ~Observer() = default;
    /// Records an event; the id is its name within this run, for later events' causes.
    virtual EventId emit(std::int64_t at_monotonic_ns, std::optional<EventId> cause,
                         const EventBody& body) = 0;
    /// A text for an event's body. Equal texts get equal ids.
    virtual TextId intern(std::string_view text) = 0;

    // ---- calls and readiness, of which there are more than of everything else together. Without an override
    // they are events like others; with one they may be written down later, but before anything else of the
    // same thread, and before it sleeps.
    /// A call that may sleep begins: whoever looks now must see it.
    virtual EventId begin_call(const CallBegun& begun);
    /// A call has returned. `event` is its beginning, where that was recorded; else both ends are. The id of
    /// the return is given where it is needed, as the cause of what follows.
    virtual std::optional<EventId> end_call(const CallBegun& begun, std::optional<EventId> event,
                                            const CallEnded& ended, bool id_needed);
    virtual void ready(std::int64_t at_monotonic_ns, const ReadinessReported& body);

    /// The descriptor no longer leads to the connection: it was closed, or the kernel put a TIME-WAIT entry
    /// in the socket's place (TCP_INFO then says CLOSE for the husk). What the kernel still knows is known by
    /// the addresses only.
    virtual void descriptor_gone(SocketId socket, const Endpoint& local, const Endpoint& remote,
                                 std::optional<TcpState> last_state, std::optional<EventId> cause) = 0;
    /// Around a fork(), by the thread that makes it: an observer's locks must not be copied while another
    /// thread holds them. after_fork() is called in both processes.
    virtual void before_fork() {}
    virtual void after_fork(bool in_child) { static_cast<void>(in_child); }
    /// By the last thread of a process that ends without destroying anything: what it has not told is told.
    virtual void before_exit() {}
};

/// fork() with what an observer and the records of this thread need; `observer` may be null.
[[nodiscard]] int fork_watched(Observer* observer);
/// _exit() likewise.
[[noreturn]] void exit_watched(Observer* observer, int code);

}  // namespace synscope::engine
