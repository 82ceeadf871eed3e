#include "net/host/event_sink.hpp"

#include <unistd.h>

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
    {
        const std::lock_guard lock{mutex_};
        pcapng::append_section(buffer_, {"synscope", {}, {}});
        record(now, std::nullopt, ActorDeclared{role, actor, static_cast<std::uint32_t>(getpid())});
        record(now, std::nullopt, clock_.pairing());
    }
    probe_ = std::make_unique<KernelProbe>(*this);
    thread_ = std::thread{[this] { run(); }};
}

EventSink::~EventSink() {
    probe_.reset();
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
    flush_now();
}

EventId EventSink::record(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body) {
    const Event event{EventId{next_id_++}, clock_.wall(at_monotonic_ns), ActorId{0}, cause, body};
    if (!reader_gone_) {
        body_.clear();
        pcapng::encode_event(event, Texts{texts_}, body_);
        pcapng::append_block(buffer_, pcapng::kEventBlockType, body_);
    }
    return event.id;
}

EventId EventSink::emit(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body) {
    const std::lock_guard lock{mutex_};
    return record(at_monotonic_ns, cause, body);
}

TextId EventSink::intern(std::string_view text) {
    const std::lock_guard lock{mutex_};
    const auto [entry, added] =
        text_ids_.try_emplace(std::string{text}, TextId{static_cast<std::uint32_t>(texts_.size())});
    if (added) texts_.push_back(entry->first);
    return entry->second;
}

void EventSink::descriptor_gone(SocketId socket, const Endpoint& local, const Endpoint& remote,
                                std::optional<TcpState> last_state, std::optional<EventId> cause) {
    // Without samples nobody asked for the kernel's word; and CLOSED is its last one.
    if (last_state && *last_state != TcpState::Closed)
        probe_->watch(socket, local, remote, last_state, cause);
}

void EventSink::finish(Duration patience) {
    probe_->settle(patience);
    flush_now();
}

bool EventSink::connected() const {
    const std::lock_guard lock{mutex_};
    return !reader_gone_;
}

void EventSink::flush_now() {
    const std::lock_guard writing{write_mutex_};
    std::vector<std::byte> bytes;
    {
        const std::lock_guard lock{mutex_};
        bytes.swap(buffer_);
    }
    for (ByteSpan rest{bytes}; !rest.empty();) {
        const ssize_t n = ::write(fd_, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const std::lock_guard lock{mutex_};
            reader_gone_ = true;
            buffer_.clear();
            return;
        }
        rest = rest.subspan(static_cast<std::size_t>(n));
    }
}

void EventSink::run() {
    std::int64_t paired_ns = engine::monotonic_ns();
    std::unique_lock lock{mutex_};
    while (!ending_) {
        wake_.wait_for(lock, kFlushEvery, [this] { return ending_; });
        if (const std::int64_t now = engine::monotonic_ns(); now - paired_ns >= kPairEvery.ns) {
            paired_ns = now;
            const ClockPaired pairing = clock_.pair_again();
            record(pairing.monotonic_ns, std::nullopt, pairing);
        }
        if (buffer_.empty()) continue;
        lock.unlock();
        flush_now();
        lock.lock();
    }
}

}  // namespace synscope::host
