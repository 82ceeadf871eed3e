#pragma once
// What EventSink gathers before it becomes pcapng: entries of plain memory, one after the other, each with a
// head that says what follows. Calls and readiness are kept as they are; everything else is kept as the
// block that it will be. All processes of a run have the same program in memory, so a pointer to
// the name of a source file means the same to all. Thread rule: values.

#include <cstring>
#include <type_traits>

#include "net/base/bytes.hpp"
#include "net/base/event.hpp"
#include "net/engine/observe.hpp"

namespace synscope::host {

enum class EntryKind : std::uint32_t {
    Event,  ///< EventEntry and the encoded fields behind it
    CallBegun,
    CallEnded,  ///< its beginning is an event of its own
    CallMade,   ///< two events: the beginning and the end
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
struct ReadyEntry {
    std::int64_t at_ns = 0;
    ReadinessReported body;
};

/// How many events an entry becomes.
[[nodiscard]] constexpr std::uint32_t events_of(EntryKind kind) noexcept {
    return kind == EntryKind::CallMade ? 2 : 1;
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
