#include "ui/render/views.hpp"

#include <array>

namespace synscope::render {

std::span<const View> views() noexcept {
    static constexpr std::array<View, 1> kViews = {{
        {"ladder",
         "Time runs down between client and server: packets as arrows, TCP states along the lifelines, "
         "system calls "
         "beside them, and what happened in plain sentences."},
    }};
    return kViews;
}

}  // namespace synscope::render
