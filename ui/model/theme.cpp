#include "ui/model/theme.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace synscope::model {

namespace {

constexpr Colour rgb(std::uint32_t value) {
    return {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
            static_cast<std::uint8_t>(value), 255};
}

using Palette = std::array<Colour, kInkCount>;

// Listed in the order of Ink.
constexpr Palette kDark = {
    rgb(0x14181f), rgb(0x1e242e), rgb(0xe8ecf2), rgb(0x9aa6b6), rgb(0x5a6778),  // background .. line
    rgb(0x6cc4f5), rgb(0x35c792), rgb(0xa9b4c2), rgb(0xf0a83a), rgb(0xff7a52),  // handshake .. reset
    rgb(0xff7a52), rgb(0x8fb3d9), rgb(0x55677e), rgb(0xe6a6cd), rgb(0xf2e35c),  // loss .. message
    rgb(0xc7b8f5), rgb(0xffb86b), rgb(0x77869a), rgb(0xffffff),                 // marker .. selection
    rgb(0x6cc4f5), rgb(0x2fa37a), rgb(0xd9922e), rgb(0xb57fa6), rgb(0x4a5565),  // states
    rgb(0x6cc4f5), rgb(0xf0a83a), rgb(0x35c792), rgb(0xe6a6cd),                 // connections
};
constexpr Palette kLight = {
    rgb(0xffffff), rgb(0xf2f4f8), rgb(0x1a2230), rgb(0x586475), rgb(0x8a96a6),  // background .. line
    rgb(0x0067a8), rgb(0x00795a), rgb(0x5b6878), rgb(0x9a5b00), rgb(0xc23b00),  // handshake .. reset
    rgb(0xc23b00), rgb(0x3f6c9e), rgb(0xb9c6d6), rgb(0xa83f80), rgb(0x7a6a00),  // loss .. message
    rgb(0x6a4fb3), rgb(0xa34d00), rgb(0x6d7a8b), rgb(0x000000),                 // marker .. selection
    rgb(0x4aa3d8), rgb(0x4fb893), rgb(0xe0a040), rgb(0xc793b9), rgb(0xc3cad4),  // states
    rgb(0x0067a8), rgb(0x9a5b00), rgb(0x00795a), rgb(0xa83f80),                 // connections
};
// A projector washes out everything between black and white: few tones, all far from the background.
constexpr Palette kProjector = {
    rgb(0xffffff), rgb(0xe9edf3), rgb(0x000000), rgb(0x2e3846), rgb(0x4a5666),  // background .. line
    rgb(0x00549a), rgb(0x005540), rgb(0x333d4a), rgb(0x6a3c00), rgb(0x962200),  // handshake .. reset
    rgb(0x962200), rgb(0x1f4f86), rgb(0x8da2bb), rgb(0x8f1f68), rgb(0x5f5200),  // loss .. message
    rgb(0x4a2fa0), rgb(0x7a3300), rgb(0x4a5666), rgb(0x000000),                 // marker .. selection
    rgb(0x2f8fd0), rgb(0x1fa07a), rgb(0xd98a10), rgb(0xb06a9c), rgb(0x9aa5b3),  // states
    rgb(0x00549a), rgb(0x6a3c00), rgb(0x005540), rgb(0x8f1f68),                 // connections
};

constexpr Metrics projector_metrics() {
    Metrics m;
    m.small_font = 13;
    m.label_font = 15;
    m.text_font = 18;
    m.title_font = 28;
    m.line = 2.4F;
    m.slant = 11;
    m.strip = 16;
    m.bar = 12;
    m.pad = 6;
    m.margin = 22;
    return m;
}

double linear(std::uint8_t channel) {
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(Colour c) {
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t bytes = 1;
};

CodePoint decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length == 1 || length > text.size()) return {lead, 1};
    std::uint32_t value = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
        value = (value << 6) | (byte(i) & 0x3fU);
    return {value, length};
}

// The wide and full-width blocks of Unicode's East Asian Width, coarse: Hangul Jamo, CJK, Hangul, full-width
// forms, emoji, supplementary ideographs.
std::size_t columns_of(std::uint32_t c) {
    constexpr std::pair<std::uint32_t, std::uint32_t> kWide[] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };
    for (const auto& [first, last] : kWide)
        if (c >= first && c <= last) return 2;
    return c >= 0x300 && c <= 0x36f ? 0 : 1;  // combining marks stand on the letter before
}

}  // namespace

Ink state_ink(TcpState state) noexcept {
    switch (state) {
        case TcpState::Listen:
        case TcpState::SynSent:
        case TcpState::SynReceived:
            return Ink::StateOpening;
        case TcpState::Established:
            return Ink::StateOpen;
        case TcpState::FinWait1:
        case TcpState::FinWait2:
        case TcpState::CloseWait:
        case TcpState::Closing:
        case TcpState::LastAck:
            return Ink::StateClosing;
        case TcpState::TimeWait:
            return Ink::StateWaiting;
        case TcpState::Closed:
            break;
    }
    return Ink::StateClosed;
}

Ink connection_ink(std::uint32_t connection) noexcept {
    constexpr Ink kTurns[] = {Ink::ConnectionA, Ink::ConnectionB, Ink::ConnectionC, Ink::ConnectionD};
    return kTurns[connection % 4];
}

const std::array<Theme, 3>& themes() noexcept {
    static constexpr std::array<Theme, 3> kThemes = {{
        {"dark", "light on dark, for a screen of one's own", kDark, Metrics{}},
        {"light", "dark on white, for paper and bright rooms", kLight, Metrics{}},
        {"projector", "large and of high contrast, for the back row", kProjector, projector_metrics()},
    }};
    return kThemes;
}

const Theme* find_theme(std::string_view name) noexcept {
    for (const Theme& theme : themes())
        if (theme.name == name) return &theme;
    return nullptr;
}

double contrast(Colour a, Colour b) noexcept {
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

std::size_t text_columns(std::string_view utf8) noexcept {
    std::size_t columns = 0;
    while (!utf8.empty()) {
        const CodePoint c = decode(utf8);
        columns += columns_of(c.value);
        utf8.remove_prefix(c.bytes);
    }
    return columns;
}

std::string cut_columns(std::string_view utf8, std::size_t columns, std::string_view ellipsis) {
    if (text_columns(utf8) <= columns) return std::string(utf8);
    const std::size_t tail = text_columns(ellipsis);
    if (columns < tail) return {};
    std::size_t used = 0;
    std::size_t bytes = 0;
    while (bytes < utf8.size()) {
        const CodePoint c = decode(utf8.substr(bytes));
        if (used + columns_of(c.value) + tail > columns) break;
        used += columns_of(c.value);
        bytes += c.bytes;
    }
    return std::string(utf8.substr(0, bytes)).append(ellipsis);
}

}  // namespace synscope::model
