#include "net/lab/capture_rights.hpp"

#include "net/base/text.hpp"
#include "net/lab/namespace.hpp"
#include "net/lab/probes.hpp"

namespace synscope::lab {

Result<void, UserError> ensure_capture_rights(const std::string& capture_program) {
    const Probe program = probe_capture_program(capture_program);
    if (program.status == ProbeStatus::Missing)
        return failure(UserError{program.finding, {}, program.remedy});
    const Probe rights = probe_capture_rights(capture_program, false);
    if (rights.status == ProbeStatus::Ok) return {};
    const auto entered = enter_own_network();
    if (entered) return {};
    UserError denied = explain_denial(entered.error());
    denied.what = concat("cannot capture: ", rights.finding, "; and no network of its own: ", denied.what);
    denied.hint =
        concat(rights.remedy, rights.remedy.empty() || denied.hint.empty() ? "" : "\nor: ", denied.hint,
               "\n'synscope doctor' shows what works here.");
    return failure(std::move(denied));
}

}  // namespace synscope::lab
