#pragma once
// The files a session may use, all below one folder: the executor of the file effects of net/service.
//
// The kernel keeps paths inside (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS), not a comparison of
// strings. A created file has a temporary name beside its path until it is committed by rename, so nobody
// sees half of one; one that may be resumed keeps its name from one connection to the next, and is locked by
// whoever writes it. What is left unfinished is bounded in number and age: whoever begins a new upload first
// removes what is too old beside it (unfinished.hpp). Ownership: destroying it closes everything and removes
// what was neither committed nor may be resumed. Thread rule: one thread at a time.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/base/instant.hpp"
#include "net/engine/socket.hpp"
#include "net/service/effects.hpp"

namespace synscope::host {

/// What one connection may write, and what may stay unfinished for the next.
struct UploadLimits {
    std::uint64_t most_bytes = std::uint64_t{1} << 30;    ///< in one file
    std::uint32_t most_files = 1000;                      ///< in all
    Duration open_time = Duration::seconds(3600);         ///< from opening to the last byte of one file
    std::uint32_t most_unfinished = 100;                  ///< to be resumed, in one folder; a few more when
                                                          ///< several begin at the same moment
    Duration unfinished_time = Duration::seconds(86400);  ///< from when it was last written to; then it goes
};

class Files {
  public:
    static constexpr std::size_t kMostOpen = 16;

    /// `root_fd`: the folder, opened; -1 when the server has none. Not owned.
    explicit Files(int root_fd, const UploadLimits& limits = {}) noexcept
        : root_fd_(root_fd), limits_(limits) {}
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    ~Files();

    [[nodiscard]] service::EffectResult open(const service::OpenFile& effect);
    /// The bytes in the result hold until the next call.
    [[nodiscard]] service::EffectResult read(const service::ReadFile& effect);
    [[nodiscard]] service::EffectResult append(const service::AppendFile& effect, ByteSpan bytes);
    [[nodiscard]] service::EffectResult commit(const service::CommitFile& effect);
    void close(const service::CloseFile& effect);
    [[nodiscard]] service::EffectResult list(const service::ListFolder& effect);

  private:
    struct File {
        engine::UniqueFd fd;
        engine::UniqueFd folder;     ///< of a created file
        std::string temporary_name;  ///< in `folder`; empty for one that is read
        std::string name;
        bool resumable = false;  ///< stays under its temporary name
        std::uint64_t size = 0;  ///< written
        std::int64_t opened_ns = 0;
    };
    /// Why no more of it is taken; nothing when it is.
    [[nodiscard]] std::optional<service::Refused> why_not(const File& file, std::uint64_t more) const;
    service::EffectResult create(const service::OpenFile& effect);
    service::EffectResult keep(service::RequestId request, File file, std::uint64_t size);
    /// Makes the file of that temporary name, or opens what is there of it. Why not, else nothing.
    std::optional<service::Refused> open_temporary(File& file) const;
    static void forget(File& file);

    int root_fd_;
    UploadLimits limits_;
    std::uint32_t created_ = 0;
    std::uint32_t next_id_ = 1;
    std::unordered_map<service::FileId, File> open_;
    std::vector<std::byte> buffer_;
};

}  // namespace synscope::host
