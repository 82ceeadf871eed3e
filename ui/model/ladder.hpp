#pragma once
// The ladder as layout data: time runs down, the client's lifeline left, the server's right. Text, SVG and
// the window all draw from here; none of them computes a place of its own.
//
//   Ladder ladder(options);                       // one per view
//   ladder.update(source, tracker, timeline);     // after each Timeline::update; costs what is new
//   LadderPicture picture = ladder.layout(source, tracker, timeline, {top, bottom});
//   for (const DrawItem& item : picture.items) draw(item);  // in paint order
//
// Draw items are in pixels as floats, y = 0 being `visible.top`: contents are measured in doubles, since a
// long trace is taller than a float can say. Texts in draw items are already escaped for a terminal or window
// (SVG escapes them once more for markup). Cost of layout(): pixels times log(events). Thread rule: one
// thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "capture/track/tracker.hpp"
#include "ui/model/theme.hpp"
#include "ui/model/time_axis.hpp"
#include "ui/model/timeline.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model {

struct Point {
    float x = 0;
    float y = 0;
};
struct Box {
    float x0 = 0;
    float y0 = 0;
    float x1 = 0;
    float y1 = 0;
    [[nodiscard]] bool overlaps(const Box& o) const noexcept {
        return x0 < o.x1 && o.x0 < x1 && y0 < o.y1 && o.y0 < y1;
    }
    [[nodiscard]] bool contains(Point p) const noexcept {
        return p.x >= x0 && p.x < x1 && p.y >= y0 && p.y < y1;
    }
};

// ---- draw items
// --------------------------------------------------------------------------------------------------------

/// A lifeline's thin line; strips and bars lie on it.
struct Lifeline {
    Side side = Side::Client;
    float x = 0;
    float y0 = 0;
    float y1 = 0;
};

/// A full-width band. Drops and Connection cover [y0, y1]; Marker and Note are one row high.
enum class BandKind : std::uint8_t { Connection, Marker, Note, Drops };
struct Band {
    BandKind kind = BandKind::Marker;
    Box box;
    Ink ink = Ink::Marker;
    std::string text;
    std::optional<EventId> event;
    std::optional<ConnectionId> connection;
};

/// A state an endpoint is in, along its lifeline. Kernel: filled. Inferred: hatched or dashed outline.
/// Simulator: dotted outline.
struct StripSegment {
    Box box;
    Side side = Side::Client;
    TcpState state = TcpState::Closed;
    Evidence evidence = Evidence::Inferred;
    ConnectionId connection;
    EventId event;
};

enum class BarKind : std::uint8_t {
    Call,     ///< a call at work
    Waiting,  ///< a call that waited; or took long, and nobody knows why
    Busy      ///< busy on purpose; its reason is in the label
};
/// Where a call's waiting ended and its work began. Above it the bar looks as one that waits, below as one at
/// work.
struct BarBorder {
    float y = 0;
    bool estimated = false;  ///< draw dashed, with its error bar
    float y0 = 0;            ///< the error bar; y0 == y1 == y where the error is not known
    float y1 = 0;
};
/// A span on an endpoint's side. `count` > 1: so many folded into one.
struct Bar {
    Box box;
    BarKind kind = BarKind::Call;
    Side side = Side::Client;
    bool unfinished = false;  ///< not returned when the trace ends: draw the lower end open
    std::uint32_t count = 1;
    EventId event;                  ///< entered (or BusyBegan)
    std::optional<EventId> second;  ///< returned (or BusyEnded)
    std::optional<ConnectionId> connection;
    std::optional<BarBorder> border;  ///< Waiting: where it is known
};

/// A packet on its way. Drawn solid from `from` to `solid_until`, dashed from there to `to`; the head at
/// `to`, or a cross when lost. The solid part is measured, the dashed part estimated.
struct Arrow {
    Point from;
    Point to;
    Point solid_until;
    Ink ink = Ink::Data;
    Direction direction = Direction::ClientToServer;
    bool lost = false;            ///< ends in a cross at `to`, before it reaches the other side
    bool retransmission = false;  ///< also marked at its start
    std::uint32_t count = 1;      ///< packets folded into this one; then drawn as a thick band
    EventId event;
    PacketId packet;
    std::optional<ConnectionId> connection;  ///< none: a datagram
};

/// A framed message found or made by a program: a diamond.
struct Diamond {
    Point centre;
    float radius = 4;
    Side side = Side::Client;
    std::uint32_t count = 1;
    EventId event;
};

/// Time left out of a compressed axis: a zigzag across [x0, x1] with the duration as text.
struct Break {
    Box box;
    Duration gap;
    std::string text;  ///< "28.3 ms"
};

/// A time in the time column, right aligned at `x`, centred on y.
struct TimeTick {
    float x = 0;
    float y = 0;
    Instant at;
    std::string text;  ///< seconds since the first event, "0.000123"
};

enum class Align : std::uint8_t { Left, Centre, Right };
enum class Face : std::uint8_t { Mono, MonoSmall, Text, TextBold, Title };
/// A text that fits its box: nothing else is in that box. Vertically centred.
struct Label {
    Box box;
    Align align = Align::Left;
    Face face = Face::Mono;
    Ink ink = Ink::Text;
    bool inferred = false;  ///< draw in italics: worked out, not measured
    bool halo = false;      ///< lies over lines: draw on a background-coloured plate
    std::string text;       ///< as it fits
    std::string full;       ///< whole, for a tooltip; equal to text when nothing was left out
    std::optional<EventId> event;
};

using DrawItem = std::variant<Band, Lifeline, StripSegment, Bar, Break, Arrow, Diamond, TimeTick, Label>;

/// The event an item stands for, for selection and hover.
[[nodiscard]] std::optional<EventId> event_of(const DrawItem& item) noexcept;

// ---- layout
// ------------------------------------------------------------------------------------------------------------

/// Where the columns are, for headers that stay in place while the content scrolls.
struct LadderColumns {
    float time_right = 0;   ///< right edge of the time column
    Box client_text;        ///< y unused
    float client_bar = 0;   ///< inner edge of the first bar lane; lanes grow outwards
    float client_line = 0;  ///< x of the lifeline
    float server_line = 0;
    float server_bar = 0;
    Box server_text;
    float width = 0;
    float margin = 0;  ///< left and right of everything
};

struct LadderOptions {
    float width = 1280;  ///< pixels
    float zoom = 1;      ///< vertical: 1 gives every row its full height
    AxisMode mode = AxisMode::Compressed;
    Metrics metrics;  ///< of the theme in use
    friend bool operator==(const LadderOptions& a, const LadderOptions& b) noexcept {
        return a.width == b.width && a.zoom == b.zoom && a.mode == b.mode &&
               a.metrics.label_font == b.metrics.label_font;
    }
};

/// A part of the content, in pixels at the current zoom.
struct YRange {
    double top = 0;
    double bottom = 0;
};

struct LadderPicture {
    std::vector<DrawItem> items;  ///< paint order
    LadderColumns columns;
    std::string client_title;  ///< "client" or the actor's name, escaped
    std::string server_title;
    double top = 0;        ///< content pixels at the items' y = 0
    double height = 0;     ///< of the whole content
    std::size_t work = 0;  ///< rows looked at: what this layout cost, for tests and the frame statistics
};

/// What lies under a point (with a few pixels of grace); the topmost item with an event.
[[nodiscard]] std::optional<EventId> hit(const LadderPicture& picture, Point at);

class Ladder {
  public:
    explicit Ladder(LadderOptions options);

    /// Takes other options; the next update() lays out anew when a size changed. zoom alone costs nothing.
    void set_options(LadderOptions options);
    [[nodiscard]] const LadderOptions& options() const noexcept { return options_; }

    /// Places what is new in `timeline`.
    void update(const TraceSource& source, const track::Tracker& tracker, const Timeline& timeline);
    [[nodiscard]] LadderPicture layout(const TraceSource& source, const track::Tracker& tracker,
                                       const Timeline& timeline, YRange visible) const;

    /// Content height in pixels at the current zoom.
    [[nodiscard]] double height() const noexcept;
    [[nodiscard]] const TimeAxis& axis() const noexcept { return axis_; }
    /// y at the current zoom; for scrolling to a time (event times: TraceSource::event(id).at).
    [[nodiscard]] double to_y(Instant t) const;
    [[nodiscard]] Instant to_time(double y) const;
    [[nodiscard]] LadderColumns columns() const;

  private:
    friend class LadderPainter;
    static constexpr std::size_t kRowLanes = 7;  ///< rows that fold only among themselves; see ladder.cpp

    void clear(std::uint64_t generation);
    void place(const track::Tracker& tracker, const Timeline& timeline, std::size_t row);
    void stack_connections(const track::Tracker& tracker, const Timeline& timeline);

    LadderOptions options_;
    TimeAxis axis_;
    std::vector<double> rows_;                                 ///< y at zoom 1 of every row of the timeline
    std::array<std::vector<std::uint32_t>, kRowLanes> lanes_;  ///< row numbers
    std::vector<std::uint8_t>
        strip_lanes_;                ///< by connection: strips of connections that overlap stand side by side
    std::vector<bool> overlapping_;  ///< by connection
    std::uint8_t bar_lanes_ = 1;     ///< lanes in use
    std::uint8_t strips_ = 1;        ///< lanes in use
    std::size_t time_columns_ = 8;   ///< of the longest time in the time column
    std::size_t stacked_connections_ = 0;
    std::uint64_t generation_ = 0;
};

}  // namespace synscope::model
