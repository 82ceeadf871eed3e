// The table of framings. A new one is a file and a row.
#include <array>

#include "net/base/text.hpp"
#include "net/framing/framing.hpp"

namespace synscope::framing {

namespace {

constexpr std::array<FramingInfo, 2> kFramings{{
    {"none", "No boundaries: a read returns whatever bytes have arrived, whoever sent them together.", false,
     make_none_encoder, make_none_decoder},
    {"len32", "A 4-byte signed little-endian length, as struct.pack(\"i\") writes it, then that many bytes.",
     true, make_len32_encoder, make_len32_decoder},
}};

}  // namespace

std::span<const FramingInfo> framings() noexcept {
    return kFramings;
}

const FramingInfo* find_framing(std::string_view name) noexcept {
    for (const FramingInfo& info : kFramings)
        if (info.name == name) return &info;
    return nullptr;
}

std::string fault_text(const FrameError& error) {
    switch (error.fault) {
        case Fault::NegativeLength:
            return concat("a negative length, ", error.length, ", at byte ", error.offset, " of the stream");
        case Fault::TooLong:
            return concat("a length of ", error.length, " bytes at byte ", error.offset,
                          " of the stream, more than is allowed");
        case Fault::Truncated:
            return concat("the stream ended inside the message that begins at byte ", error.offset,
                          ", after ", error.length, " of its bytes");
    }
    return {};
}

}  // namespace synscope::framing
