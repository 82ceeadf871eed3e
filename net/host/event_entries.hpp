#pragma once
// What EventSink gathers before it becomes pcapng: entries of plain memory, one after the other, each with a
// head that says what follows. Calls and readiness are kept as they are; everything else is kept as the
// block that it will be. All processes of a run have the same program in memory, so a pointer to
// the name of a source file means the same to all. Thread rule: values.

#include <cstring>
#include <type_traits>
#include <utility>

#include "net/base/bytes.hpp"
#include "net/base/event.hpp"
#include "net/engine/observe.hpp"

namespace synscope::host {

enum class EntryKind : std::uint32_t {
    Event,  ///< EventEntry and the encoded fields behind it
    CallBegun,
    CallEnded,      ///< its beginning is an event of its own
    CallMade,       ///< two events: the beginning and the end
    ShortCallMade,  ///< the same in half the memory, where it fits
    Ready,
};
struct EntryHead {
    EntryKind kind = EntryKind::Event;
    std::uint32_t size = 0;  ///< of what follows, a multiple of 8
};

struct EventEntry {
    std::uint32_t length = 0;  ///< of the block behind it
    std::uint32_t unused = 0;
};
struct CallEntry {
    engine::CallBegun begun;
    engine::CallEnded ended;
    EventId beginning;  ///< of a CallEnded entry
};
/// Both ends of a call in 56 bytes. What does not fit is a CallEntry.
struct ShortCallEntry {
    std::int64_t begun_ns = 0;
    const char* file = "";
    std::uint64_t moved_from = 0;  ///< where in the stream the bytes begin, if `moved`
    std::uint32_t took_ns = 0;
    std::int32_t outcome = 0;  ///< the result, or errno with a minus
    std::int32_t first_arg = 0;
    std::int32_t second_arg = 0;
    std::int32_t fd = -1;
    SocketId socket;
    ThreadId thread;
    std::uint16_t line = 0;
    Syscall call = Syscall::Socket;
    bool has_socket : 1 = false;
    bool moved : 1 = false;  ///< as many bytes as the outcome says

    [[nodiscard]] static bool fits(const engine::CallBegun& begun, const engine::CallEnded& ended) noexcept {
        const bool failed = ended.error > 0 && ended.result == -1;
        const bool succeeded =
            ended.error == 0 && ended.result >= 0 && std::in_range<std::int32_t>(ended.result);
        const bool bytes_fit =
            ended.bytes.empty() ? ended.bytes.begin == 0 : std::cmp_equal(ended.bytes.size(), ended.result);
        return (failed || succeeded) && bytes_fit &&
               std::in_range<std::uint32_t>(ended.at_ns - begun.at_ns) &&
               std::in_range<std::int32_t>(begun.args[0]) && std::in_range<std::int32_t>(begun.args[1]) &&
               std::in_range<std::uint16_t>(begun.where.line);
    }
    ShortCallEntry() = default;
    ShortCallEntry(const engine::CallBegun& begun, const engine::CallEnded& ended) noexcept
        : begun_ns(begun.at_ns),
          file(begun.where.file),
          moved_from(ended.bytes.begin),
          took_ns(static_cast<std::uint32_t>(ended.at_ns - begun.at_ns)),
          outcome(ended.error > 0 ? -ended.error : static_cast<std::int32_t>(ended.result)),
          first_arg(static_cast<std::int32_t>(begun.args[0])),
          second_arg(static_cast<std::int32_t>(begun.args[1])),
          fd(begun.fd),
          socket(begun.socket),
          thread(begun.thread),
          line(static_cast<std::uint16_t>(begun.where.line)),
          call(begun.call),
          has_socket(begun.has_socket),
          moved(!ended.bytes.empty()) {}
};
static_assert(sizeof(ShortCallEntry) == 56);
struct ReadyEntry {
    std::int64_t at_ns = 0;
    ReadinessReported body;
};

/// How many events an entry becomes.
[[nodiscard]] constexpr std::uint32_t events_of(EntryKind kind) noexcept {
    return kind == EntryKind::CallMade || kind == EntryKind::ShortCallMade ? 2 : 1;
}

/// Bytes that an entry takes, head and padding included.
template <class Entry>
[[nodiscard]] constexpr std::size_t entry_size(const Entry& entry, std::size_t tail = 0) noexcept {
    return sizeof(EntryHead) + (sizeof entry + tail + 7) / 8 * 8;
}
/// Puts an entry at the front of `out`, which must have room for it.
template <class Entry>
void put_entry(MutableByteSpan out, EntryKind kind, const Entry& entry, ByteSpan tail = {}) noexcept {
    static_assert(std::is_trivially_copyable_v<Entry>, "it goes through shared memory");
    const EntryHead head{kind,
                         static_cast<std::uint32_t>(entry_size(entry, tail.size()) - sizeof(EntryHead))};
    std::memcpy(out.data(), &head, sizeof head);
    std::memcpy(out.data() + sizeof head, &entry, sizeof entry);
    if (!tail.empty()) std::memcpy(out.data() + sizeof head + sizeof entry, tail.data(), tail.size());
}

template <class Entry>
[[nodiscard]] Entry load_entry(ByteSpan bytes) {
    Entry entry;
    std::memcpy(&entry, bytes.data(), sizeof entry);
    return entry;
}

}  // namespace synscope::host
