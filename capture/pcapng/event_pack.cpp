#include "capture/pcapng/event_pack.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace synscope::pcapng {

EventReader::EventReader(ByteSpan body, TextInterner& texts) : texts_(texts), reader_({}, texts) {
    if (body.empty()) {
        fault_ = EventFault::Truncated;
    } else if (load_u8(body, 0) == kPackVersion) {
        body_ = body.subspan(1);
        begin_pack();
    } else {
        body_ = body;
    }
}

std::optional<Event> EventReader::next() {
    if (given_ < made_count_) return std::move(made_.at(given_++));
    if (fault_) return std::nullopt;
    if (body_.empty()) return next_record();
    auto event = decode_event(std::exchange(body_, {}), texts_);
    if (!event) return failed(event.error());
    return std::move(*event);
}

void EventReader::begin_pack() {
    const ByteSpan body = std::exchange(body_, {});
    if (body.size() < 4) {
        fault_ = EventFault::Truncated;
        return;
    }
    left_ = load_le32(body, 0);
    reader_ = FieldReader{body.subspan(4), texts_};
    reader_(next_id_);
    reader_(time_);
    reader_(actor_);
    fault_ = reader_.fault();
}

std::optional<Event> EventReader::next_record() {
    for (; left_ > 0 && !fault_; --left_) {
        made_count_ = given_ = 0;
        std::uint8_t head = 0;
        reader_.byte(head);
        const auto flags = static_cast<std::uint8_t>(head & ~kPackKindMask);
        if ((flags & ~(kPackHasSocket | kPackMovedBytes | kPackSameThread)) != 0)
            return failed(EventFault::Newer);
        switch (head & kPackKindMask) {
            case static_cast<std::uint8_t>(PackKind::SourceFile):
                reader_(files_.emplace_back());
                break;
            case static_cast<std::uint8_t>(PackKind::Call):
                read_call(flags);
                break;
            case static_cast<std::uint8_t>(PackKind::Readiness):
                read_readiness(flags);
                break;
            default:
                return failed(EventFault::Newer);
        }
        if (reader_.fault()) return failed(*reader_.fault());
        if (made_count_ == 0) continue;
        --left_;
        return std::move(made_.at(given_++));
    }
    return std::nullopt;
}

void EventReader::read_thread(std::uint8_t flags) {
    if ((flags & kPackSameThread) == 0) reader_(thread_);
}

/// A step of the clock, in nanoseconds.
void EventReader::read_step(Instant& time) {
    std::int64_t step = 0;
    reader_(step);
    if (step > kMaxInstantNs || step < -kMaxInstantNs) return reader_.malformed();
    time.ns += step;
    if (time.ns > kMaxInstantNs || time.ns < -kMaxInstantNs) reader_.malformed();
}

void EventReader::made(Instant at, std::optional<EventId> cause, EventBody body) {
    made_.at(made_count_++) = Event{EventId{next_id_}, at, actor_, cause, std::move(body)};
    if (next_id_ == std::numeric_limits<std::uint32_t>::max()) return reader_.malformed();
    ++next_id_;
}

void EventReader::read_call(std::uint8_t flags) {
    SyscallEntered entered;
    SyscallReturned returned;
    read_thread(flags);
    read_step(time_);
    Instant end = time_;
    read_step(end);
    reader_(Choice{entered.call, kSyscallCount});
    reader_(entered.fd);
    entered.has_socket = (flags & kPackHasSocket) != 0;
    if (entered.has_socket) reader_(entered.socket);
    reader_(entered.args[0]);
    reader_(entered.args[1]);
    std::uint32_t file = 0;
    reader_(file);
    reader_(entered.source.line);
    std::int64_t outcome = 0;
    reader_(outcome);
    if (file >= files_.size() || outcome < std::numeric_limits<std::int32_t>::min() + 1)
        return reader_.malformed();
    entered.thread = thread_;
    entered.source.file = files_[file];
    returned.call = entered.call;
    returned.fd = entered.fd;
    returned.has_socket = entered.has_socket;
    returned.socket = entered.socket;
    returned.thread = thread_;
    returned.result = outcome < 0 ? -1 : outcome;
    returned.error = outcome < 0 ? static_cast<std::int32_t>(-outcome) : 0;
    if ((flags & kPackMovedBytes) != 0) {
        reader_(returned.bytes.begin);
        const auto moved = static_cast<std::uint64_t>(std::max<std::int64_t>(outcome, 0));
        if (outcome < 0 || moved > std::numeric_limits<std::uint64_t>::max() - returned.bytes.begin)
            return reader_.malformed();
        returned.bytes.end = returned.bytes.begin + moved;
    }
    if (reader_.fault()) return;
    const EventId entry{next_id_};
    made(time_, std::nullopt, entered);
    made(end, entry, returned);
}

void EventReader::read_readiness(std::uint8_t flags) {
    ReadinessReported body;
    read_thread(flags);
    read_step(time_);
    reader_(body.fd);
    reader_(body.socket);
    reader_(body.mask);
    reader_(Choice{body.via, kReadinessViaCount});
    body.thread = thread_;
    if (!reader_.fault()) made(time_, std::nullopt, body);
}

std::optional<Event> EventReader::failed(EventFault fault) {
    fault_ = fault;
    made_count_ = given_ = 0;
    return std::nullopt;
}

}  // namespace synscope::pcapng
