#include "tests/pure/self_check.hpp"

#include <cstdio>

namespace synscope::pure {

void Checks::that(bool holds, std::string_view what) {
    ++count_;
    if (!holds) {
        ++failed_;
        std::printf("FAILED: %.*s\n", static_cast<int>(what.size()), what.data());
    }
}

}  // namespace synscope::pure

int main() {
    synscope::pure::Checks checks;
    synscope::pure::check_net(checks);
#ifdef SYNSCOPE_CHECK_CAPTURE
    synscope::pure::check_capture(checks);
#endif
#ifdef SYNSCOPE_CHECK_SIM
    synscope::pure::check_sim(checks);
#endif
#ifdef SYNSCOPE_CHECK_MODEL
    synscope::pure::check_model(checks);
#endif
    std::printf("%d checks, %d failed\n", checks.count(), checks.failed());
    return checks.failed() == 0 ? 0 : 1;
}
