#pragma once
// The program that opens files and draws never holds a privilege: recording is synscope-capture's work.
// Thread rule: call in a process that has one thread; capabilities belong to threads.

namespace synscope::app {

/// Whether this process may more than the user who runs it: set-uid, set-gid or capabilities of the file
/// (which the kernel marks with AT_SECURE), or capabilities of the process (ambient or kept, which it does
/// not mark). Root's own rights are root's: as root, in a user namespace too, the answer is no.
[[nodiscard]] bool has_borrowed_rights();

}  // namespace synscope::app
