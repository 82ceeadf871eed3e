#pragma once
// The commands that service `command` runs, all of them and in one place: programs that read nothing, write
// nothing but their answer, and take no word from the peer. RunCommand's number is a command's place here.
// Thread rule: constants.

#include <span>
#include <string_view>

namespace synscope::service {

struct HarmlessCommand {
    std::string_view name;     ///< what the peer says
    std::string_view program;  ///< without folder
    std::span<const std::string_view> arguments;
};
[[nodiscard]] std::span<const HarmlessCommand> harmless_command_list() noexcept;

}  // namespace synscope::service
