#include "net/host/outbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace synscope::host {

Outboxes::Outboxes() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Outboxes::add(SocketId connection) {
    const std::lock_guard lock{mutex_};
    boxes_.try_emplace(connection);
}

void Outboxes::remove(SocketId connection) {
    const std::lock_guard lock{mutex_};
    boxes_.erase(connection);
}

Outboxes::Posted Outboxes::post(SocketId to, ByteSpan message) {
    const std::lock_guard lock{mutex_};
    const auto found = boxes_.find(to);
    if (found == boxes_.end()) return Posted::NoSuchConnection;
    Box& box = found->second;
    if (box.bytes + message.size() > kMostBytes) return Posted::Full;
    if (box.messages.empty()) {
        woken_.push_back(to);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
    }
    box.messages.emplace_back(message.begin(), message.end());
    box.bytes += message.size();
    return Posted::Yes;
}

std::vector<std::vector<std::byte>> Outboxes::take(SocketId connection) {
    const std::lock_guard lock{mutex_};
    const auto found = boxes_.find(connection);
    if (found == boxes_.end()) return {};
    found->second.bytes = 0;
    return std::exchange(found->second.messages, {});
}

std::vector<SocketId> Outboxes::take_woken() {
    const std::lock_guard lock{mutex_};
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(wake_.get(), &count, sizeof count);
    return std::exchange(woken_, {});
}

}  // namespace synscope::host
