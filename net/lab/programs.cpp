#include "net/lab/programs.hpp"

#include <filesystem>
#include <system_error>

namespace synscope::lab {

std::string own_program() {
    std::error_code error;
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::string{"/proc/self/exe"} : path.string();
}

std::string capture_program_path() {
    return (std::filesystem::path{own_program()}.parent_path() / "synscope-capture").string();
}

}  // namespace synscope::lab
