#include "ui/app/display.hpp"

#include <cstdlib>

namespace synscope::app {

bool has_display() {
    const auto named = [](const char* variable) {
        const char* value = std::getenv(variable);
        return value != nullptr && *value != '\0';
    };
    return named("DISPLAY") || named("WAYLAND_DISPLAY");
}

}  // namespace synscope::app
