#pragma once
// The lab host as a child process: hand it a scenario, get its event stream back.
//
// It has a process group of its own: Ctrl-C reaches us alone, and a SIGTERM from us ends the run in order,
// server, capture and clients included. What it wrote until then is whole.
// Thread rule: one thread.

#include "net/base/result.hpp"
#include "net/lab/child.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::app {

struct LabProcess {
    lab::Child child;
    int stream = -1;  ///< read end; the caller closes it (LiveTrace does)
};
Result<LabProcess, UserError> start_lab(const scenario::Scenario& scenario);

}  // namespace synscope::app
