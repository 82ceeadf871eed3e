#include "ui/app/programs.hpp"

#include <filesystem>
#include <system_error>

namespace synscope::app {

std::string own_program() {
    std::error_code error;
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::string{"/proc/self/exe"} : path.string();
}

}  // namespace synscope::app
