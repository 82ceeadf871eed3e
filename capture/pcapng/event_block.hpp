#pragma once
// An event written straight into memory, as a body or as a whole block: for whoever makes a million a second.
// encode_event() is the same for everybody else.
//
//     const std::size_t room = event_block_room(body, texts);
//     ... `at` points to that much memory ...
//     std::byte* end = put_event_block(at, stamp, body, texts);
//
// `Resolver` is a TextResolver; one that is final costs no virtual call. Thread rule: pure.

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>
#include <variant>

#include "capture/pcapng/event_codec.hpp"
#include "capture/pcapng/event_fields.hpp"
#include "capture/pcapng/varint.hpp"

namespace synscope::pcapng {

/// What every event has beside its body.
struct EventStamp {
    EventId id;
    Instant at;
    ActorId actor;
    std::optional<EventId> cause;
};

/// How many bytes fields take at most.
template <class Resolver>
class FieldRoom {
  public:
    explicit FieldRoom(const Resolver& texts) : texts_(texts) {}
    template <class Field>
    void operator()(const Field& field) {
        if constexpr (std::is_same_v<Field, TextId>)
            bytes_ += kMostVarintBytes + std::min(texts_.text(field).size(), kMaxTextBytes);
        else if constexpr (std::is_same_v<Field, Endpoint>)
            bytes_ += 2 * kMostVarintBytes + field.address.octets.size();
        else if constexpr (std::is_same_v<Field, ByteRange>)
            bytes_ += 2 * kMostVarintBytes;
        else
            bytes_ += kMostVarintBytes;
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  private:
    const Resolver& texts_;
    std::size_t bytes_ = 0;
};

/// Writes fields one after the other, into memory that has room for them.
template <class Resolver>
class FieldWriter {
  public:
    FieldWriter(std::byte* at, const Resolver& texts) : at_(at), texts_(texts) {}
    [[nodiscard]] std::byte* end() const noexcept { return at_; }

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
        if (text.empty()) return;
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
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
            *at_++ = static_cast<std::byte>(e.address.octets[i]);
        number(e.port);
    }
    void number(std::uint64_t value) { at_ = put_varint(at_, value); }

  private:
    std::byte* at_;
    const Resolver& texts_;
};

/// Which alternative of EventBody it is.
template <class Body, std::size_t Kind = 0>
[[nodiscard]] constexpr std::size_t event_kind() noexcept {
    if constexpr (std::is_same_v<std::variant_alternative_t<Kind, EventBody>, Body>)
        return Kind;
    else
        return event_kind<Body, Kind + 1>();
}

template <class Body, class Resolver>
[[nodiscard]] std::size_t event_body_room(const Body& body, const Resolver& texts) {
    FieldRoom<Resolver> room{texts};
    visit_fields(body, room);
    return 1 + 5 * kMostVarintBytes + room.bytes();
}
/// Behind the body's last byte.
template <class Body, class Resolver>
[[nodiscard]] std::byte* put_event_body(std::byte* at, const EventStamp& stamp, const Body& body,
                                        const Resolver& texts) {
    *at++ = std::byte{kEventVersion};
    FieldWriter<Resolver> writer{at, texts};
    writer.number(event_kind<Body>());
    writer(stamp.id);
    writer(stamp.at);
    writer(stamp.actor);
    writer.number(stamp.cause ? std::uint64_t{stamp.cause->value} + 1 : 0);
    visit_fields(body, writer);
    return writer.end();
}

inline constexpr std::size_t kBlockHead = 8;     ///< type and length (draft section 3.1)
inline constexpr std::size_t kBlockTrailer = 4;  ///< the length again
/// Puts head and trailer around a block whose body ends at `end`; behind its last byte.
[[nodiscard]] inline std::byte* close_block(std::byte* at, std::byte* end) {
    while ((end - at) % 4 != 0)
        *end++ = std::byte{0};
    const auto length = static_cast<std::uint32_t>(static_cast<std::size_t>(end - at) + kBlockTrailer);
    const MutableByteSpan block{at, length};
    store_le32(block, 0, kEventBlockType);
    store_le32(block, 4, length);
    store_le32(block, length - kBlockTrailer, length);
    return end + kBlockTrailer;
}
template <class Body, class Resolver>
[[nodiscard]] std::size_t event_block_room(const Body& body, const Resolver& texts) {
    return kBlockHead + event_body_room(body, texts) + 3 + kBlockTrailer;
}
/// Behind the block's last byte.
template <class Body, class Resolver>
[[nodiscard]] std::byte* put_event_block(std::byte* at, const EventStamp& stamp, const Body& body,
                                         const Resolver& texts) {
    return close_block(at, put_event_body(at + kBlockHead, stamp, body, texts));
}

}  // namespace synscope::pcapng
