// The table of framings. A new one is a file and a row.
#include <array>

#include "net/base/text.hpp"
#include "net/framing/framing.hpp"

namespace synscope::framing {

namespace {

// What a framing could stumble over: nothing, one byte, what looks like a header or like an end.
constexpr std::array<std::string_view, 5> kAny{"hi", "", "abc", "", "x"};
constexpr std::array<std::string_view, 5> kReady{"hi", "", "ready", "", "x"};
constexpr std::array<std::string_view, 5> kLines{"hello", "", "a\rb", "x", ""};
constexpr std::array<std::string_view, 4> kHttp{
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PUT /x HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n"};

constexpr std::array<FramingInfo, 7> kFramings{{
    {"none",
     "No boundaries: a read returns whatever bytes have arrived, whoever sent them together.",
     false,
     make_none_encoder,
     make_none_decoder,
     {}},
    {"line", "Text that ends with a line feed; a carriage return before it is no part of the line.", true,
     make_line_encoder, make_line_decoder, kLines},
    {"len32", "A 4-byte signed little-endian length, as struct.pack(\"i\") writes it, then that many bytes.",
     true, make_len32_encoder, make_len32_decoder, kAny},
    {"len32be",
     "A 4-byte length in network byte order, as struct.pack(\"!I\") writes it, then that many bytes.", true,
     make_len32be_encoder, make_len32be_decoder, kAny},
    {"ready", "A 4-byte length as in len32, a wait for the peer's \"ready\", then that many bytes.", true,
     make_ready_encoder, make_ready_decoder, kReady, std::nullopt, true},
    {"json",
     "A 4-byte length as in len32, a JSON header of that length, and the body that its \"size\" announces.",
     true, make_json_encoder, make_json_decoder, kAny},
    {"http", "HTTP/1.x messages: a head up to an empty line, then a body as long as the head says.", true,
     make_http_encoder, make_http_decoder, kHttp},
}};

}  // namespace

void Encoder::hear(Signal, std::vector<std::byte>&) {}

std::span<const FramingInfo> framings() noexcept {
    return kFramings;
}

const FramingInfo* find_framing(std::string_view name) noexcept {
    for (const FramingInfo& info : kFramings)
        if (info.name == name) return &info;
    return nullptr;
}

std::optional<FramingInfo> framing_named(std::string_view text) noexcept {
    if (const FramingInfo* info = find_framing(text)) return *info;
    const auto declared = parse_declaration(text);
    if (!declared) return std::nullopt;
    FramingInfo info{
        "declared", "A length or a delimiter at a place that was declared.", true, nullptr, nullptr, kAny,
        declared};
    return info;
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
        case Fault::Malformed:
            return concat(error.reason, " at byte ", error.offset, " of the stream");
    }
    return {};
}

}  // namespace synscope::framing
