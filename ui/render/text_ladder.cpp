#include "ui/render/text_ladder.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/model/call_phases.hpp"
#include "ui/model/findings.hpp"
#include "ui/model/flight.hpp"
#include "ui/model/ladder_text.hpp"
#include "ui/model/theme.hpp"
#include "ui/model/time_axis.hpp"
#include "ui/model/timeline.hpp"
#include "ui/render/text_glyphs.hpp"
#include "ui/render/wrap.hpp"

namespace synscope::render {

namespace {

using model::Row;
using model::RowKind;
using model::Span;
using model::SpanKind;
using model::Timeline;

struct Cell {
    std::string text;
    Tint tint = Tint::None;
};

class TextLadder {
  public:
    TextLadder(const model::TraceSource& source, const track::Tracker& tracker,
               const TextLadderOptions& options)
        : source_(source),
          tracker_(tracker),
          options_(options),
          glyphs_(options.ascii ? kAscii : kUnicode),
          width_(static_cast<std::size_t>(std::max(options.width, TextLadderOptions::kMinWidth))),
          side_(std::clamp<std::size_t>((width_ - 48) / 2, 16, 34)),
          middle_(width_ - kTime - 2 * side_ - 4),
          timeline_({options.connection}) {
        timeline_.update(source, tracker, 0);
    }

    std::string text() {
        if (options_.ladder) rows();
        if (options_.sentences) sentences();
        if (options_.legend && options_.ladder) legend();
        return std::move(out_);
    }

  private:
    static constexpr std::size_t kTime = 10;

    // ---- one line: time, client's words, lifeline, middle, lifeline, server's words

    [[nodiscard]] std::string tinted(std::string_view text, Tint tint) const {
        if (!options_.colour || tint == Tint::None || text.empty()) return std::string(text);
        return concat(ansi(tint), text, "\x1b[0m");
    }

    [[nodiscard]] std::string fitted(std::string text, std::size_t room) const {
        if (columns(text) <= room) return text;
        // Before anything is cut, the longest words become short ones.
        using Shorter = std::pair<std::string_view, std::string_view>;
        for (const auto& [from, to] :
             {Shorter{"(kernel)", "(k)"}, Shorter{"(inferred)", "(i)"}, Shorter{"(end-of-file)", "(EOF)"},
              Shorter{" bytes lost", " lost"}, Shorter{" bytes", " B"}, Shorter{" entered", " ..."}}) {
            const std::size_t at = text.find(from);
            if (at == std::string::npos) continue;
            text.replace(at, from.size(), to);
            short_evidence_ = short_evidence_ || to == "(k)" || to == "(i)";
        }
        return text.ends_with(model::kLost) ? model::cut_front(text, room, glyphs_.ellipsis)
                                            : model::cut_columns(text, room, glyphs_.ellipsis);
    }

    [[nodiscard]] std::string_view life(Side side) const {
        std::string_view mark = glyphs_.line;
        for (const Active& span : active_) {
            if (span.side != side) continue;
            if (span.busy) return glyphs_.busy;
            if (span.works_from && now_ > *span.works_from)
                mark = glyphs_.working;
            else if (mark == glyphs_.line)
                mark = glyphs_.waiting;
        }
        return mark;
    }

    void line(std::string_view time, const Cell& left, std::string_view middle, Tint middle_tint,
              const Cell& right, std::string_view client_life = {}, std::string_view server_life = {}) {
        const std::string l = fitted(left.text, side_);
        const std::string r = fitted(right.text, side_);
        std::string text =
            tinted(concat(time, std::string(kTime - std::min(kTime, columns(time)), ' ')), Tint::Dim);
        text += concat(std::string(side_ - columns(l), ' '), tinted(l, left.tint), ' ');
        text += client_life.empty() ? life(Side::Client) : client_life;
        text += tinted(middle, middle_tint);
        text += std::string(middle_ - std::min(middle_, columns(middle)), ' ');
        text += server_life.empty() ? life(Side::Server) : server_life;
        if (!r.empty()) text += concat(' ', tinted(r, right.tint));
        out_ += text;
        out_ += '\n';
    }

    [[nodiscard]] std::string time_of(Instant at) const { return seconds_text(at - start_, 6); }

    // ---- rows

    void rows() {
        const auto& all = timeline_.rows();
        if (all.empty()) {
            out_ += "Nothing to draw: the trace holds no TCP connection.\n";
            return;
        }
        start_ = all.front().at;
        header();
        Instant shown = start_;
        for (std::size_t i = 0; i < all.size();) {
            const std::size_t before = out_.size();
            gap(all[i].at - shown);
            const std::size_t after_gap = out_.size();
            const Instant at = now_ = all[i].at;
            i = row(i);
            // A row without words of its own (an arrival, a state known already) leaves no mark, nor its gap.
            if (out_.size() == after_gap)
                out_.resize(before);
            else
                shown = at;
        }
        out_ += '\n';
    }

    void header() {
        const auto name = [&](Side side) {
            const std::string_view role = side == Side::Client ? "client" : "server";
            const std::string_view actor = timeline_.actor_name(side);
            return actor.empty() || actor == role ? std::string(role)
                                                  : concat(role, ' ', escaped(actor, Medium::Terminal));
        };
        const std::string l = fitted(name(Side::Client), side_);
        const std::string r = fitted(name(Side::Server), side_);
        out_ += tinted(concat("seconds", std::string(kTime - 7, ' ')), Tint::Dim);
        out_ += concat(std::string(side_ - columns(l), ' '), tinted(l, Tint::Bold),
                       std::string(middle_ + 4, ' '), tinted(r, Tint::Bold), '\n');
    }

    void gap(Duration passed) {
        if (passed < model::TimeAxis::kBreak) return;
        const std::string words = concat(' ', duration_text(passed), ' ');
        const std::size_t dots = middle_ > columns(words) ? (middle_ - columns(words)) / 2 : 0;
        std::string middle;
        for (std::size_t i = 0; i < dots; ++i)
            middle += i % 2 == 0 ? std::string_view{" "} : glyphs_.dots;
        std::string tail;
        for (std::size_t i = 0; columns(middle) + columns(words) + columns(tail) < middle_; ++i)
            tail += i % 2 == 0 ? glyphs_.dots : std::string_view{" "};
        const auto broken = [&](Side side) { return life(side) == glyphs_.line ? glyphs_.gap : life(side); };
        line("", {}, concat(middle, words, tail), Tint::Dim, {}, broken(Side::Client), broken(Side::Server));
    }

    /// Writes the row, with those that share its line; returns the next one.
    std::size_t row(std::size_t index) {
        const Row& r = timeline_.rows()[index];
        switch (r.kind) {
            case RowKind::Connection:
                rule(model::connection_text(connection(*r.connection), options_.ascii));
                break;
            case RowKind::Peer:
                rule(model::peer_text(timeline_, r.index, options_.ascii));
                break;
            case RowKind::Marker:
                rule(model::marker_text(source_, r.event));
                break;
            case RowKind::Note:
                if (model::warns(source_, r.event))
                    rule(concat("note: ", model::marker_text(source_, r.event)));
                else
                    told(model::marker_text(source_, r.event));
                break;
            case RowKind::Frame:
                frame(r);
                break;
            case RowKind::DropsBegin:
                rule(model::drops_text(timeline_.spans()[r.index]));
                break;
            case RowKind::Packet:
            case RowKind::Datagram:
                return packet(index);
            case RowKind::State:
                state(r);
                break;
            case RowKind::Message:
                own_line(r, concat(glyphs_.open_diamond, ' ', model::message_text(source_, r.event)),
                         Tint::Message);
                break;
            case RowKind::CallBegin:
                return call_begin(index);
            case RowKind::CallEnd:
                call_end(r);
                break;
            case RowKind::BusyBegin:
                active_.push_back({r.index, r.side, true, {}});
                own_line(r, model::busy_text(source_, timeline_.spans()[r.index]), Tint::Busy);
                break;
            case RowKind::BusyEnd:
                own_line(r, "no longer busy", Tint::Busy);
                release(r.index);
                break;
            case RowKind::DropsEnd:
            case RowKind::Arrival:
                break;
        }
        return index + 1;
    }

    void release(std::uint32_t span) {
        active_.erase(std::remove_if(active_.begin(), active_.end(),
                                     [span](const Active& a) { return a.span == span; }),
                      active_.end());
    }

    [[nodiscard]] const track::Connection& connection(ConnectionId id) const {
        return tracker_.connections()[id.value];
    }

    void rule(std::string_view text) {
        const std::string cut = model::cut_columns(text, width_ - 8, glyphs_.ellipsis);
        const std::size_t rest = width_ - 4 - columns(cut);
        out_ +=
            tinted(concat(repeat(glyphs_.rule, 2), ' ', cut, ' ', repeat(glyphs_.rule, rest)), Tint::Bold);
        out_ += '\n';
    }

    /// What the scenario says, as a paragraph.
    void told(std::string_view text) {
        constexpr std::size_t kMargin = 3;
        for (const std::string& part : wrapped(text, width_ - kMargin - 4))
            out_ += concat(std::string(kMargin, ' '), tinted(part, Tint::Dim), '\n');
    }

    /// A packet of no connection: all in one line, since its ends may be neither of the two lifelines.
    void frame(const Row& r) {
        const std::string text = model::frame_text(source_, timeline_, r.event);
        const std::size_t room = width_ - kTime - 4;
        out_ += concat(tinted(time_of(r.at), Tint::Dim),
                       std::string(kTime - std::min(kTime, time_of(r.at).size()), ' '), "  ",
                       model::cut_columns(text, room, glyphs_.ellipsis), '\n');
    }

    void own_line(const Row& r, std::string text, Tint tint) {
        const Cell cell{std::move(text), tint};
        line(time_of(r.at), r.side == Side::Client ? cell : Cell{}, {}, Tint::None,
             r.side == Side::Server ? cell : Cell{});
    }

    [[nodiscard]] std::string state_words(const Row& r) {
        const track::Connection& c = connection(*r.connection);
        const track::StateChange& s = c.states[r.index];
        if (!model::changes_state(c, r.index)) return {};
        needs_.kernel = needs_.kernel || s.evidence == Evidence::Kernel;
        needs_.inferred = needs_.inferred || s.evidence == Evidence::Inferred;
        needs_.simulator = needs_.simulator || s.evidence == Evidence::Simulator;
        return model::state_text(s);
    }

    void state(const Row& r) {
        std::string words = state_words(r);
        if (!words.empty()) own_line(r, std::move(words), Tint::Bold);
    }

    /// A call that returned before anything else happened takes one line.
    std::size_t call_begin(std::size_t index) {
        const Row& r = timeline_.rows()[index];
        const Span& span = timeline_.spans()[r.index];
        needs_.calls = true;
        needs_.lost = needs_.lost || span.lost > 0;
        active_.push_back({r.index, r.side, false, {}});
        if (span.finished && !span.waits) {
            own_line(r, model::call_text(source_, span), tint_of(span));
        } else {
            // On the line of the packet that ends the wait it still waits.
            const auto phases = model::span_phases(tracker_, span);
            if (phases && phases->is_known() && phases->copying().ns > 0 && !phases->completed()) {
                active_.back().works_from = phases->border;
                works_ = true;
            }
            waits_ = true;
            own_line(r, model::call_begin_text(source_, span), Tint::Dim);
        }
        return index + 1;
    }

    void call_end(const Row& r) {
        const Span& span = timeline_.spans()[r.index];
        if (span.waits) own_line(r, model::call_text(source_, span), tint_of(span));
        release(r.index);
    }

    static Tint tint_of(const Span& call) { return call.lost > 0 ? Tint::Reset : Tint::None; }

    static Tint tint_of(const model::Flight& flight) {
        if (flight.segment == nullptr) return Tint::Data;
        const track::Segment& s = *flight.segment;
        if (s.flags.any(wire::TcpFlags::kRst)) return Tint::Reset;
        if (s.flags.any(wire::TcpFlags::kSyn)) return Tint::Handshake;
        if (s.flags.any(wire::TcpFlags::kFin)) return Tint::Teardown;
        return s.length > 0 ? Tint::Data : Tint::None;
    }

    std::size_t packet(std::size_t index) {
        const Row& r = timeline_.rows()[index];
        const model::Flight flight = model::flight_of(tracker_, timeline_, r);
        std::array<Cell, 2> words;
        std::size_t next = index + 1;
        for (; next < timeline_.rows().size(); ++next) {
            const Row& state_row = timeline_.rows()[next];
            if (state_row.kind != RowKind::State || state_row.at != r.at || state_row.event != r.event) break;
            Cell& cell = words[static_cast<std::size_t>(state_row.side)];
            if (!cell.text.empty()) break;
            cell = {state_words(state_row), Tint::Bold};
        }
        const bool right = flight.direction == Direction::ClientToServer;
        line(time_of(r.at), words[0], arrow(flight), tint_of(flight), words[1],
             right ? glyphs_.leave_right : std::string_view{},
             right ? std::string_view{} : glyphs_.leave_left);
        return next;
    }

    /// "── S 0:0(0) win 65495 ╌╌▶": the shaft solid where measured, dashed where estimated.
    [[nodiscard]] std::string arrow(const model::Flight& flight) {
        const bool lost = flight.arrival && flight.arrival->dropped;
        std::string prefix;
        if (flight.connection && !options_.connection && overlaps(connection(*flight.connection)))
            prefix = concat('#', flight.connection->value, ' ');
        prefix += model::flight_mark(flight);
        const std::string suffix =
            lost ? concat(' ', drop_reason_text(*flight.arrival->dropped)) : std::string{};
        constexpr std::size_t kShafts = 5;  // "─ " and " ─▶"
        const std::size_t extra = kShafts + columns(prefix) + columns(suffix);
        std::string words = model::flight_text(source_, flight, middle_ > extra ? middle_ - extra : 0);
        if (options_.ascii)
            for (std::size_t at; (at = words.find("\u2026")) != std::string::npos;)
                words.replace(at, std::string_view("\u2026").size(), "..");
        const std::string text = concat(' ', prefix, words, ' ');
        const std::size_t shaft = middle_ - 1 - std::min(middle_ - 1, columns(text) + columns(suffix));
        const std::size_t first = shaft / 2;
        model::add_needs(needs_, flight);
        const std::string solid = repeat(glyphs_.solid, first);
        const std::string far = flight.arrival ? repeat(glyphs_.solid, shaft - first) : dashes(shaft - first);
        const bool right = flight.direction == Direction::ClientToServer;
        const std::string_view end = lost ? glyphs_.cross : right ? glyphs_.right : glyphs_.left;
        if (right) return concat(solid, text, far, end, suffix);
        return concat(suffix, end, far, text, solid);
    }

    [[nodiscard]] std::string dashes(std::size_t count) const {
        if (!options_.ascii) return repeat(glyphs_.dashed, count);
        std::string out;
        for (std::size_t i = 0; i < count; ++i)
            out += i % 2 == 0 ? ' ' : '-';
        return out;
    }

    [[nodiscard]] bool overlaps(const track::Connection& c) const {
        return std::any_of(tracker_.connections().begin(), tracker_.connections().end(), [&](const auto& o) {
            return o.id != c.id && o.first_at <= c.last_at && c.first_at <= o.last_at;
        });
    }

    // ---- words below

    void sentences() {
        std::vector<model::Finding> all = model::trace_findings(source_);
        for (const track::Connection& c : tracker_.connections()) {
            if (options_.connection && *options_.connection != c.id) continue;
            for (model::Finding& f : model::findings(source_, c))
                all.push_back(std::move(f));
        }
        std::optional<ConnectionId> last;
        for (const model::Finding& f : all) {
            if (f.connection && f.connection != last) {
                last = f.connection;
                out_ += tinted(concat("What happened on connection ", last->value), Tint::Bold);
                out_ += '\n';
            }
            entry(model::topic_name(f.topic), f.sentence, 12);
        }
        if (!all.empty()) out_ += '\n';
    }

    void entry(std::string_view mark, std::string_view text, std::size_t indent) {
        bool first = true;
        const std::size_t room = options_.wrap ? width_ - indent - 4 : text.size() + 1;
        for (const std::string& part : wrapped(text, room)) {
            const std::string head = first ? std::string(mark) : std::string{};
            out_ += concat("  ", tinted(head, Tint::Dim),
                           std::string(indent + 2 - std::min(indent + 1, columns(head)), ' '), part, '\n');
            first = false;
        }
    }

    void legend() {
        if (!needs_.arrows && !needs_.datagrams && !needs_.calls) return;
        out_ += tinted("How to read it", Tint::Bold);
        out_ += '\n';
        constexpr std::size_t kIndent = 12;
        if (needs_.estimated)
            entry(concat(repeat(glyphs_.solid, 3), options_.ascii ? "- - " : repeat(glyphs_.dashed, 3),
                         glyphs_.right),
                  "solid: the time was measured; dashed: the arrival is estimated, for a capture sees each "
                  "packet once",
                  kIndent);
        needs_.estimated = false;
        for (const model::LegendLine& l : model::legend(needs_))
            entry(l.mark, l.meaning, kIndent);
        if (waits_)
            entry(glyphs_.waiting, "on a lifeline: a call has been entered and has not returned", kIndent);
        if (works_)
            entry(glyphs_.working,
                  "the same call at work, by the time of the packet that ended its wait (estimated)",
                  kIndent);
        if (needs_.calls)
            entry(glyphs_.busy, "on a lifeline: the program is busy on purpose and reads nothing", kIndent);
        if (short_evidence_) entry("(k) (i)", "short for (kernel) and (inferred)", kIndent);
    }

    const model::TraceSource& source_;
    const track::Tracker& tracker_;
    TextLadderOptions options_;
    const Glyphs& glyphs_;
    std::size_t width_;
    std::size_t side_;
    std::size_t middle_;
    Timeline timeline_;
    Instant start_;
    struct Active {
        std::uint32_t span = 0;
        Side side = Side::Client;
        bool busy = false;
        std::optional<Instant> works_from;  ///< a call: when its waiting was over, where that is known
    };
    std::vector<Active> active_;
    Instant now_;  ///< of the row that is being written
    model::LegendNeeds needs_;
    bool waits_ = false;
    bool works_ = false;
    mutable bool short_evidence_ = false;
    std::string out_;
};

}  // namespace

std::string text_ladder(const model::TraceSource& source, const track::Tracker& tracker,
                        const TextLadderOptions& options) {
    return TextLadder(source, tracker, options).text();
}

}  // namespace synscope::render
