#pragma once
// Many calls in one block: what a watched server has most of, a million a second, in a quarter of the bytes
// and the time that blocks of their own would take.
//
// The body is the version byte kPackVersion; a 32-bit little-endian count of records; the first event's id,
// the time from which the first record counts, and the actor, as in an event's body; then the records. Each
// begins with a byte: what it is in the two lowest bits, and above them what its fields are.
//
//   source file  its name; the files of a block are numbered from 0 in this order
//   call         two events, SyscallEntered and its SyscallReturned: thread unless as before, nanoseconds
//                since the time of the record before, nanoseconds that it took, call, descriptor, socket if
//                it has one, two arguments, file, line, result or -errno, and if it moved bytes where in the
//                stream they begin (how many is the result)
//   readiness    one event, ReadinessReported: thread unless as before, nanoseconds since the record before,
//                descriptor, socket, mask, how it was reported
//
// Ids count up by one; a return's cause is its entry. EventReader reads these blocks and those of single
// events. Thread rule: pure.

#include <array>
#include <optional>
#include <string_view>

#include "capture/pcapng/event_block.hpp"
#include "capture/pcapng/field_reader.hpp"

namespace synscope::pcapng {

inline constexpr std::uint8_t kPackVersion = 2;

/// The low bits of a record's first byte, and the flags above them.
enum class PackKind : std::uint8_t { SourceFile, Call, Readiness };
inline constexpr std::uint8_t kPackKindMask = 3;
inline constexpr std::uint8_t kPackHasSocket = 1u << 2;
inline constexpr std::uint8_t kPackMovedBytes = 1u << 3;
inline constexpr std::uint8_t kPackSameThread = 1u << 4;

struct PackedCall {
    Instant begun;
    Instant ended;
    Syscall call = Syscall::Socket;
    bool has_socket = false;
    bool moved = false;  ///< bytes of a stream, as many as `outcome` says
    std::int32_t fd = -1;
    SocketId socket;
    ThreadId thread;
    std::array<std::int64_t, 2> args{};
    const char* file = "";  ///< equal files are equal pointers
    std::uint32_t line = 0;
    std::int64_t outcome = 0;  ///< the result, or -errno
    std::uint64_t moved_from = 0;
};

/// Writes one block, record by record, into memory of the caller's.
class PackWriter {
  public:
    static constexpr std::size_t kMostFiles = 16;
    /// Bytes that begin(), a record without the name of its file, and end() take at most.
    static constexpr std::size_t kHeadRoom = kBlockHead + 5 + 3 * kMostVarintBytes;
    static constexpr std::size_t kRecordRoom = 2 + 14 * kMostVarintBytes;
    static constexpr std::size_t kEndRoom = 3 + kBlockTrailer;

    [[nodiscard]] bool open() const noexcept { return open_; }
    /// A call from one file more would have no place in the block.
    [[nodiscard]] bool full() const noexcept { return file_count_ == kMostFiles; }
    /// Each returns where the next byte goes.
    [[nodiscard]] std::byte* begin(std::byte* at, EventId first, Instant time, ActorId actor) {
        open_ = true;
        count_ = 0;
        file_count_ = 0;
        thread_.reset();
        time_ = time;
        std::byte* out = at + kBlockHead;
        *out = std::byte{kPackVersion};
        FieldWriter writer{out + 5, kNoTexts};
        writer(first);
        writer(time);
        writer(actor);
        return writer.end();
    }
    /// `name` is the file's; it has at most kMaxTextBytes.
    [[nodiscard]] std::byte* call(std::byte* at, const PackedCall& call, std::string_view name) {
        const std::size_t file = number_of(call.file);
        if (file == file_count_) at = source_file(at, call.file, name);
        std::byte* out = head(at, PackKind::Call, call.thread,
                              static_cast<std::uint8_t>((call.has_socket ? kPackHasSocket : 0) |
                                                        (call.moved ? kPackMovedBytes : 0)));
        FieldWriter writer{out, kNoTexts};
        since(writer, call.begun);
        writer(call.ended.ns - call.begun.ns);
        writer.number(static_cast<std::uint64_t>(call.call));
        writer(call.fd);
        if (call.has_socket) writer(call.socket);
        writer(call.args[0]);
        writer(call.args[1]);
        writer.number(file);
        writer(call.line);
        writer(call.outcome);
        if (call.moved) writer(call.moved_from);
        return writer.end();
    }
    [[nodiscard]] std::byte* readiness(std::byte* at, Instant when, const ReadinessReported& body) {
        FieldWriter writer{head(at, PackKind::Readiness, body.thread, 0), kNoTexts};
        since(writer, when);
        writer(body.fd);
        writer(body.socket);
        writer(body.mask);
        writer.number(static_cast<std::uint64_t>(body.via));
        return writer.end();
    }
    /// Completes the block that lies from `block` to `at`.
    [[nodiscard]] std::byte* end(std::byte* block, std::byte* at) {
        open_ = false;
        store_le32(MutableByteSpan{block + kBlockHead + 1, 4}, 0, count_);
        return close_block(block, at);
    }

  private:
    /// No field of a record is a text.
    struct NoTexts {
        [[nodiscard]] static std::string_view text(TextId /*id*/) { return {}; }
    };
    static constexpr NoTexts kNoTexts{};

    [[nodiscard]] std::size_t number_of(const char* file) const noexcept {
        std::size_t i = 0;
        while (i < file_count_ && files_[i] != file)
            ++i;
        return i;
    }
    [[nodiscard]] std::byte* source_file(std::byte* at, const char* file, std::string_view name) {
        ++count_;
        files_[file_count_++] = file;
        *at++ = static_cast<std::byte>(PackKind::SourceFile);
        at = put_varint(at, name.size());
        std::memcpy(at, name.data(), name.size());
        return at + name.size();
    }
    [[nodiscard]] std::byte* head(std::byte* at, PackKind kind, ThreadId thread, std::uint8_t flags) {
        ++count_;
        const bool same = thread_ == thread;
        thread_ = thread;
        *at++ =
            static_cast<std::byte>(static_cast<std::uint8_t>(kind) | flags | (same ? kPackSameThread : 0));
        return same ? at : put_varint(at, thread.value);
    }
    template <class Writer>
    void since(Writer& writer, Instant when) {
        writer(when.ns - time_.ns);
        time_ = when;
    }

    bool open_ = false;
    std::uint32_t count_ = 0;
    Instant time_;
    std::optional<ThreadId> thread_;
    std::size_t file_count_ = 0;
    std::array<const char*, kMostFiles> files_{};
};

/// The events of one block of type kEventBlockType, in their order.
///
///     EventReader events{body, texts};
///     while (const auto event = events.next()) use(*event);
///     if (events.fault()) ...            // what came before it was right
class EventReader {
  public:
    EventReader(ByteSpan body, TextInterner& texts);
    [[nodiscard]] std::optional<Event> next();
    [[nodiscard]] std::optional<EventFault> fault() const noexcept { return fault_; }

  private:
    void begin_pack();
    std::optional<Event> next_record();
    void read_call(std::uint8_t flags);
    void read_readiness(std::uint8_t flags);
    void read_thread(std::uint8_t flags);
    void read_step(Instant& time);
    void made(Instant at, std::optional<EventId> cause, EventBody body);
    std::optional<Event> failed(EventFault fault);

    ByteSpan body_;  ///< of a single event that was not read yet
    TextInterner& texts_;
    std::optional<EventFault> fault_;
    // Of a pack:
    FieldReader reader_;
    std::uint32_t left_ = 0;  ///< records
    std::uint32_t next_id_ = 0;
    Instant time_;
    ActorId actor_;
    ThreadId thread_;
    std::vector<TextId> files_;
    std::array<Event, 2> made_;  ///< of the record that was read last
    std::size_t made_count_ = 0;
    std::size_t given_ = 0;  ///< of made_
};

}  // namespace synscope::pcapng
