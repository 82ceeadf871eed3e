#include "capture/source/grant.hpp"

#include "net/base/text.hpp"

namespace synscope::source {

std::string shell_word(std::string_view text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:@%,";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string(text);
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'')
            quoted += "'\\''";
        else
            quoted += c;
    }
    return quoted + "'";
}

std::string grant_command(std::string_view path) {
    const std::string program = shell_word(path);
    return concat("sudo groupadd -f synscope && sudo chown root:synscope ", program, " && sudo chmod 0750 ",
                  program, " && sudo setcap cap_net_raw+ep ", program,
                  " && sudo usermod -aG synscope \"$USER\"");
}

}  // namespace synscope::source
