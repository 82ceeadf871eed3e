#pragma once
// What the tests of framings share: bytes from text and back, and what a receiver finds.

#include <string>
#include <string_view>
#include <vector>

#include "net/framing/framing.hpp"

namespace synscope::framing {

inline std::vector<std::byte> bytes_of(std::string_view text) {
    std::vector<std::byte> out;
    for (const char c : text)
        out.push_back(static_cast<std::byte>(c));
    return out;
}
inline std::string text_of(ByteSpan bytes) {
    std::string out;
    for (const std::byte b : bytes)
        out.push_back(static_cast<char>(b));
    return out;
}

struct Found {
    Placed place;
    std::string body;
    friend bool operator==(const Found&, const Found&) = default;
};
/// What a receiver finds when the stream arrives in these pieces.
inline std::vector<Found> receive(Decoder& decoder, const std::vector<ByteSpan>& pieces) {
    std::vector<Found> out;
    for (const ByteSpan piece : pieces) {
        decoder.feed(piece);
        while (const auto m = decoder.next())
            out.push_back({*m, text_of(m->content)});
    }
    return out;
}

/// The contents alone.
inline std::vector<std::string> contents_of(Decoder& decoder, std::string_view stream) {
    const auto bytes = bytes_of(stream);
    std::vector<std::string> out;
    for (Found& found : receive(decoder, {bytes}))
        out.push_back(std::move(found.body));
    return out;
}
/// How a stream ends, in words; "" when it ends well.
inline std::string fault_of(Decoder& decoder, std::string_view stream) {
    static_cast<void>(contents_of(decoder, stream));
    const auto error = decoder.at_end();
    return error ? fault_text(*error) : std::string{};
}

}  // namespace synscope::framing
