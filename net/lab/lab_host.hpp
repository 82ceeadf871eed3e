#pragma once
// Runs a scenario on this machine's loopback: server, capture, clients, in that order, as child processes,
// and writes what they observed as one pcapng stream (see capture/trace/session.hpp).
//
// The order is the promise: the server listens, the capture is armed on its port and says so, and only then
// the clients start. So no SYN is ever missed. Without the right to capture, the run moves into its own user
// and network namespace first.
//
// This is the loopback half of the lab. Namespaces per host and a wire of our own come beside it, behind the
// same options. Thread rule: call it in a process that has one thread and no children; it forks, unshares and
// waits.

#include <string>

#include "net/base/result.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::lab {

struct LabOptions {
    scenario::Scenario scenario;
    std::string program;          ///< path of synscope; started as engine-host and client-host
    std::string capture_program;  ///< path of synscope-capture
    int output_fd = 1;            ///< receives the stream; a reader that goes away ends the run
};

/// How a run ended when nothing of the lab itself failed.
enum class LabOutcome : int {
    Complete,     ///< every client ran its script to the end
    ChildFailed,  ///< a child failed; it has said why on standard error
    Interrupted,  ///< SIGINT, SIGTERM, or the reader of the stream went away
};

/// Fails with what is missing (no right to capture and no namespaces, a program not found).
Result<LabOutcome, UserError> run_on_loopback(const LabOptions& options);

}  // namespace synscope::lab
