#pragma once
// One conversation, several engines: the same clients against each engine in turn, and what it cost the
// server.
//
// Each engine runs twice, in processes of its own, over loopback and without a capture: once unwatched, for
// times, processor, memory and wake-ups; once with every call recorded, for the calls. Clients are watched
// both times: how long they waited is what they are for. Thread rule: call it in a process without threads.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/base/result.hpp"
#include "net/base/syscall.hpp"
#include "net/lab/borders.hpp"
#include "net/lab/child.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::lab {

struct CompareOptions {
    scenario::Scenario scenario;
    std::vector<std::string> engines;
    std::string program;                        ///< path of synscope
    std::string root;                           ///< the directory of a service of files; empty: none
    Duration patience = Duration::seconds(60);  ///< for one run; what has not ended by then is ended
    bool (*interrupted)() = nullptr;            ///< asked while waiting; may be null
};

struct ClientWait {
    std::string name;
    Duration took;     ///< from its first call to its last
    Duration waited;   ///< of that: inside connect() and calls that read or wait for readiness
    Duration longest;  ///< the longest of these calls
};

enum class TrialOutcome : std::uint8_t {
    Done,
    Refused,       ///< this engine cannot run this server: `why`
    ClientFailed,  ///< a script did not come to its end; it has said why on standard error
    TimedOut,
    ServerFailed,
    Interrupted,
};
/// "done", "refused", ...
[[nodiscard]] std::string_view outcome_name(TrialOutcome outcome) noexcept;

struct EngineTrial {
    std::string engine;
    std::string service;     ///< the scenario's, or the same one for datagrams (other_transport.hpp)
    bool datagrams = false;  ///< its clients talked UDP
    TrialOutcome outcome = TrialOutcome::Done;
    std::string why;
    // Unwatched:
    Duration wall;  ///< from the first client's first call to the last one's last
    /// Of the server from when it listened, its ended child processes included; its end is part of it.
    ProcessUsage usage;
    std::vector<ClientWait> clients;
    // Watched; from when it listened until it was told to stop:
    std::map<Syscall, std::uint64_t> calls;
    std::uint64_t in_vain = 0;  ///< of these: EAGAIN
    std::uint32_t threads = 0;  ///< or processes, that made a call
    BordersBothWays borders;
};

/// One trial per engine, in their order. Fails when nothing could be begun: a scenario that only the
/// simulator can run, an unknown engine, a program that does not start.
[[nodiscard]] Result<std::vector<EngineTrial>, UserError> compare_engines(const CompareOptions& options);

/// How many clients a scenario has, each member of a crowd being one, and how many messages they send, each
/// `send` step being one.
[[nodiscard]] std::uint64_t client_count(const scenario::Scenario& scenario);
[[nodiscard]] std::uint64_t messages_sent(const scenario::Scenario& scenario);

}  // namespace synscope::lab
