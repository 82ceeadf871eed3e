#include "capture/trace/spool.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace synscope::trace {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 20;
constexpr std::size_t kReserveStep = std::size_t{4} << 20;

std::string temporary_folder() {
    const char* named = std::getenv("TMPDIR");
    return named != nullptr && *named != '\0' ? named : "/tmp";
}

/// A file that has no name: where the file system cannot make one, the name is taken away at once.
int open_nameless(const std::string& folder) {
    const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
    std::string path = folder + "/synscope.XXXXXX";
    const int named = mkostemp(path.data(), O_CLOEXEC);
    if (named >= 0) ::unlink(path.c_str());
    return named;
}

}  // namespace

Spool::~Spool() {
    for (const Piece& piece : pieces_)
        munmap(piece.data, piece.size);
    if (fd_ >= 0) ::close(fd_);
}

Result<void, OsError> Spool::open() {
    const std::string folder = temporary_folder();
    fd_ = open_nameless(folder);
    if (fd_ < 0) return failure(OsError{"open", errno, folder});
    return {};
}

Result<void, OsError> Spool::add_piece(std::size_t size) {
    const std::size_t offset = pieces_.empty() ? 0 : file_offset_ + pieces_.back().size;
    if (ftruncate(fd_, static_cast<off_t>(offset + size)) != 0)
        return failure(OsError{"ftruncate", errno, temporary_folder()});
    void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, static_cast<off_t>(offset));
    if (data == MAP_FAILED) return failure(OsError{"mmap", errno, temporary_folder()});
    pieces_.push_back({static_cast<std::byte*>(data), size});
    file_offset_ = offset;
    used_ = 0;
    reserved_ = 0;
    return {};
}

Result<void, OsError> Spool::reserve(std::size_t until) {
    if (until <= reserved_) return {};
    const std::size_t end =
        std::min(pieces_.back().size, (until + kReserveStep - 1) / kReserveStep * kReserveStep);
    int error = EINTR;
    while (error == EINTR)
        error = posix_fallocate(fd_, static_cast<off_t>(file_offset_ + reserved_),
                                static_cast<off_t>(end - reserved_));
    if (error != 0) return failure(OsError{"posix_fallocate", error, temporary_folder()});
    reserved_ = end;
    return {};
}

Result<ByteSpan, OsError> Spool::keep(ByteSpan bytes) {
    if (bytes.empty()) return ByteSpan{};
    if (fd_ < 0) {
        if (auto opened = open(); !opened) return failure(opened.error());
    }
    if (pieces_.empty() || bytes.size() > pieces_.back().size - used_) {
        const std::size_t size =
            (std::max(kPieceBytes, bytes.size()) + kReserveStep - 1) / kReserveStep * kReserveStep;
        if (auto added = add_piece(size); !added) return failure(added.error());
    }
    if (auto reserved = reserve(used_ + bytes.size()); !reserved) return failure(reserved.error());
    std::byte* place = pieces_.back().data + used_;
    std::memcpy(place, bytes.data(), bytes.size());
    used_ += bytes.size();
    return ByteSpan{place, bytes.size()};
}

}  // namespace synscope::trace
