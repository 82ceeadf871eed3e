#include "ui/app/lab_process.hpp"

#include <unistd.h>

#include "net/lab/programs.hpp"
#include "sim/scenario/load.hpp"
#include "ui/app/command.hpp"

namespace synscope::app {

Result<LabProcess, UserError> start_lab(const scenario::Scenario& scenario) {
    auto file = lab::nameless_file(scenario::to_yaml(scenario));
    if (!file) return failure(to_user_error(file.error()));
    auto pipe = lab::make_pipe();
    if (!pipe) {
        close(*file);
        return failure(to_user_error(pipe.error()));
    }
    auto child =
        lab::Child::start(lab::own_program(), {"lab-host"},
                          {{STDIN_FILENO, *file}, {STDOUT_FILENO, pipe->write_end}}, lab::ProcessGroup::Own);
    close(*file);
    close(pipe->write_end);
    if (!child) {
        close(pipe->read_end);
        return failure(to_user_error(child.error()));
    }
    return LabProcess{std::move(*child), pipe->read_end};
}

}  // namespace synscope::app
