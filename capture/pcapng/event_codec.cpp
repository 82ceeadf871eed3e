#include "capture/pcapng/event_codec.hpp"

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "capture/pcapng/event_fields.hpp"
#include "capture/pcapng/varint.hpp"

namespace synscope::pcapng {

namespace {

/// Writes fields one after the other. Numbers gather in a small buffer: a watched server makes a million
/// events a second, and growing a vector by the byte would be most of the work.
class FieldWriter {
  public:
    FieldWriter(std::vector<std::byte>& out, const TextResolver& texts) : out_(out), texts_(texts) {}
    FieldWriter(const FieldWriter&) = delete;
    FieldWriter& operator=(const FieldWriter&) = delete;
    ~FieldWriter() { hand_over(); }

    template <class Int>
    requires std::is_integral_v<Int>
    void operator()(const Int& value) {
        if constexpr (std::is_signed_v<Int>)
            number(zigzag(value));
        else
            number(value);
    }
    template <class Enum>
    void operator()(Choice<const Enum> choice) {
        number(static_cast<std::uint64_t>(choice.value));
    }
    template <class Tag, class Rep>
    void operator()(const Id<Tag, Rep>& id) {
        number(id.value);
    }
    void operator()(const TextId& id) {
        const std::string_view text = texts_.text(id).substr(0, kMaxTextBytes);
        number(text.size());
        hand_over();
        const ByteSpan bytes = std::as_bytes(std::span{text.data(), text.size()});
        out_.insert(out_.end(), bytes.begin(), bytes.end());
    }
    void operator()(const Duration& d) { (*this)(d.ns); }
    void operator()(const Instant& t) { (*this)(t.ns); }
    void operator()(const ByteRange& r) {
        number(r.begin);
        number(r.end - r.begin);
    }
    void operator()(const Endpoint& e) {
        number(e.address.family);
        const std::size_t octets = e.address.family == 4 ? 4 : e.address.family == 6 ? 16 : 0;
        for (std::size_t i = 0; i < octets; ++i)
            byte(e.address.octets[i]);
        number(e.port);
    }
    void byte(std::uint8_t value) {
        if (used_ == buffer_.size()) hand_over();
        buffer_[used_++] = static_cast<std::byte>(value);
    }
    void number(std::uint64_t value) {
        if (buffer_.size() - used_ < kMostVarintBytes) hand_over();
        used_ = static_cast<std::size_t>(put_varint(buffer_.data() + used_, value) - buffer_.data());
    }

  private:
    void hand_over() {
        out_.insert(out_.end(), buffer_.data(), buffer_.data() + used_);
        used_ = 0;
    }

    std::vector<std::byte>& out_;
    const TextResolver& texts_;
    std::size_t used_ = 0;
    std::array<std::byte, 256> buffer_;
};

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
    FieldWriter writer{out, texts};
    writer.byte(kEventVersion);
    writer.number(event.body.index());
    writer(event.id);
    writer(event.at);
    writer(event.actor);
    writer.number(event.cause ? std::uint64_t{event.cause->value} + 1 : 0);
    std::visit([&](const auto& body) { visit_fields(body, writer); }, event.body);
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
