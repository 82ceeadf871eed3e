#include "capture/pcapng/event_codec.hpp"

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "capture/pcapng/event_block.hpp"

namespace synscope::pcapng {

namespace {

/// Reads fields; after the first fault the rest are left as they are.
class FieldReader {
  public:
    FieldReader(ByteSpan bytes, TextInterner& texts) : bytes_(bytes), texts_(texts) {}

    template <class Int>
    requires std::is_integral_v<Int>
    void operator()(Int& value) {
        const std::uint64_t raw = number();
        if constexpr (std::is_signed_v<Int>) {
            const std::int64_t number = unzigzag(raw);
            if (number < std::numeric_limits<Int>::min() || number > std::numeric_limits<Int>::max())
                return malformed();
            value = static_cast<Int>(number);
        } else {
            if (raw > std::numeric_limits<Int>::max()) return malformed();
            value = static_cast<Int>(raw);
        }
    }
    template <class Enum>
    void operator()(Choice<Enum> choice) {
        const std::uint64_t raw = number();
        if (raw >= choice.count) return malformed();
        choice.value = static_cast<Enum>(raw);
    }
    template <class Tag, class Rep>
    void operator()(Id<Tag, Rep>& id) {
        (*this)(id.value);
    }
    void operator()(TextId& id) {
        const std::uint64_t size = number();
        if (fault_) return;
        if (size > kMaxTextBytes) return malformed();
        if (size > bytes_.size()) return truncated();
        std::string text;
        text.reserve(size);
        for (const std::byte b : bytes_.first(size))
            text.push_back(static_cast<char>(b));
        bytes_ = bytes_.subspan(size);
        id = texts_.intern(text);
    }
    void operator()(Duration& d) { (*this)(d.ns); }
    void operator()(Instant& t) {
        (*this)(t.ns);
        if (t.ns > kMaxInstantNs || t.ns < -kMaxInstantNs) malformed();
    }
    void operator()(ByteRange& r) {
        const std::uint64_t begin = number();
        const std::uint64_t size = number();
        if (size > std::numeric_limits<std::uint64_t>::max() - begin) return malformed();
        r = {begin, begin + size};
    }
    void operator()(Endpoint& e) {
        const std::uint64_t family = number();
        if (family != 0 && family != 4 && family != 6) return malformed();
        const std::size_t octets = family == 4 ? 4 : family == 6 ? 16 : 0;
        if (octets > bytes_.size()) return truncated();
        e.address = octets == 0 ? IpAddress{} : IpAddress::from_bytes(bytes_.first(octets));
        bytes_ = bytes_.subspan(octets);
        (*this)(e.port);
    }

    [[nodiscard]] std::optional<EventFault> fault() const noexcept { return fault_; }
    void malformed() {
        if (!fault_) fault_ = EventFault::Malformed;
    }

  private:
    std::uint64_t number() {
        if (fault_) return 0;
        const auto value = take_varint(bytes_);
        if (!value) truncated();
        return value.value_or(0);
    }
    void truncated() {
        if (!fault_) fault_ = EventFault::Truncated;
    }

    ByteSpan bytes_;
    TextInterner& texts_;
    std::optional<EventFault> fault_;
};

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
