#pragma once
// The files a session may use, all below one folder: the executor of the file effects of net/service.
//
// The kernel keeps paths inside (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS), not a comparison of
// strings. A created file has a temporary name beside its path until it is committed by rename, so nobody
// sees half of one. Ownership: destroying it closes everything and removes what was not committed. Thread
// rule: one thread at a time.

#include <string>
#include <unordered_map>
#include <vector>

#include "net/engine/socket.hpp"
#include "net/service/effects.hpp"

namespace synscope::host {

class Files {
  public:
    static constexpr std::size_t kMostOpen = 16;

    /// `root_fd`: the folder, opened; -1 when the server has none. Not owned.
    explicit Files(int root_fd) noexcept : root_fd_(root_fd) {}
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    ~Files();

    [[nodiscard]] service::EffectResult open(const service::OpenFile& effect);
    /// The bytes in the result hold until the next call.
    [[nodiscard]] service::EffectResult read(const service::ReadFile& effect);
    [[nodiscard]] service::EffectResult append(const service::AppendFile& effect, ByteSpan bytes);
    [[nodiscard]] service::EffectResult commit(const service::CommitFile& effect);
    void close(const service::CloseFile& effect);

  private:
    struct File {
        engine::UniqueFd fd;
        engine::UniqueFd folder;     ///< of a created file
        std::string temporary_name;  ///< in `folder`; empty for one that is read
        std::string name;
    };
    service::EffectResult create(const service::OpenFile& effect);
    service::EffectResult keep(service::RequestId request, File file, std::uint64_t size);
    static void forget(File& file);

    int root_fd_;
    std::uint32_t next_id_ = 1;
    std::unordered_map<service::FileId, File> open_;
    std::vector<std::byte> buffer_;
};

}  // namespace synscope::host
