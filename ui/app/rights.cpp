#include "ui/app/rights.hpp"

#include <cap-ng.h>
#include <sys/auxv.h>
#include <unistd.h>

namespace synscope::app {

bool has_borrowed_rights() {
    if (getauxval(AT_SECURE) != 0) return true;
    if (geteuid() == 0) return false;
    if (capng_get_caps_process() != 0) return true;  // what cannot be looked at is not trusted
    // What is effective is permitted, and what is permitted can be made effective: one set to look at.
    for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability)
        if (capng_have_capability(CAPNG_PERMITTED, capability) != 0) return true;
    return false;
}

}  // namespace synscope::app
