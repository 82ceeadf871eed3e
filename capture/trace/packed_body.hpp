#pragma once
// Event bodies as the store keeps them: the fields of event_fields.hpp as varints, texts as the store's own
// ids.
//
// What the store wrote it reads back without checks; bytes from outside go through
// capture/pcapng/event_codec.hpp. Thread rule: pure.

#include <array>
#include <cstddef>
#include <type_traits>

#include "capture/pcapng/event_fields.hpp"
#include "capture/pcapng/varint.hpp"
#include "net/base/event.hpp"

namespace synscope::trace {

/// No body packs into more: 22 fields of at most ten bytes, two addresses included.
inline constexpr std::size_t kMaxPackedBytes = 256;

/// A body being packed.
class PackedWriter {
  public:
    template <class Int>
    requires std::is_integral_v<Int>
    void operator()(const Int& value) {
        if constexpr (std::is_signed_v<Int>)
            put(pcapng::zigzag(value));
        else
            put(value);
    }
    template <class Enum>
    void operator()(pcapng::Choice<const Enum> choice) {
        put(static_cast<std::uint64_t>(choice.value));
    }
    template <class Tag, class Rep>
    void operator()(const Id<Tag, Rep>& id) {
        put(id.value);
    }
    void operator()(const Duration& d) { (*this)(d.ns); }
    void operator()(const Instant& t) { (*this)(t.ns); }
    void operator()(const ByteRange& r) {
        put(r.begin);
        put(r.end - r.begin);
    }
    void operator()(const Endpoint& e) {
        put(e.address.family);
        const std::size_t octets = e.address.family == 4 ? 4 : e.address.family == 6 ? 16 : 0;
        for (std::size_t i = 0; i < octets; ++i)
            put_byte(e.address.octets[i]);
        put(e.port);
    }
    [[nodiscard]] ByteSpan bytes() const noexcept { return ByteSpan{buffer_}.first(size_); }

  private:
    void put(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7)
            put_byte(static_cast<std::uint8_t>(value | 0x80));
        put_byte(static_cast<std::uint8_t>(value));
    }
    void put_byte(std::uint8_t value) { buffer_[size_++] = std::byte{value}; }

    std::array<std::byte, kMaxPackedBytes> buffer_;
    std::size_t size_ = 0;
};

class PackedReader {
  public:
    explicit PackedReader(const std::byte* from) : at_(from) {}

    template <class Int>
    requires std::is_integral_v<Int>
    void operator()(Int& value) {
        if constexpr (std::is_signed_v<Int>)
            value = static_cast<Int>(pcapng::unzigzag(take()));
        else
            value = static_cast<Int>(take());
    }
    template <class Enum>
    void operator()(pcapng::Choice<Enum> choice) {
        choice.value = static_cast<Enum>(take());
    }
    template <class Tag, class Rep>
    void operator()(Id<Tag, Rep>& id) {
        (*this)(id.value);
    }
    void operator()(Duration& d) { (*this)(d.ns); }
    void operator()(Instant& t) { (*this)(t.ns); }
    void operator()(ByteRange& r) {
        r.begin = take();
        r.end = r.begin + take();
    }
    void operator()(Endpoint& e) {
        e = {};
        e.address.family = static_cast<std::uint8_t>(take());
        const std::size_t octets = e.address.family == 4 ? 4 : e.address.family == 6 ? 16 : 0;
        for (std::size_t i = 0; i < octets; ++i)
            e.address.octets[i] = std::to_integer<std::uint8_t>(*at_++);
        e.port = static_cast<std::uint16_t>(take());
    }

  private:
    std::uint64_t take() {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto part = std::to_integer<std::uint64_t>(*at_++);
            value |= (part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
    }
    const std::byte* at_;
};

}  // namespace synscope::trace
