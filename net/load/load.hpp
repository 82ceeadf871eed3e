#pragma once
// Load on a server: many connections that all do the same, and how long each answer took.
//
//     const auto report = run_load({.target = where, .connections = 64, .duration = Duration::seconds(5)});
//
// Each of the threads waits for its share of the connections with epoll, nonblocking and edge-triggered, so
// that the generator costs less than what it measures. What a server never answers is in no latency: it is
// told beside them (`unanswered`, `oldest_wait`). Thread rule: one call at a time; the threads it makes have
// ended when it returns.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/address.hpp"
#include "net/base/bytes.hpp"
#include "net/base/instant.hpp"
#include "net/base/result.hpp"
#include "net/load/histogram.hpp"

namespace synscope::load {

enum class Mode : std::uint8_t {
    PingPong,  ///< send a message, wait for as many bytes, again
    Churn,     ///< connect, one message and its answer, close, again
    Bulk,      ///< send without pause and take whatever comes back
};
/// "pingpong", "churn", "bulk".
[[nodiscard]] std::string_view mode_name(Mode mode) noexcept;
[[nodiscard]] std::optional<Mode> mode_from_name(std::string_view name) noexcept;

struct LoadOptions {
    Endpoint target;
    std::string unix_path{};  ///< a Unix socket instead; 107 bytes at most (unix(7))
    Mode mode = Mode::PingPong;
    std::uint32_t connections = 1;  ///< at once
    std::uint32_t threads = 1;      ///< never more than connections
    Duration warm_up = Duration::seconds(1);
    Duration duration = Duration::seconds(5);  ///< measured, after the warm-up
    std::vector<std::byte> message;            ///< what is sent each time; the answer is as long. Not empty
    /// Messages per second of all connections together; absent: each as soon as it has its answer. With a
    /// rate, latency counts from the time a message was due, also when its connection was still waiting for
    /// the answer before: a server that stalls is not spared the messages that it kept from being sent.
    std::optional<double> rate;
    int stop_fd = -1;  ///< readable: end now and report what there is; -1: none
    /// Called every second by the caller's thread with what has passed, of how much; may be null.
    void (*on_second)(Duration passed, Duration whole) = nullptr;

    /// "127.0.0.1:7000", "unix:/tmp/server".
    [[nodiscard]] std::string target_text() const {
        return unix_path.empty() ? target.text() : "unix:" + unix_path;
    }
};

enum class Trouble : std::uint8_t {
    NotConnected,  ///< connect() failed: refused, timed out
    NoPort,        ///< no local port was free (EADDRNOTAVAIL): too many connections in TIME-WAIT
    Closed,        ///< the server closed before the answer was whole
    Reset,         ///< the connection broke before the answer was whole
};
inline constexpr std::size_t kTroubleCount = 4;
/// "not_connected", "no_port", "closed", "reset".
[[nodiscard]] std::string_view trouble_name(Trouble trouble) noexcept;

/// Counts of the measured time alone, except where it says otherwise.
struct LoadReport {
    Duration measured;
    std::uint64_t answers = 0;     ///< whole ones
    std::uint64_t connects = 0;    ///< that succeeded, warm-up included
    std::uint64_t bytes_sent = 0;  ///< taken by our kernel
    std::uint64_t bytes_received = 0;
    std::array<std::uint64_t, kTroubleCount> troubles{};  ///< by Trouble, warm-up included
    int last_error = 0;                                   ///< errno of the last trouble, 0: none
    Histogram latency;  ///< of whole answers: from send() (churn: connect(); with a rate: when due) to the
                        ///< last byte
    std::uint32_t unanswered = 0;  ///< messages that waited for their answer at the end
    Duration oldest_wait;          ///< of those
    Duration cpu_user;             ///< of this process
    Duration cpu_system;
    bool interrupted = false;
};
/// Fails when nothing could be begun: no descriptor, nobody listens, no connection at all.
[[nodiscard]] Result<LoadReport, UserError> run_load(const LoadOptions& options);

}  // namespace synscope::load
