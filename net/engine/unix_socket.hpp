#pragma once
// Listening on a Unix socket: a name in the file system instead of an address, for clients of this machine.
// There are no packets; the calls are the same.
//
// Only its owner may connect (mode 0600). A file left over by a server that was killed is replaced; one that
// somebody listens on is not, nor a file that is no socket. Thread rule: values.

#include <sys/types.h>

#include <string>

#include "net/engine/socket.hpp"

namespace synscope::engine {

/// Bound, not yet listening. EADDRINUSE: somebody listens there, or it is another kind of file.
Result<Socket, OsError> bound_to_path(Calls& calls, const ListenOptions& options);

/// Removes the file at the end, unless it is another one by then.
class SocketFile {
  public:
    /// `path` as it is now; an empty one is no file.
    explicit SocketFile(std::string path);
    SocketFile(const SocketFile&) = delete;
    SocketFile& operator=(const SocketFile&) = delete;
    ~SocketFile();

  private:
    std::string path_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace synscope::engine
