#include "tests/pure/self_check.hpp"
#include "ui/model/viewport.hpp"

namespace synscope::pure {

void check_model(Checks& checks) {
    auto view = model::resized({}, 500, 2000);
    checks.that(view.top_px == 1500, "a view that follows shows the end");
    view = model::scrolled_to(view, 200);
    const auto closer = model::zoomed(view, 2, 100);
    checks.that(closer.top_px == 500, "zooming keeps what is under the anchor");
}

}  // namespace synscope::pure
