#include "capture/pcapng/event_codec.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "capture/pcapng/block_writer.hpp"
#include "capture/pcapng/event_block.hpp"
#include "capture/pcapng/event_fields.hpp"

namespace synscope::pcapng {
namespace {

class Texts final : public TextResolver, public TextInterner {
  public:
    TextId intern(std::string_view text) override {
        for (std::uint32_t i = 0; i < all.size(); ++i)
            if (all[i] == text) return TextId{i};
        all.emplace_back(text);
        return TextId{static_cast<std::uint32_t>(all.size() - 1)};
    }
    std::string_view text(TextId id) const override { return all.at(id.value); }
    std::vector<std::string> all;
};

/// Gives every field a value of its own, so that a field that is lost or swapped shows.
struct Filler {
    Texts& texts;
    std::uint64_t next;
    template <class Int>
    requires std::is_integral_v<Int>
    void operator()(Int& v) {
        if constexpr (std::is_same_v<Int, bool>)
            v = true;
        else
            v = static_cast<Int>(std::is_signed_v<Int> ? -static_cast<std::int64_t>(next)
                                                       : static_cast<std::int64_t>(next));
        next += 37;
    }
    template <class Enum>
    void operator()(Choice<Enum> c) {
        c.value = static_cast<Enum>(c.count - 1);
    }
    template <class Tag, class Rep>
    void operator()(Id<Tag, Rep>& id) {
        (*this)(id.value);
    }
    void operator()(TextId& id) { id = texts.intern("text " + std::to_string(next++)); }
    void operator()(Duration& d) { (*this)(d.ns); }
    void operator()(Instant& t) { (*this)(t.ns); }
    void operator()(ByteRange& r) { r = {next, next + 5}, next += 300; }
    void operator()(Endpoint& e) {
        e = next++ % 2 == 0 ? Endpoint{IpAddress::v4(0x7f000001), 80}
                            : *Endpoint::parse("[2001:db8::7]:65535");
    }
};

template <std::size_t Kind>
EventBody filled(Texts& texts) {
    EventBody body;
    Filler filler{texts, 3};
    visit_fields(body.emplace<Kind>(), filler);
    return body;
}
template <std::size_t... Kinds>
std::vector<EventBody> one_of_each(Texts& texts, std::index_sequence<Kinds...>) {
    return {filled<Kinds>(texts)...};
}
std::vector<Event> events(Texts& texts) {
    std::vector<Event> all;
    for (const EventBody& body : one_of_each(texts, std::make_index_sequence<kEventKindCount>{})) {
        const auto n = static_cast<std::uint32_t>(all.size());
        all.push_back({EventId{n + 1000}, Instant{std::int64_t{n} - 5}, ActorId{65535}, {}, body});
        if (n % 2 == 0) all.back().cause = EventId{n};
    }
    return all;
}

TEST(EventCodec, EveryKindComesBackEqual) {
    Texts texts;
    for (const Event& event : events(texts)) {
        std::vector<std::byte> bytes;
        encode_event(event, texts, bytes);
        const auto back = decode_event(bytes, texts);
        ASSERT_TRUE(back) << event_kind_name(event.body);
        EXPECT_EQ(*back, event) << event_kind_name(event.body);
    }
}

TEST(EventCodec, EveryPrefixIsTruncatedAndNothingWorse) {
    Texts texts;
    for (const Event& event : events(texts)) {
        std::vector<std::byte> bytes;
        encode_event(event, texts, bytes);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto back = decode_event(ByteSpan{bytes}.first(size), texts);
            ASSERT_FALSE(back) << event_kind_name(event.body) << " cut to " << size;
            EXPECT_EQ(back.error(), EventFault::Truncated) << event_kind_name(event.body);
        }
    }
}

TEST(EventCodec, LaterKindsAndVersionsAreNewerAndLaterFieldsIgnored) {
    Texts texts;
    const Event event{EventId{1}, Instant{2}, ActorId{3}, {}, Note{Severity::Error, texts.intern("hello")}};
    std::vector<std::byte> bytes;
    encode_event(event, texts, bytes);
    auto later = bytes;
    later.insert(later.end(), 7, std::byte{0xee});
    EXPECT_EQ(decode_event(later, texts).value(), event);
    later = bytes;
    later[0] = std::byte{kEventVersion + 1};
    EXPECT_EQ(decode_event(later, texts).error(), EventFault::Newer);
    later = bytes;
    later[1] = static_cast<std::byte>(kEventKindCount);
    EXPECT_EQ(decode_event(later, texts).error(), EventFault::Newer);
}

TEST(EventCodec, AChoiceBeyondItsValuesIsMalformed) {
    Texts texts;
    std::vector<std::byte> bytes;
    encode_event({EventId{1}, Instant{2}, ActorId{3}, {}, PacketDropped{PacketId{4}, DropReason::TtlExpired}},
                 texts, bytes);
    bytes.back() = std::byte{kDropReasonCount};
    EXPECT_EQ(decode_event(bytes, texts).error(), EventFault::Malformed);
}

TEST(EventBlock, IsTheBlockAroundTheEncodedBodyAndFitsTheRoomItAskedFor) {
    Texts texts;
    for (const Event& event : events(texts)) {
        std::vector<std::byte> body;
        encode_event(event, texts, body);
        std::vector<std::byte> block;
        append_block(block, kEventBlockType, body);

        std::visit(
            [&](const auto& kind) {
                std::vector<std::byte> room(event_block_room(kind, texts));
                const EventStamp stamp{event.id, event.at, event.actor, event.cause};
                const std::byte* const end = put_event_block(room.data(), stamp, kind, texts);
                ASSERT_LE(end, room.data() + room.size()) << event.body.index();
                const std::vector<std::byte> written(static_cast<const std::byte*>(room.data()), end);
                EXPECT_EQ(written, block) << event.body.index();
            },
            event.body);
    }
}

}  // namespace
}  // namespace synscope::pcapng
