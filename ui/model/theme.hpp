#pragma once
// Looks as data: colours by role, sizes in pixels at scale 1. No drawing library's types.
//
// The palettes keep to Okabe and Ito's colour-blind safe hues, adjusted in lightness per background; whatever
// a colour says is also said by a shape, a line style or a word. Thread rule: values.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/base/tcp_state.hpp"

namespace synscope::model {

struct Colour {
    std::uint8_t r = 0;
    std::uint8_t g = 0;
    std::uint8_t b = 0;
    std::uint8_t a = 255;
    friend bool operator==(const Colour&, const Colour&) = default;
};

/// What a colour is for. kInkCount sizes the palette.
enum class Ink : std::uint8_t {
    Background,
    Panel,  ///< bands and boxes a little off the background
    Text,
    Faint,      ///< secondary text: times, units
    Line,       ///< lifelines, rules
    Handshake,  ///< arrows that carry SYN
    Data,       ///< arrows that carry bytes
    Ack,        ///< arrows that carry only an acknowledgement
    Teardown,   ///< arrows that carry FIN
    Reset,      ///< arrows that carry RST
    Loss,       ///< crosses, retransmission marks, dropped packets
    Call,       ///< a system call at work
    Waiting,    ///< a system call that waits
    Busy,       ///< a program busy on purpose
    Message,    ///< framed messages
    Marker,     ///< named moments of a scenario
    Warning,
    Gap,  ///< breaks of the time axis, spans the capture missed
    Selection,
    StateOpening,  ///< SYN-SENT, SYN-RECEIVED, LISTEN
    StateOpen,     ///< ESTABLISHED
    StateClosing,  ///< FIN-WAIT-1 .. LAST-ACK
    StateWaiting,  ///< TIME-WAIT
    StateClosed,
    ConnectionA,  ///< connections take turns through A..D
    ConnectionB,
    ConnectionC,
    ConnectionD,
};
inline constexpr std::size_t kInkCount = 28;

[[nodiscard]] Ink state_ink(TcpState state) noexcept;
/// One of the four connection inks, in turns.
[[nodiscard]] Ink connection_ink(std::uint32_t connection) noexcept;

/// Sizes in pixels at scale 1.
struct Metrics {
    float small_font = 11;     ///< times, states, units
    float label_font = 12.5F;  ///< packets, calls: a fixed-width face
    float text_font = 14;      ///< sentences, bands
    float title_font = 22;
    /// Width of one column of a fixed-width face, as a part of its size. DejaVu Sans Mono: 0.602.
    float mono_advance = 0.605F;
    float text_advance = 0.56F;  ///< an upper estimate of a proportional face's mean advance
    float line = 1.5F;           ///< arrows, lifelines
    float slant = 9;             ///< how far an arrow falls when its arrival is only estimated
    float strip = 12;            ///< width of a state strip
    float bar = 9;               ///< width of a call's bar
    float pad = 5;
    float margin = 18;
};

struct Theme {
    std::string_view name;
    std::string_view sentence;  ///< for lists: what it is for
    std::array<Colour, kInkCount> inks{};
    Metrics metrics;
    [[nodiscard]] Colour colour(Ink ink) const noexcept { return inks[static_cast<std::size_t>(ink)]; }
};

/// "dark", "light", "projector", in this order.
[[nodiscard]] const std::array<Theme, 3>& themes() noexcept;
[[nodiscard]] const Theme* find_theme(std::string_view name) noexcept;

/// Contrast ratio of two opaque colours by WCAG 2.1 (1 to 21).
[[nodiscard]] double contrast(Colour a, Colour b) noexcept;

/// Columns a text takes in a fixed-width face: code points, East Asian wide ones twice.
[[nodiscard]] std::size_t text_columns(std::string_view utf8) noexcept;
/// `utf8` cut to at most `columns`, ending in `ellipsis` where it was cut; empty when not even that fits.
[[nodiscard]] std::string cut_columns(std::string_view utf8, std::size_t columns,
                                      std::string_view ellipsis = "\u2026");

}  // namespace synscope::model
