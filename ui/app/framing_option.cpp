#include "ui/app/framing_option.hpp"

#include "net/base/text.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::app {

Result<std::string, UserError> framing_text(const std::string& option) {
    if (option.ends_with(".yaml") || option.ends_with(".yml")) return scenario::load_framing(option);
    return option;
}

Result<framing::FramingInfo, UserError> framing_option(const std::string& option) {
    const auto text = framing_text(option);
    if (!text) return failure(text.error());
    const auto info = framing::framing_named(*text);
    if (!info)
        return failure(UserError{concat("there is no framing ", option), "",
                                 "'synscope framings' lists them; a YAML file can declare another."});
    return *info;
}

}  // namespace synscope::app
