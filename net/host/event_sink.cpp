#include "net/host/event_sink.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <new>
#include <utility>

#include "capture/pcapng/block_writer.hpp"
#include "capture/pcapng/event_codec.hpp"
#include "net/host/event_texts.hpp"

namespace synscope::host {

namespace {

constexpr auto kFlushEvery = std::chrono::milliseconds{10};
constexpr Duration kPairEvery = Duration::seconds(1);
constexpr std::size_t kStagedBytes = 16384;

/// The calling thread, from now on. Writing must not make the watched server wait, nor its clients, on the
/// last free processor: on two of them that cost twice what the writing itself does. When there is no room
/// left, the server waits for us, and so makes place. A system that has no such class runs us as any thread.
void run_when_nobody_else_does() noexcept {
    const sched_param none{};
    sched_setscheduler(0, SCHED_IDLE, &none);
}

}  // namespace

EventSink::EventSink(int fd, ActorRole role, std::string_view name) : fd_(fd) {
    const std::int64_t now = engine::monotonic_ns();
    const TextId actor = intern(name);
    common_->reader_gone = !writer_.begin(fd_);
    record(now, std::nullopt, ActorDeclared{role, actor, static_cast<std::uint32_t>(getpid())});
    record(now, std::nullopt, common_->clock.pairing());
}

void EventSink::start() {
    probe_ = std::make_unique<KernelProbe>(*this);
    thread_ = std::thread{[this] {
        run_when_nobody_else_does();
        run();
    }};
}

EventSink::~EventSink() {
    publish();
    {
        const std::lock_guard lock{ending_mutex_};
        ending_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    probe_.reset();  // which our thread used; its last events are written with the rest
    flush_now();
}

struct EventSink::Stage {
    EventSink* owner = nullptr;
    std::uint32_t events = 0;
    std::size_t used = 0;
    alignas(8) std::array<std::byte, kStagedBytes> bytes;
    /// The sink outlives the threads of an engine.
    ~Stage() {
        if (events > 0) owner->publish();
    }
};

EventSink::Stage& EventSink::own_stage() noexcept {
    thread_local Stage stage;
    return stage;
}

/// Made where it stays: a copy would wait for the stores it copies.
template <class Entry, class... Parts>
void EventSink::stage(EntryKind kind, const Parts&... parts) {
    static_assert(sizeof(Entry) % 8 == 0 && alignof(Entry) <= 8 && std::is_trivially_copyable_v<Entry>);
    constexpr std::size_t kSize = sizeof(EntryHead) + sizeof(Entry);
    Stage& own = own_stage();
    if (own.events > 0 && (own.owner != this || own.used + kSize > own.bytes.size())) own.owner->publish();
    own.owner = this;
    std::byte* const at = own.bytes.data() + own.used;
    new (at) EntryHead{kind, sizeof(Entry)};
    new (at + sizeof(EntryHead)) Entry{parts...};
    own.used += kSize;
    own.events += events_of(kind);
}

/// What this thread has gathered becomes part of the stream; the id of its last event.
EventId EventSink::publish() {
    Stage& own = own_stage();
    if (own.events == 0 || own.owner != this) return {};
    const std::uint32_t events = std::exchange(own.events, 0);
    const ByteSpan entries = ByteSpan{own.bytes}.first(std::exchange(own.used, 0));
    return EventId{append(entries, events).value + events - 1};
}

EventId EventSink::begin_call(const engine::CallBegun& begun) {
    stage<CallEntry>(EntryKind::CallBegun, begun, engine::CallEnded{}, EventId{});
    return publish();
}

std::optional<EventId> EventSink::end_call(const engine::CallBegun& begun, std::optional<EventId> event,
                                           const engine::CallEnded& ended, bool id_needed) {
    if (!event && ShortCallEntry::fits(begun, ended))
        stage<ShortCallEntry>(EntryKind::ShortCallMade, begun, ended);
    else
        stage<CallEntry>(event ? EntryKind::CallEnded : EntryKind::CallMade, begun, ended,
                         event.value_or(EventId{}));
    if (id_needed) return publish();
    return std::nullopt;
}

void EventSink::ready(std::int64_t at_monotonic_ns, const ReadinessReported& body) {
    stage<ReadyEntry>(EntryKind::Ready, at_monotonic_ns, body);
}

EventId EventSink::emit(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body) {
    publish();
    return record(at_monotonic_ns, cause, body);
}

EventId EventSink::record(std::int64_t at_monotonic_ns, std::optional<EventId> cause, const EventBody& body) {
    for (;;) {
        {
            const std::lock_guard lock{common_->mutex};
            const Half& half = common_->halves[common_->filling];
            EventId id{half.first_id + half.events};
            const Event event{id, common_->clock.wall(at_monotonic_ns), ActorId{0}, cause, body};
            fields_.clear();
            block_.clear();
            pcapng::encode_event(event, Texts{texts_}, fields_);
            pcapng::append_block(block_, pcapng::kEventBlockType, fields_);
            const EventEntry entry{static_cast<std::uint32_t>(block_.size()), 0};
            entry_.resize(entry_size(entry, block_.size()));
            put_entry(entry_, EntryKind::Event, entry, block_);
            if (try_append(entry_, 1, id)) return id;
        }
        flush_now();
    }
}

EventId EventSink::append(ByteSpan entries, std::uint32_t events) {
    for (;;) {
        {
            const std::lock_guard lock{common_->mutex};
            EventId first;
            if (try_append(entries, events, first)) return first;
        }
        flush_now();
    }
}

/// False when there is no room; `first` is the first event's id. The last steps, and only they, make the
/// entries part of the stream: a process may be killed anywhere in here.
bool EventSink::try_append(ByteSpan entries, std::uint32_t events, EventId& first) {
    Half& half = common_->halves[common_->filling];
    first = EventId{half.first_id + half.events};
    if (!common_->reader_gone) {
        if (entries.size() > half.bytes.size() - half.used) return false;
        std::copy(entries.begin(), entries.end(), half.bytes.data() + half.used);
        half.used += entries.size();
    }
    half.events += events;
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
    publish();  // or the child would publish it once more
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
    publish();
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
    common_->mutex.lock();
    const Half& full = common_->halves[common_->filling];
    common_->filling = 1 - common_->filling;
    Half& empty = common_->halves[common_->filling];
    empty.first_id = full.first_id + full.events;
    empty.events = 0;
    empty.used = 0;
    const PairedClock clock = common_->clock;
    const bool reader_gone = common_->reader_gone;
    common_->mutex.unlock();
    if (reader_gone || full.used == 0) return;
    if (writer_.write(fd_, ByteSpan{full.bytes}.first(full.used), full.first_id, clock)) return;
    const std::lock_guard lock{common_->mutex};
    common_->reader_gone = true;
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
