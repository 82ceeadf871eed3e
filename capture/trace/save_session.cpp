#include <unistd.h>

#include <string>

#include "capture/trace/safe_file.hpp"
#include "capture/trace/session.hpp"

namespace synscope::trace {

namespace {

constexpr std::size_t kBatch = 4096;  // events between two writes

}  // namespace

Result<void, UserError> write_session(const Store& store, int fd, const std::string& path) {
    SessionEncoder encoder{"Synscope"};
    for (std::size_t i = 0; i < store.interface_count(); ++i)
        encoder.interface(store.interface(InterfaceId{static_cast<std::uint16_t>(i)}));
    const std::size_t count = store.size();
    for (std::size_t i = 0; i < count; ++i) {
        encoder.event(store, store.event(EventId{static_cast<std::uint32_t>(i)}));
        if (i % kBatch == kBatch - 1 && !write_all(fd, encoder.take())) return failure(cannot_write(path));
    }
    if (!write_all(fd, encoder.take())) return failure(cannot_write(path));
    return {};
}

Result<void, UserError> save_session(const Store& store, const std::string& path) {
    if (path == "-") return write_session(store, STDOUT_FILENO, "standard output");
    auto file = SafeFile::create(path);
    if (!file) return failure(file.error());
    if (auto written = write_session(store, file->fd(), path); !written) return written;
    return file->commit();
}

}  // namespace synscope::trace
