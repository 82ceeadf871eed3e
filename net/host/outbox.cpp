#include "net/host/outbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace synscope::host {

namespace {

engine::UniqueFd make_wake() {
    return engine::UniqueFd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
}
void make_unreadable(const engine::UniqueFd& wake) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(wake.get(), &count, sizeof count);
}

}  // namespace

Outboxes::Outboxes() : wake_(make_wake()) {}

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
        if (!box.wake) woken_.push_back(to);
        engine::make_readable(box.wake ? box.wake : wake_);
    }
    box.messages.emplace_back(message.begin(), message.end());
    box.bytes += message.size();
    return Posted::Yes;
}

std::optional<int> Outboxes::wake_alone(SocketId connection) {
    const std::lock_guard lock{mutex_};
    const auto found = boxes_.find(connection);
    if (found == boxes_.end()) return std::nullopt;
    Box& box = found->second;
    if (!box.wake) box.wake = make_wake();
    if (!box.wake) return std::nullopt;
    if (!box.messages.empty())
        engine::make_readable(box.wake);  // left for it before anybody could be woken for it
    return box.wake.get();
}

std::vector<std::vector<std::byte>> Outboxes::take(SocketId connection) {
    const std::lock_guard lock{mutex_};
    const auto found = boxes_.find(connection);
    if (found == boxes_.end()) return {};
    found->second.bytes = 0;
    if (found->second.wake) make_unreadable(found->second.wake);
    return std::exchange(found->second.messages, {});
}

std::vector<SocketId> Outboxes::take_woken() {
    const std::lock_guard lock{mutex_};
    make_unreadable(wake_);
    return std::exchange(woken_, {});
}

}  // namespace synscope::host
