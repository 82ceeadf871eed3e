#include "ui/app/overrides.hpp"

#include "net/base/text.hpp"

namespace synscope::app {

std::optional<UsageError> check_overrides(const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
        if (!scenario::parse_override(text))
            return UsageError{"--set", concat("expected path=value, got '", text, "'")};
    return std::nullopt;
}

std::vector<scenario::Override> parsed_overrides(const std::vector<std::string>& texts) {
    std::vector<scenario::Override> overrides;
    for (const std::string& text : texts)
        overrides.push_back(*scenario::parse_override(text));
    return overrides;
}

}  // namespace synscope::app
