#include "sim/packetdrill/descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace synscope::packetdrill {

Descriptors::~Descriptors() {
    for (const auto& entry : entries_)
        ::close(entry.first);
}

std::optional<int> Descriptors::add(Entry entry) {
    const int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    // A number that the script closed behind our back may come again.
    entries_.insert_or_assign(fd, std::move(entry));
    return fd;
}

void Descriptors::remove(int fd) {
    entries_.erase(fd);
    for (auto& [number, entry] : entries_)
        if (auto* epoll = std::get_if<EpollDescriptor>(&entry)) epoll->watched.erase(fd);
    ::close(fd);
}

void Descriptors::wake(const std::vector<SocketId>& sockets) {
    if (sockets.empty()) return;
    for (auto& [number, entry] : entries_) {
        auto* epoll = std::get_if<EpollDescriptor>(&entry);
        if (epoll == nullptr) continue;
        for (auto& [fd, watched] : epoll->watched) {
            const auto* socket = find<SocketDescriptor>(fd);
            if (socket != nullptr &&
                std::find(sockets.begin(), sockets.end(), socket->socket) != sockets.end())
                watched.edge = true;
        }
    }
}

}  // namespace synscope::packetdrill
