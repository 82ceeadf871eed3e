#pragma once
// The lab host as a child process: hand it a scenario, get its event stream back.
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
