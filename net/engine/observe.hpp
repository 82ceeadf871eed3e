#pragma once
// How an engine is watched: everything it does goes to one Observer as events; without an Observer nothing is
// measured and a traced call costs one predictable branch.
//
// Times are readings of CLOCK_MONOTONIC; the observer moves them to wall time. Thread rule: an Observer is
// called from every thread of an engine at once.

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/base/event.hpp"

namespace synscope::engine {

/// What a run records. Off: nothing. Calls: every call, readiness, names. Full: also the kernel's word before
/// and after each call on a TCP socket (TCP_INFO, SIOCINQ, SIOCOUTQ), which costs up to six more calls.
enum class ObserveLevel : std::uint8_t { Off, Calls, Full };

/// "off", "calls", "full"; nothing for another word.
[[nodiscard]] std::optional<ObserveLevel> observe_level_from_name(std::string_view name) noexcept;

/// CLOCK_MONOTONIC, nanoseconds.
[[nodiscard]] std::int64_t monotonic_ns() noexcept;

class Observer {
  public:
    virtual ~Observer() = default;
    /// Records an event; the id is its name within this run, for later events' causes.
    virtual EventId emit(std::int64_t at_monotonic_ns, std::optional<EventId> cause,
                         const EventBody& body) = 0;
    /// A text for an event's body. Equal texts get equal ids.
    virtual TextId intern(std::string_view text) = 0;
    /// The descriptor no longer leads to the connection: it was closed, or the kernel put a TIME-WAIT entry
    /// in the socket's place (TCP_INFO then says CLOSE for the husk). What the kernel still knows is known by
    /// the addresses only.
    virtual void descriptor_gone(SocketId socket, const Endpoint& local, const Endpoint& remote,
                                 std::optional<TcpState> last_state, std::optional<EventId> cause) = 0;
    /// Around a fork(), by the thread that makes it: an observer's locks must not be copied while another
    /// thread holds them. after_fork() is called in both processes.
    virtual void before_fork() {}
    virtual void after_fork(bool in_child) { static_cast<void>(in_child); }
};

/// fork() with what an observer and the records of this thread need; `observer` may be null.
[[nodiscard]] int fork_watched(Observer* observer);

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

}  // namespace synscope::engine
