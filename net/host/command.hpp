#pragma once
// Runs one command of a server's fixed list: no shell, nothing from the peer in it, standard input empty.
// Thread rule: blocks the calling thread until the command has ended; safe with other threads (posix_spawn).

#include <string>
#include <vector>

#include "net/base/bytes.hpp"

namespace synscope::host {

struct CommandOutcome {
    int error = 0;      ///< errno when it could not be started
    int exit_code = 0;  ///< 128 + n when signal n ended it
    std::vector<std::byte> output;
    bool truncated = false;
};
/// `arguments` begins with the program's path. Of its standard output the first `most_bytes` are kept.
[[nodiscard]] CommandOutcome run_command(const std::vector<std::string>& arguments, std::size_t most_bytes);

/// The list of net/service/commands.hpp as this machine has it: programs by absolute path, from the system's
/// own folders whatever PATH says. One that is not installed is an empty entry, which cannot be run.
[[nodiscard]] std::vector<std::vector<std::string>> harmless_commands();

}  // namespace synscope::host
