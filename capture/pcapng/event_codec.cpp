#include "capture/pcapng/event_codec.hpp"

#include <limits>
#include <utility>

#include "capture/pcapng/event_block.hpp"
#include "capture/pcapng/field_reader.hpp"

namespace synscope::pcapng {

namespace {

/// The n-th alternative of the variant, with its fields read.
template <std::size_t... Kinds>
bool read_body(std::size_t kind, EventBody& body, FieldReader& reader, std::index_sequence<Kinds...>) {
    const auto read_as = [&]<std::size_t Kind>(std::integral_constant<std::size_t, Kind>) {
        visit_fields(body.emplace<Kind>(), reader);
        return true;
    };
    return ((kind == Kinds && read_as(std::integral_constant<std::size_t, Kinds>{})) || ...);
}

}  // namespace

void encode_event(const Event& event, const TextResolver& texts, std::vector<std::byte>& out) {
    const EventStamp stamp{event.id, event.at, event.actor, event.cause};
    const std::size_t begin = out.size();
    const auto append = [&](const auto& body) {
        out.resize(begin + event_body_room(body, texts));
        const std::byte* end = put_event_body(out.data() + begin, stamp, body, texts);
        out.resize(static_cast<std::size_t>(end - out.data()));
    };
    std::visit(append, event.body);
}

Result<Event, EventFault> decode_event(ByteSpan body, TextInterner& texts) {
    if (body.empty()) return failure(EventFault::Truncated);
    if (load_u8(body, 0) != kEventVersion) return failure(EventFault::Newer);
    FieldReader reader{body.subspan(1), texts};
    Event event;
    std::uint32_t kind = 0;
    std::uint64_t cause = 0;
    reader(kind);
    if (!reader.fault() && kind >= kEventKindCount) return failure(EventFault::Newer);
    reader(event.id);
    reader(event.at);
    reader(event.actor);
    reader(cause);
    if (cause > std::uint64_t{std::numeric_limits<std::uint32_t>::max()} + 1) reader.malformed();
    if (cause > 0) event.cause = EventId{static_cast<std::uint32_t>(cause - 1)};
    if (reader.fault()) return failure(*reader.fault());
    read_body(kind, event.body, reader, std::make_index_sequence<kEventKindCount>{});
    if (reader.fault()) return failure(*reader.fault());
    return event;
}

}  // namespace synscope::pcapng
