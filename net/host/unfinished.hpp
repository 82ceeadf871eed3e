#pragma once
// Files that are being uploaded, or were and may be resumed: what they are called, and that they do not stay
// for ever. Their names begin with a dot and end with kUnfinished, beside the file that they will be:
// ".PID-NUMBER" and that, and ".NAME.TOKEN" and that for one which may be resumed.
//
// Nobody keeps a list: servers of several processes share a folder, and one that was killed leaves files
// behind. What protects a file is its lock (flock): its writer has it from opening to the end, and whoever
// removes one has it too, so nothing is removed while anybody may write to it. A client that fell silent
// keeps the lock, but not for ever: when the time for an upload is over, its writer takes nothing more, and
// the file is removed without it. Thread rule: pure functions and calls to the kernel; any thread, any
// process.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/base/instant.hpp"

namespace synscope::host {

/// Our own name is in it, so that no other program's half files are taken for ours.
inline constexpr std::string_view kUnfinished = ".synscope-part";

[[nodiscard]] std::string resumable_name(std::string_view name, std::string_view token);

/// Removes from a folder the unfinished files that nobody has open for writing, or has written to for `age`,
/// and those that somebody has open, but has not written to for `open_time`: he may not do so any more. How
/// many that may be resumed are left; nothing when the folder cannot be read. Not touched: files of any other
/// name, of another owner, with a second name, and what is no regular file.
[[nodiscard]] std::optional<std::size_t> sweep(int folder, Duration age, Duration open_time);

/// Takes the lock of a file that was opened under that name; false when somebody has it, or when it is not
/// there under that name any more: its writer finished it before we had the lock, or it was removed.
[[nodiscard]] bool lock_unfinished(int folder, const std::string& name, int fd);

/// Whether `name` in `folder` is the file of this descriptor still.
[[nodiscard]] bool is_same_file(int folder, const std::string& name, int fd);

}  // namespace synscope::host
