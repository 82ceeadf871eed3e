#include "net/host/event_sink.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "capture/pcapng/block_writer.hpp"
#include "capture/pcapng/event_codec.hpp"

namespace synscope::host {

namespace {

constexpr auto kFlushEvery = std::chrono::milliseconds{10};
constexpr Duration kPairEvery = Duration::seconds(1);

class Texts final : public pcapng::TextResolver {
  public:
    explicit Texts(const std::vector<std::string_view>& texts) : texts_(texts) {}
    std::string_view text(TextId id) const override {
        return id.value < texts_.size() ? texts_[id.value] : std::string_view{};
    }

  private:
    const std::vector<std::string_view>& texts_;
};

}  // namespace

EventSink::EventSink(int fd, ActorRole role, std::string_view name) : fd_(fd) {
    const std::int64_t now = engine::monotonic_ns();
    const TextId actor = intern(name);
    pcapng::append_section(block_, {"synscope", {}, {}});
    std::copy(block_.begin(), block_.end(), common_->bytes.begin());
    common_->used = block_.size();
    record(now, std::nullopt, ActorDeclared{role, actor, static_cast<std::uint32_t>(getpid())});
    record(now, std::nullopt, common_->clock.pairing());
}

void EventSink::start() {
    probe_ = std::make_unique<KernelProbe>(*this);
    thread_ = std::thread{[this] { run(); }};
}

EventSink::~EventSink() {
    probe_.reset();
    {
        const std::lock_guard lock{ending_mutex_};
        ending_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    flush_now();
}

EventId EventSink::emit(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body) {
    return record(at_monotonic_ns, cause, body);
}

EventId EventSink::record(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body) {
    for (;;) {
        {
            const std::lock_guard lock{common_->mutex};
            const Event event{EventId{common_->next_id}, common_->clock.wall(at_monotonic_ns), ActorId{0},
                              cause, body};
            if (try_record(event)) return event.id;
        }
        flush_now();
    }
}

/// False when there is no room. The last step, and only that, makes the block part of the stream: a process
/// may be killed anywhere in here.
bool EventSink::try_record(const Event& event) {
    Common& common = *common_;
    if (!common.reader_gone) {
        body_.clear();
        block_.clear();
        pcapng::encode_event(event, Texts{texts_}, body_);
        pcapng::append_block(block_, pcapng::kEventBlockType, body_);
        if (block_.size() > common.bytes.size() - common.used) return false;
        std::copy(block_.begin(), block_.end(), common.bytes.data() + common.used);
        common.used += block_.size();
    }
    ++common.next_id;
    return true;
}

TextId EventSink::intern(std::string_view text) {
    const std::lock_guard lock{common_->mutex};
    const auto [entry, added] =
        text_ids_.try_emplace(std::string{text}, TextId{static_cast<std::uint32_t>(texts_.size())});
    if (added) texts_.push_back(entry->first);
    return entry->second;
}

void EventSink::descriptor_gone(SocketId socket, const Endpoint& local, const Endpoint& remote,
                                std::optional<TcpState> last_state, std::optional<EventId> cause) {
    // Without samples nobody asked for the kernel's word; and CLOSED is its last one.
    if (!last_state || *last_state == TcpState::Closed) return;
    if (probe_ && !in_child_) return probe_->watch(socket, local, remote, last_state, cause);
    const std::lock_guard lock{common_->mutex};
    if (common_->gone_count < common_->gone.size())
        common_->gone[common_->gone_count++] = {socket, local, remote, last_state, cause};
}

void EventSink::before_fork() {
    common_->mutex.lock();
}

/// The child's copy of the lock is the very lock, and its holder is the parent.
void EventSink::after_fork(bool in_child) {
    if (in_child)
        in_child_ = true;
    else
        common_->mutex.unlock();
}

void EventSink::finish(Duration patience) {
    watch_gone();
    if (probe_) probe_->settle(patience);
    flush_now();
}

bool EventSink::connected() const {
    const std::lock_guard lock{common_->mutex};
    return !common_->reader_gone;
}

void EventSink::flush_now() {
    const std::lock_guard writing{common_->writing};
    std::vector<std::byte> bytes;
    {
        const std::lock_guard lock{common_->mutex};
        bytes.assign(common_->bytes.begin(),
                     common_->bytes.begin() + static_cast<std::ptrdiff_t>(common_->used));
        common_->used = 0;
    }
    for (ByteSpan rest{bytes}; !rest.empty();) {
        const ssize_t n = ::write(fd_, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const std::lock_guard lock{common_->mutex};
            common_->reader_gone = true;
            common_->used = 0;
            return;
        }
        rest = rest.subspan(static_cast<std::size_t>(n));
    }
}

/// Sockets of other processes, which the probe of this one follows.
void EventSink::watch_gone() {
    std::vector<GoneSocket> gone;
    {
        const std::lock_guard lock{common_->mutex};
        gone.assign(common_->gone.begin(),
                    common_->gone.begin() + static_cast<std::ptrdiff_t>(common_->gone_count));
        common_->gone_count = 0;
    }
    if (!probe_) return;
    for (const GoneSocket& g : gone)
        probe_->watch(g.socket, g.local, g.remote, g.last_state, g.cause);
}

void EventSink::run() {
    std::int64_t paired_ns = engine::monotonic_ns();
    std::unique_lock lock{ending_mutex_};
    while (!wake_.wait_for(lock, kFlushEvery, [this] { return ending_; })) {
        lock.unlock();
        if (const std::int64_t now = engine::monotonic_ns(); now - paired_ns >= kPairEvery.ns) {
            paired_ns = now;
            common_->mutex.lock();
            const ClockPaired pairing = common_->clock.pair_again();
            common_->mutex.unlock();
            record(pairing.monotonic_ns, std::nullopt, pairing);
        }
        watch_gone();
        flush_now();
        lock.lock();
    }
}

}  // namespace synscope::host
