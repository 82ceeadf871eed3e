#pragma once
// Reads the fields of events from a block's body: the other direction of FieldWriter (event_block.hpp). For
// the decoders in this folder. Thread rule: pure.

#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "capture/pcapng/event_codec.hpp"
#include "capture/pcapng/event_fields.hpp"
#include "capture/pcapng/varint.hpp"

namespace synscope::pcapng {

/// Reads fields; after the first fault the rest are left as they are.
class FieldReader {
  public:
    FieldReader(ByteSpan bytes, TextInterner& texts) : bytes_(bytes), texts_(&texts) {}

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
        id = texts_->intern(text);
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
    void byte(std::uint8_t& value) {
        if (fault_) return;
        if (bytes_.empty()) return truncated();
        value = load_u8(bytes_, 0);
        bytes_ = bytes_.subspan(1);
    }
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
    TextInterner* texts_;
    std::optional<EventFault> fault_;
};

}  // namespace synscope::pcapng
