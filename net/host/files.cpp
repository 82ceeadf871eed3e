#include "net/host/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>

#include "net/base/text.hpp"
#include "net/host/unfinished.hpp"

namespace synscope::host {

using namespace service;

namespace {

constexpr std::uint32_t kMostRead = std::uint32_t{1} << 20;

engine::UniqueFd open_beneath(int root, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<__u64>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return engine::UniqueFd{static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how))};
}

Refused refused(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return {Refusal::NotFound, error};
        case EXDEV:
        case ELOOP:
            return {Refusal::OutsideRoot, error};
        case EACCES:
        case EPERM:
        case EISDIR:
            return {Refusal::NotAllowed, error};
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return {Refusal::NoSpace, error};
        case EMFILE:
        case ENFILE:
            return {Refusal::TooManyOpen, error};
        default:
            return {Refusal::Failed, error};
    }
}

}  // namespace

Files::~Files() {
    for (auto& [id, file] : open_)
        forget(file);
}

void Files::forget(File& file) {
    // One to be resumed of which nothing has come is none.
    if (!file.temporary_name.empty() && (!file.resumable || file.size == 0) &&
        is_same_file(file.folder.get(), file.temporary_name, file.fd.get()))
        ::unlinkat(file.folder.get(), file.temporary_name.c_str(), 0);
}

EffectResult Files::keep(RequestId request, File file, std::uint64_t size) {
    const FileId id{next_id_++};
    open_.emplace(id, std::move(file));
    return {request, FileOpened{id, size}};
}

EffectResult Files::open(const OpenFile& effect) {
    if (root_fd_ < 0) return {effect.request, Refused{Refusal::OutsideRoot, 0}};
    if (effect.path.empty() || effect.path.find('\0') != std::string::npos)
        return {effect.request, Refused{Refusal::NotFound, 0}};
    if (open_.size() >= kMostOpen) return {effect.request, Refused{Refusal::TooManyOpen, 0}};
    if (effect.mode != FileMode::Read) return create(effect);

    // Nonblocking, so that a FIFO below the root cannot hold the server up before we see what it is.
    File file;
    file.fd = open_beneath(root_fd_, effect.path, O_RDONLY | O_NONBLOCK);
    if (!file.fd) return {effect.request, refused(errno)};
    struct stat about {};
    if (::fstat(file.fd.get(), &about) != 0) return {effect.request, refused(errno)};
    if (!S_ISREG(about.st_mode)) return {effect.request, Refused{Refusal::NotAllowed, 0}};
    EffectResult result = keep(effect.request, std::move(file), static_cast<std::uint64_t>(about.st_size));
    std::get<FileOpened>(result.outcome).modified_ns =
        std::int64_t{about.st_mtim.tv_sec} * 1'000'000'000 + about.st_mtim.tv_nsec;
    return result;
}

EffectResult Files::create(const OpenFile& effect) {
    const auto slash = effect.path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : effect.path.substr(0, slash);
    File file;
    file.name = slash == std::string::npos ? effect.path : effect.path.substr(slash + 1);
    if (file.name.empty() || file.name == "." || file.name == "..")
        return {effect.request, Refused{Refusal::NotAllowed, 0}};
    if (folder.empty()) return {effect.request, Refused{Refusal::OutsideRoot, 0}};  // "/name"
    if (created_ >= limits_.most_files) return {effect.request, Refused{Refusal::TooMany, 0}};
    if (effect.size > limits_.most_bytes) return {effect.request, Refused{Refusal::TooLarge, 0}};
    file.folder = open_beneath(root_fd_, folder, O_PATH | O_DIRECTORY);
    if (!file.folder) return {effect.request, refused(errno)};

    static std::atomic<std::uint64_t> counter{0};
    file.resumable = effect.mode == FileMode::Resume;
    if (file.resumable && !is_resume_token(effect.token))
        return {effect.request, Refused{Refusal::NotAllowed, 0}};
    file.temporary_name = file.resumable ? resumable_name(file.name, effect.token)
                                         : concat(".", getpid(), "-", counter.fetch_add(1), kUnfinished);
    if (const auto why = open_temporary(file)) return {effect.request, *why};
    ++created_;
    const std::uint64_t size = file.size;
    return keep(effect.request, std::move(file), size);
}

std::optional<Refused> Files::open_temporary(File& file) const {
    // Reading a folder takes time: for files that do not stay, once in a connection is often enough.
    if (file.resumable || created_ == 0) {
        const auto others = sweep(file.folder.get(), limits_.unfinished_time, limits_.open_time);
        if (file.resumable && !others) return refused(EACCES);
        struct stat about {};
        const bool is_new =
            ::fstatat(file.folder.get(), file.temporary_name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0;
        if (file.resumable && is_new && *others >= limits_.most_unfinished)
            return Refused{Refusal::TooManyUnfinished, 0};
    }
    const int flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    file.fd = engine::UniqueFd{::openat(file.folder.get(), file.temporary_name.c_str(),
                                        file.resumable ? flags : flags | O_EXCL, 0600)};
    if (!file.fd) return refused(errno);
    // The lock goes with the descriptor. Two writers of one file would make a third content of it.
    if (!lock_unfinished(file.folder.get(), file.temporary_name, file.fd.get()))
        return Refused{Refusal::Busy, 0};
    struct stat about {};
    if (::fstat(file.fd.get(), &about) != 0) return refused(errno);
    if (!S_ISREG(about.st_mode)) return Refused{Refusal::NotAllowed, 0};
    // Its day begins anew.
    if (::futimens(file.fd.get(), nullptr) != 0) return refused(errno);
    file.opened_ns = engine::monotonic_ns();
    file.size = static_cast<std::uint64_t>(about.st_size);
    return std::nullopt;
}

EffectResult Files::read(const ReadFile& effect) {
    const auto found = open_.find(effect.file);
    if (found == open_.end() || (!found->second.temporary_name.empty() && !found->second.resumable))
        return {effect.request, Refused{Refusal::UnknownFile, 0}};
    buffer_.resize(std::min(effect.length, kMostRead));
    std::size_t have = 0;
    while (have < buffer_.size()) {
        const ssize_t n = ::pread(found->second.fd.get(), buffer_.data() + have, buffer_.size() - have,
                                  static_cast<off_t>(effect.offset + have));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return {effect.request, refused(errno)};
        if (n == 0) break;
        have += static_cast<std::size_t>(n);
    }
    return {effect.request, FileRead{ByteSpan{buffer_}.first(have)}};
}

EffectResult Files::append(const AppendFile& effect, ByteSpan bytes) {
    const auto found = open_.find(effect.file);
    if (found == open_.end() || found->second.temporary_name.empty())
        return {effect.request, Refused{Refusal::UnknownFile, 0}};
    if (const auto reason = why_not(found->second, bytes.size())) return {effect.request, *reason};
    found->second.size += bytes.size();
    while (!bytes.empty()) {
        const ssize_t n = ::write(found->second.fd.get(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return {effect.request, refused(errno)};
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {effect.request, FileAppended{}};
}

std::optional<Refused> Files::why_not(const File& file, std::uint64_t more) const {
    if (file.size + more > limits_.most_bytes) return Refused{Refusal::TooLarge, 0};
    if (engine::monotonic_ns() - file.opened_ns > limits_.open_time.ns) return Refused{Refusal::TooLate, 0};
    return std::nullopt;
}

EffectResult Files::commit(const CommitFile& effect) {
    const auto found = open_.find(effect.file);
    if (found == open_.end() || found->second.temporary_name.empty())
        return {effect.request, Refused{Refusal::UnknownFile, 0}};
    File& file = found->second;
    EffectResult result{effect.request, FileCommitted{}};
    if (const auto late = why_not(file, 0))
        result.outcome = *late;
    else if (!is_same_file(file.folder.get(), file.temporary_name, file.fd.get()))
        result.outcome = Refused{Refusal::NotFound, 0};  // taken away: that name is another file now
    else if (::renameat(file.folder.get(), file.temporary_name.c_str(), file.folder.get(),
                        file.name.c_str()) != 0)
        result.outcome = refused(errno);
    if (std::holds_alternative<Refused>(result.outcome)) forget(file);
    open_.erase(found);
    return result;
}

EffectResult Files::list(const ListFolder& effect) {
    if (root_fd_ < 0) return {effect.request, Refused{Refusal::OutsideRoot, 0}};
    if (effect.path.find('\0') != std::string::npos) return {effect.request, Refused{Refusal::NotFound, 0}};
    engine::UniqueFd folder =
        open_beneath(root_fd_, effect.path.empty() ? "." : effect.path, O_RDONLY | O_DIRECTORY);
    if (!folder) return {effect.request, refused(errno)};
    const std::unique_ptr<DIR, int (*)(DIR*)> entries{::fdopendir(folder.get()), &::closedir};
    if (!entries) return {effect.request, refused(errno)};
    const int fd = folder.release();  // the stream's
    FolderListed out;
    while (const dirent* entry = ::readdir(entries.get())) {
        struct stat about {};
        if (entry->d_name[0] == '.' || ::fstatat(fd, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        const bool is_folder = S_ISDIR(about.st_mode);
        if (!is_folder && !S_ISREG(about.st_mode)) continue;
        out.more = out.entries.size() >= effect.most;
        if (out.more) break;
        out.entries.push_back(
            {entry->d_name, is_folder, is_folder ? 0 : static_cast<std::uint64_t>(about.st_size)});
    }
    std::sort(out.entries.begin(), out.entries.end(),
              [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
    return {effect.request, std::move(out)};
}

void Files::close(const CloseFile& effect) {
    const auto found = open_.find(effect.file);
    if (found == open_.end()) return;
    if (effect.discard) found->second.resumable = false;
    forget(found->second);
    open_.erase(found);
}

}  // namespace synscope::host
