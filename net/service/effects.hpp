#pragma once
// What a service wants done, as values. A service does no I/O: it says what it wants, the host (net/host)
// does it, and tells the session how it went.
//
// Bytes lie in the Effects object that collects them, so that a busy server allocates nothing per message.
// Effects are done in the order in which they were asked for. Ownership: an Effects object owns its bytes;
// ranges refer to it and die with clear(). Thread rule: values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/ids.hpp"

namespace synscope::service {

/// A connection of a server; never used twice within a run.
using ConnectionKey = Id<struct ConnectionKeyTag, std::uint64_t>;
/// Chosen by the session, returned with the result. Unique among its unanswered requests.
using RequestId = Id<struct RequestIdTag>;
/// An open file, as the host numbers it for this session.
using FileId = Id<struct FileIdTag>;

/// One message to this connection; the host puts it into the connection's framing.
struct Reply {
    ByteRange bytes;  ///< in the Effects object
};
/// One message to another connection of the same server. When that is gone, or cannot keep up, the message is
/// dropped and noted, and the session told with Refused when it gave a request; else it is not answered.
struct SendTo {
    ConnectionKey to;
    ByteRange bytes;
    std::optional<RequestId> request{};
};
/// Closes this connection once everything before it has been written.
struct Close {};
/// Says end-of-file to the peer once everything before it has been written; reading goes on.
struct HalfClose {};

enum class FileMode : std::uint8_t {
    Read,    ///< an existing regular file
    Create,  ///< a new file under a temporary name; it appears under its path with CommitFile, or never
    Resume,  ///< as Create, but what is there stays for the next who resumes the same path with the same
             ///< token
};
/// Opens a file below the server's root. No path leaves it: neither "..", nor an absolute path, nor a
/// symbolic link.
struct OpenFile {
    RequestId request;
    std::string path;
    FileMode mode = FileMode::Read;
    std::uint64_t size = 0;  ///< of a file to be written: bytes in all, so that the host can refuse it now
    std::string token{};     ///< for Resume: tells one content of a path from another; is_resume_token()
};
inline constexpr std::size_t kResumeTokenDigits = 16;
/// Hexadecimal digits in lower case: the host knows by them which files are unfinished uploads.
[[nodiscard]] constexpr bool is_resume_token(std::string_view text) noexcept {
    return text.size() == kResumeTokenDigits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
struct ReadFile {
    RequestId request;
    FileId file;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
};
struct AppendFile {
    RequestId request;
    FileId file;
    ByteRange bytes;
};
/// Makes a created file appear under its path, at once and whole, replacing what was there; closes it.
struct CommitFile {
    RequestId request;
    FileId file;
};
/// Closes a file; one that was created and not committed leaves no trace, one to be resumed only with
/// `discard`.
struct CloseFile {
    FileId file;
    bool discard = false;
};
/// What is in a folder below the server's root, for FolderListed. Left out is what OpenFile refuses to read
/// (symbolic links, devices) and every name that begins with a dot.
struct ListFolder {
    RequestId request;
    std::string path;        ///< "": the root itself
    std::uint32_t most = 0;  ///< entries; with 0 it is only said whether it is a folder
};
/// Answered with HasRoom as soon as little enough is waiting to be sent: how a reply of any length is made
/// piece by piece, as its receiver reads.
struct WaitForRoom {
    RequestId request;
};
/// Runs command n of the server's fixed list, without a shell and without arguments from the peer.
struct RunCommand {
    RequestId request;
    std::uint32_t command = 0;
};

using Effect = std::variant<Reply, SendTo, Close, HalfClose, OpenFile, ReadFile, AppendFile, CommitFile,
                            CloseFile, ListFolder, RunCommand, WaitForRoom>;

/// The effects of one callback, in order.
class Effects {
  public:
    void reply(ByteSpan bytes) { list_.emplace_back(Reply{keep(bytes)}); }
    /// Room for a reply of `size` bytes, to be filled before the next call on this object.
    [[nodiscard]] MutableByteSpan reply(std::size_t size) {
        const ByteRange range = room(size);
        list_.emplace_back(Reply{range});
        return MutableByteSpan{bytes_}.subspan(range.begin, size);
    }
    void send_to(ConnectionKey to, ByteSpan bytes, std::optional<RequestId> request = std::nullopt) {
        list_.emplace_back(SendTo{to, keep(bytes), request});
    }
    void append_file(RequestId request, FileId file, ByteSpan bytes) {
        list_.emplace_back(AppendFile{request, file, keep(bytes)});
    }
    /// Any effect that carries no bytes.
    void add(Effect effect) { list_.push_back(std::move(effect)); }

    [[nodiscard]] const std::vector<Effect>& list() const noexcept { return list_; }
    [[nodiscard]] ByteSpan bytes(ByteRange range) const noexcept {
        return ByteSpan{bytes_}.subspan(range.begin, range.size());
    }
    /// Forgets everything and keeps the memory.
    void clear() noexcept {
        list_.clear();
        bytes_.clear();
    }

  private:
    ByteRange room(std::size_t size) {
        const std::uint64_t begin = bytes_.size();
        bytes_.resize(bytes_.size() + size);
        return {begin, begin + size};
    }
    ByteRange keep(ByteSpan bytes) {
        const std::uint64_t begin = bytes_.size();
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return {begin, begin + bytes.size()};
    }

    std::vector<Effect> list_;
    std::vector<std::byte> bytes_;
};

// ---- what came of them
// ------------------------------------------------------------------------------------------

struct FileOpened {
    FileId file;
    std::uint64_t size = 0;
    std::optional<std::int64_t> modified_ns{};  ///< since 1970, when the host knows
};
/// Fewer bytes than asked for: the file ends there. The bytes hold during the callback.
struct FileRead {
    ByteSpan bytes;
};
struct FileAppended {};
struct FileCommitted {};
struct FolderEntry {
    std::string name;
    bool is_folder = false;
    std::uint64_t size = 0;  ///< of a file
};
struct FolderListed {
    std::vector<FolderEntry> entries;  ///< by name
    bool more = false;                 ///< there is more than was asked for, and which is left out is chance
};
struct HasRoom {};
struct CommandEnded {
    int exit_code = 0;
    ByteSpan output;         ///< standard output; holds during the callback
    bool truncated = false;  ///< there was more than the host keeps
};
enum class Refusal : std::uint8_t {
    NotFound,     ///< no such file or connection
    NoRoom,       ///< the other connection does not read what it has been sent
    OutsideRoot,  ///< the path leaves the root, or there is no root
    NotAllowed,   ///< not a regular file, no permission, not on the list of commands
    NoSpace,
    TooLarge,  ///< more bytes than the server takes for one file
    TooMany,   ///< more files than the server takes from one connection
    TooLate,   ///< the file has been open for too long
    Busy,      ///< somebody else is writing it
    TooManyOpen,
    TooManyUnfinished,  ///< uploads that somebody may resume, in that folder
    UnknownFile,        ///< no such FileId, or opened for the other purpose
    Failed,             ///< anything else the system said
};
struct Refused {
    Refusal refusal = Refusal::Failed;
    int error = 0;  ///< errno, 0 when it was not the system
};
struct EffectResult {
    RequestId request;
    std::variant<FileOpened, FileRead, FileAppended, FileCommitted, FolderListed, CommandEnded, HasRoom,
                 Refused>
        outcome;
};

}  // namespace synscope::service
