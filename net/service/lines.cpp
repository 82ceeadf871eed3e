#include "net/service/lines.hpp"

namespace synscope::service {

std::string line_text(std::string_view text, bool whole_messages) {
    std::string out{text};
    if (!whole_messages) out.push_back('\n');
    return out;
}

void say_line(std::string_view text, bool whole_messages, Effects& effects) {
    effects.reply(bytes_of(line_text(text, whole_messages)));
}

}  // namespace synscope::service
