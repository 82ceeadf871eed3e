#include "net/host/event_writer.hpp"

#include <unistd.h>

#include <cerrno>

#include "capture/pcapng/block_writer.hpp"
#include "capture/pcapng/event_codec.hpp"
#include "net/host/event_texts.hpp"

namespace synscope::host {

namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

}  // namespace

bool EventWriter::begin(int fd) {
    out_.clear();
    pcapng::append_section(out_, {"synscope", {}, {}});
    return hand_over(fd);
}

bool EventWriter::write(int fd, ByteSpan entries, std::uint32_t first_id, const PairedClock& clock) {
    clock_ = &clock;
    next_id_ = first_id;
    out_.clear();
    while (!entries.empty()) {
        const auto head = load_entry<EntryHead>(entries);
        expand(head, entries.subspan(sizeof head, head.size));
        entries = entries.subspan(sizeof head + head.size);
        if (out_.size() >= kPiece && !hand_over(fd)) return false;
    }
    return hand_over(fd);
}

void EventWriter::expand(const EntryHead& head, ByteSpan entry) {
    switch (head.kind) {
        case EntryKind::Event: {
            const auto length = load_entry<EventEntry>(entry).length;
            const ByteSpan block = entry.subspan(sizeof(EventEntry), length);
            out_.insert(out_.end(), block.begin(), block.end());
            ++next_id_;
            return;
        }
        case EntryKind::CallBegun:
            return begin_of(load_entry<CallEntry>(entry).begun);
        case EntryKind::CallEnded: {
            const auto call = load_entry<CallEntry>(entry);
            return end_of(call, call.beginning);
        }
        case EntryKind::CallMade: {
            const auto call = load_entry<CallEntry>(entry);
            const EventId beginning{next_id_};
            begin_of(call.begun);
            return end_of(call, beginning);
        }
        case EntryKind::Ready: {
            const auto ready = load_entry<ReadyEntry>(entry);
            return event(ready.at_ns, std::nullopt, ready.body);
        }
    }
}

void EventWriter::begin_of(const engine::CallBegun& begun) {
    event(begun.at_ns, std::nullopt, engine::entered_body(begun, file_name(begun.where.file)));
}

void EventWriter::end_of(const CallEntry& call, EventId beginning) {
    event(call.ended.at_ns, beginning, engine::returned_body(call.begun, call.ended));
}

void EventWriter::event(std::int64_t at_ns, std::optional<EventId> cause, const EventBody& body) {
    body_.clear();
    const Event whole{EventId{next_id_++}, clock_->wall(at_ns), ActorId{0}, cause, body};
    pcapng::encode_event(whole, Texts{files_}, body_);
    pcapng::append_block(out_, pcapng::kEventBlockType, body_);
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
    for (ByteSpan rest{out_}; !rest.empty();) {
        const ssize_t n = ::write(fd, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        rest = rest.subspan(static_cast<std::size_t>(n));
    }
    out_.clear();
    return true;
}

}  // namespace synscope::host
