#include "net/host/event_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "capture/pcapng/block_writer.hpp"
#include "capture/pcapng/event_block.hpp"
#include "net/host/event_texts.hpp"

namespace synscope::host {

namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::size_t kMostPack = std::size_t{32} << 10;

}  // namespace

bool EventWriter::begin(int fd) {
    out_.clear();
    pcapng::append_section(out_, {"synscope", {}, {}});
    used_ = out_.size();
    return hand_over(fd);
}

bool EventWriter::write(int fd, ByteSpan entries, std::uint32_t first_id, const PairedClock& clock) {
    clock_ = &clock;
    next_id_ = first_id;
    used_ = 0;
    while (!entries.empty()) {
        const auto head = load_entry<EntryHead>(entries);
        expand(head, entries.subspan(sizeof head, head.size));
        entries = entries.subspan(sizeof head + head.size);
        if (used_ >= kPiece && !hand_over(fd)) return false;
    }
    return hand_over(fd);
}

void EventWriter::expand(const EntryHead& head, ByteSpan entry) {
    if (head.kind == EntryKind::ShortCallMade) return pack(load_entry<ShortCallEntry>(entry));
    if (head.kind == EntryKind::Ready) return pack(load_entry<ReadyEntry>(entry));
    close_pack();
    switch (head.kind) {
        case EntryKind::Event: {
            const auto length = load_entry<EventEntry>(entry).length;
            const ByteSpan block = entry.subspan(sizeof(EventEntry), length);
            std::copy(block.begin(), block.end(), room(length));
            used_ += length;
            ++next_id_;
            return;
        }
        case EntryKind::CallBegun:
            return begin_of(load_entry<CallEntry>(entry).begun);
        case EntryKind::CallEnded: {
            const auto call = load_entry<CallEntry>(entry);
            return end_of(call.begun, call.ended, call.beginning);
        }
        case EntryKind::CallMade: {
            const auto call = load_entry<CallEntry>(entry);
            return whole_call(call.begun, call.ended);
        }
        case EntryKind::ShortCallMade:
        case EntryKind::Ready:
            return;
    }
}

void EventWriter::pack(const ShortCallEntry& call) {
    const std::string_view name = name_of(call.file);
    std::byte* at = pack_room(call.begun_ns, name.size());
    const pcapng::PackedCall packed{clock_->wall(call.begun_ns),
                                    clock_->wall(call.begun_ns + call.took_ns),
                                    call.call,
                                    call.has_socket,
                                    call.moved,
                                    call.fd,
                                    call.socket,
                                    call.thread,
                                    {call.first_arg, call.second_arg},
                                    call.file,
                                    call.line,
                                    call.outcome,
                                    call.moved_from};
    used_ = static_cast<std::size_t>(pack_.call(at, packed, name) - out_.data());
    next_id_ += events_of(EntryKind::ShortCallMade);
}

void EventWriter::pack(const ReadyEntry& ready) {
    std::byte* at = pack_room(ready.at_ns);
    used_ =
        static_cast<std::size_t>(pack_.readiness(at, clock_->wall(ready.at_ns), ready.body) - out_.data());
    next_id_ += events_of(EntryKind::Ready);
}

std::byte* EventWriter::pack_room(std::int64_t at_ns, std::size_t name) {
    if (pack_.open() && (pack_.full() || used_ - pack_at_ >= kMostPack)) close_pack();
    if (!pack_.open()) {
        pack_at_ = used_;
        std::byte* at = room(pcapng::PackWriter::kHeadRoom);
        used_ = static_cast<std::size_t>(pack_.begin(at, EventId{next_id_}, clock_->wall(at_ns), ActorId{0}) -
                                         out_.data());
    }
    return room(pcapng::PackWriter::kRecordRoom + name + pcapng::PackWriter::kEndRoom);
}

void EventWriter::close_pack() {
    if (!pack_.open()) return;
    used_ = static_cast<std::size_t>(pack_.end(out_.data() + pack_at_, out_.data() + used_) - out_.data());
}

void EventWriter::begin_of(const engine::CallBegun& begun) {
    event(begun.at_ns, std::nullopt, engine::entered_body(begun, file_name(begun.where.file)));
}

void EventWriter::end_of(const engine::CallBegun& begun, const engine::CallEnded& ended, EventId beginning) {
    event(ended.at_ns, beginning, engine::returned_body(begun, ended));
}

void EventWriter::whole_call(const engine::CallBegun& begun, const engine::CallEnded& ended) {
    const EventId beginning{next_id_};
    begin_of(begun);
    end_of(begun, ended, beginning);
}

template <class Body>
void EventWriter::event(std::int64_t at_ns, std::optional<EventId> cause, const Body& body) {
    const Texts files{files_};
    std::byte* at = room(pcapng::event_block_room(body, files));
    const pcapng::EventStamp stamp{EventId{next_id_++}, clock_->wall(at_ns), ActorId{0}, cause};
    used_ += static_cast<std::size_t>(pcapng::put_event_block(at, stamp, body, files) - at);
}

std::byte* EventWriter::room(std::size_t bytes) {
    if (out_.size() < used_ + bytes) out_.resize(used_ + std::max(bytes, kPiece));
    return out_.data() + used_;
}

TextId EventWriter::file_name(const char* file) {
    if (last_file_.first == file) return last_file_.second;
    const auto [entry, added] =
        file_ids_.try_emplace(file, TextId{static_cast<std::uint32_t>(files_.size())});
    if (added) files_.push_back(engine::source_name(file));
    last_file_ = {entry->first, entry->second};
    return entry->second;
}

bool EventWriter::hand_over(int fd) {
    close_pack();
    for (ByteSpan rest = ByteSpan{out_}.first(used_); !rest.empty();) {
        const ssize_t n = ::write(fd, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        rest = rest.subspan(static_cast<std::size_t>(n));
    }
    used_ = 0;
    return true;
}

}  // namespace synscope::host
