#include "ui/render/svg_ladder.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "net/base/escape.hpp"
#include "ui/model/findings.hpp"
#include "ui/model/ladder.hpp"
#include "ui/model/ladder_text.hpp"
#include "ui/render/svg_canvas.hpp"
#include "ui/render/wrap.hpp"

namespace synscope::render {

namespace {

using model::Box;
using model::Colour;
using model::Face;
using model::Ink;
using model::Point;

// Cairo's image surfaces end at 32767 pixels; a longer ladder is drawn with its rows closer, then folded.
constexpr double kTallest = 24'000;
constexpr float kPanelShare = 0.33F;  ///< of the width, for words beside the ladder
constexpr float kSmallest = 0.2F;

/// Draws the items of one ladder picture.
class ItemPainter {
  public:
    ItemPainter(SvgCanvas& svg, const model::Theme& theme) : svg_(svg), theme_(theme), m_(theme.metrics) {}

    void operator()(const model::Band& band) {
        const Colour ink = theme_.colour(band.ink);
        const bool drops = band.kind == model::BandKind::Drops;
        svg_.rect(band.box,
                  drops ? SvgCanvas::Fill{"url(#lost)"} : SvgCanvas::Fill{theme_.colour(Ink::Panel)}, 4);
        svg_.rect({band.box.x0, band.box.y0, band.box.x0 + 4, band.box.y1}, {ink}, 2);
        const float middle = drops ? band.box.y0 + m_.text_font : (band.box.y0 + band.box.y1) / 2;
        svg_.text({band.box.x0 + m_.pad * 3, middle}, band.text,
                  {.size = m_.text_font, .ink = ink, .bold = true});
    }
    void operator()(const model::Lifeline& line) {
        svg_.line({line.x, line.y0}, {line.x, line.y1}, theme_.colour(Ink::Line), m_.line);
    }
    void operator()(const model::StripSegment& strip) {
        const Colour ink = theme_.colour(model::state_ink(strip.state));
        if (strip.evidence == Evidence::Inferred) {
            svg_.rect(strip.box, {ink, 70}, 2);
            svg_.rect(strip.box, SvgCanvas::Fill{"url(#inferred)"}, 2);
            svg_.outline(strip.box, ink, 1, "3 2");
        } else {
            svg_.rect(strip.box, {ink}, 2);
            if (strip.evidence == Evidence::Simulator)
                svg_.outline(strip.box, theme_.colour(Ink::Text), 1, "1 2");
        }
    }
    void operator()(const model::Bar& bar) {
        switch (bar.kind) {
            case model::BarKind::Call:
                svg_.rect(bar.box, {theme_.colour(Ink::Call)}, 1.5F);
                break;
            case model::BarKind::Waiting:
                svg_.rect(bar.box, {theme_.colour(Ink::Waiting), 90}, 1.5F);
                svg_.outline(bar.box, theme_.colour(Ink::Call), 1, bar.unfinished ? "3 3" : "");
                if (bar.border) part(bar.box, *bar.border);
                break;
            case model::BarKind::Busy:
                svg_.rect(bar.box, {theme_.colour(Ink::Busy), 110}, 1.5F);
                svg_.rect(bar.box, SvgCanvas::Fill{"url(#busy)"}, 1.5F);
                svg_.outline(bar.box, theme_.colour(Ink::Busy), 1.2F, "");
                break;
        }
    }
    void operator()(const model::Break& gap) {
        const float y = (gap.box.y0 + gap.box.y1) / 2;
        const Colour ink = theme_.colour(Ink::Gap);
        for (const float x : {gap.box.x0, gap.box.x1}) {
            svg_.rect({x - 6, y - 5, x + 6, y + 5}, {theme_.colour(Ink::Background)}, 0);
            svg_.line({x - 6, y - 1}, {x + 6, y - 5}, ink, m_.line);
            svg_.line({x - 6, y + 5}, {x + 6, y + 1}, ink, m_.line);
        }
        if (gap.text.empty()) return;
        const float centre = (gap.box.x0 + gap.box.x1) / 2;
        const float half =
            static_cast<float>(model::text_columns(gap.text)) * m_.small_font * m_.mono_advance / 2 + 10;
        svg_.line({gap.box.x0 + 12, y}, {centre - half, y}, ink, 1, "1 5");
        svg_.line({centre + half, y}, {gap.box.x1 - 12, y}, ink, 1, "1 5");
        svg_.text({centre, y}, gap.text,
                  {.size = m_.small_font,
                   .ink = theme_.colour(Ink::Faint),
                   .mono = true,
                   .align = model::Align::Centre});
    }
    void operator()(const model::Arrow& arrow) {
        const Colour ink = theme_.colour(arrow.ink);
        const float width = arrow.count > 1 ? m_.line * 2.5F : m_.line;
        svg_.line(arrow.from, arrow.solid_until, ink, width);
        const bool dashed = std::abs(arrow.to.x - arrow.solid_until.x) > 1;
        if (dashed) svg_.line(arrow.solid_until, arrow.to, ink, width, "6 4");
        if (arrow.retransmission)
            svg_.circle(arrow.from, m_.pad * 0.8F, ink, theme_.colour(Ink::Background), m_.line);
        if (arrow.lost)
            cross(arrow.to, ink);
        else
            head(arrow, ink);
    }
    void operator()(const model::Diamond& d) {
        svg_.polygon({{d.centre.x, d.centre.y - d.radius},
                      {d.centre.x + d.radius, d.centre.y},
                      {d.centre.x, d.centre.y + d.radius},
                      {d.centre.x - d.radius, d.centre.y}},
                     theme_.colour(Ink::Message));
    }
    void operator()(const model::TimeTick& tick) {
        svg_.text({tick.x, tick.y}, tick.text,
                  {.size = m_.small_font,
                   .ink = theme_.colour(Ink::Faint),
                   .mono = true,
                   .align = model::Align::Right});
    }
    void operator()(const model::Label& label) {
        const float y = (label.box.y0 + label.box.y1) / 2;
        const float x = label.align == model::Align::Left    ? label.box.x0
                        : label.align == model::Align::Right ? label.box.x1
                                                             : (label.box.x0 + label.box.x1) / 2;
        const bool small = label.face == Face::MonoSmall;
        svg_.text({x, y}, label.text,
                  {.size = small ? m_.small_font : m_.label_font,
                   .ink = theme_.colour(label.ink),
                   .mono = true,
                   .bold = small && !label.inferred,
                   .italic = label.inferred,
                   .align = label.align});
    }

  private:
    /// Below the border the bar is solid; an estimated border is dashed and wider than the bar, its error bar
    /// beside it.
    void part(const Box& box, const model::BarBorder& border) {
        const Colour ink = theme_.colour(Ink::Call);
        svg_.rect({box.x0, border.y, box.x1, box.y1}, {ink}, 0);
        if (!border.estimated) return;
        const float over = m_.bar * 0.45F;
        const Colour text = theme_.colour(Ink::Text);
        svg_.line({box.x0 - over, border.y}, {box.x1 + over, border.y}, text, m_.line, "2 2");
        if (border.y1 - border.y0 < 2) return;
        const float x = (box.x0 + box.x1) / 2;
        svg_.line({x, border.y0}, {x, border.y1}, text, 1);
        for (const float y : {border.y0, border.y1})
            svg_.line({x - over, y}, {x + over, y}, text, 1);
    }
    void head(const model::Arrow& arrow, Colour ink) {
        const float dx = arrow.to.x - arrow.from.x;
        const float dy = arrow.to.y - arrow.from.y;
        const float length = std::max(1.0F, std::hypot(dx, dy));
        const Point u{dx / length, dy / length};
        const float size = m_.pad * 1.9F;
        const Point base{arrow.to.x - u.x * size, arrow.to.y - u.y * size};
        const float half = size * 0.42F;
        svg_.polygon({arrow.to,
                      {base.x - u.y * half, base.y + u.x * half},
                      {base.x + u.y * half, base.y - u.x * half}},
                     ink);
    }
    void cross(Point at, Colour ink) {
        const float r = m_.pad * 1.3F;
        svg_.line({at.x - r, at.y - r}, {at.x + r, at.y + r}, ink, m_.line * 1.6F);
        svg_.line({at.x - r, at.y + r}, {at.x + r, at.y - r}, ink, m_.line * 1.6F);
    }

    SvgCanvas& svg_;
    const model::Theme& theme_;
    const model::Metrics& m_;
};

/// One picture: places title, ladder and words, draws them.
class Page {
  public:
    Page(const model::TraceSource& source, const track::Tracker& tracker, const SvgOptions& options)
        : source_(source),
          tracker_(tracker),
          options_(options),
          theme_(options.theme != nullptr ? *options.theme : *model::find_theme("light")),
          m_(theme_.metrics),
          timeline_({options.connection}) {
        timeline_.update(source, tracker, 0);
        gather_words();
    }

    std::string svg() {
        const auto width = static_cast<float>(std::max(options_.width, 320));
        if (!options_.height) {
            lay_out(width, false);
            return draw(width, natural_height(), 1);
        }
        const auto height = static_cast<float>(std::max(*options_.height, 200));
        const float scale = fitting_scale(width, height);
        return draw(width, height, scale);
    }

  private:
    struct Paragraph {
        std::string head;
        std::string body;
        bool rule = false;  ///< a heading of its own
    };

    void gather_words() {
        std::optional<ConnectionId> last;
        std::vector<model::Finding> all = model::trace_findings(source_);
        for (const track::Connection& c : tracker_.connections())
            if (!options_.connection || *options_.connection == c.id)
                for (model::Finding& f : model::findings(source_, c))
                    all.push_back(std::move(f));
        for (const model::Finding& f : all) {
            if (f.connection && f.connection != last) {
                last = f.connection;
                words_.push_back(
                    {std::string("What happened on connection ") + std::to_string(last->value), {}, true});
            }
            words_.push_back({std::string(model::topic_name(f.topic)), f.sentence, false});
        }
        if (timeline_.rows().empty()) {
            words_.push_back({"Nothing to draw: the trace holds no TCP connection.", {}, true});
            return;
        }
        words_.push_back({"How to read it", {}, true});
        for (const model::LegendLine& line : model::legend(model::legend_needs(timeline_, tracker_)))
            words_.push_back({std::string(line.mark), std::string(line.meaning), false});
    }

    // ---- layout

    void lay_out(float width, bool beside) {
        width_ = width;
        beside_ = beside && width >= 900;
        const float ladder_width = beside_ ? std::floor(width * (1 - kPanelShare)) : width;
        top_ = m_.margin + m_.title_font * 1.5F + m_.text_font * 2.0F;
        model::LadderOptions options;
        options.width = ladder_width;
        options.metrics = m_;
        options.mode = options_.mode;
        ladder_.emplace(options);
        ladder_->update(source_, tracker_, timeline_);
        if (ladder_->height() > kTallest) {
            options.zoom = static_cast<float>(kTallest / ladder_->height());
            ladder_->set_options(options);
        }
        ladder_height_ = timeline_.rows().empty() ? 0 : static_cast<float>(ladder_->height());
        words_x_ = beside_ ? ladder_width : m_.margin;
        words_y_ = beside_ ? top_ - m_.text_font * 2 : top_ + ladder_height_ + m_.margin;
        words_height_ = place_words(nullptr);
    }

    [[nodiscard]] float natural_height() const {
        return std::max(top_ + ladder_height_, words_y_ + words_height_) + m_.margin;
    }

    /// The largest scale at which everything fits: words go beside the ladder where that gives more.
    float fitting_scale(float width, float height) {
        float best = 0;
        bool best_beside = false;
        for (const bool beside : {false, true}) {
            float scale = 1;
            for (int round = 0; round < 6; ++round) {
                lay_out(width / scale, beside);
                const float next = std::clamp(height / natural_height(), kSmallest, 1.0F);
                if (natural_height() * scale <= height + 0.5F) break;
                scale = std::min(scale * 0.995F, next);
            }
            if (scale > best) {
                best = scale;
                best_beside = beside;
            }
        }
        lay_out(width / best, best_beside);
        return std::min(best, height / natural_height());
    }

    // ---- drawing

    std::string draw(float width, float height, float scale) {
        SvgCanvas svg(width, height, theme_, scale);
        title(svg);
        if (!timeline_.rows().empty()) {
            svg.begin_group(0, top_);
            const model::LadderPicture picture =
                ladder_->layout(source_, tracker_, timeline_, {0, static_cast<double>(ladder_height_)});
            ItemPainter painter(svg, theme_);
            for (const model::DrawItem& item : picture.items)
                std::visit(painter, item);
            svg.end_group();
            heads(svg, picture);
        }
        place_words(&svg);
        return svg.finish();
    }

    void title(SvgCanvas& svg) {
        const bool udp = tracker_.connections().empty() && !timeline_.datagrams().all().empty();
        const std::string text = !options_.title.empty() ? escaped(options_.title, Medium::Terminal)
                                 : udp                   ? "A UDP conversation, packet by packet"
                                                         : "A TCP conversation, packet by packet";
        const float room = (width_ - 2 * m_.margin) / (m_.title_font * m_.text_advance);
        svg.text({m_.margin, m_.margin + m_.title_font * 0.6F},
                 model::cut_columns(text, static_cast<std::size_t>(std::max(4.0F, room))),
                 {.size = m_.title_font, .ink = theme_.colour(Ink::Text), .bold = true});
    }

    void heads(SvgCanvas& svg, const model::LadderPicture& picture) {
        const float y = top_ - m_.text_font;
        const auto& c = picture.columns;
        svg.text({c.time_right, y}, "seconds",
                 {.size = m_.small_font, .ink = theme_.colour(Ink::Faint), .align = model::Align::Right});
        svg.text({c.client_line + m_.strip / 2, y}, picture.client_title,
                 {.size = m_.text_font,
                  .ink = theme_.colour(Ink::Text),
                  .bold = true,
                  .align = model::Align::Right});
        svg.text({c.server_line - m_.strip / 2, y}, picture.server_title,
                 {.size = m_.text_font,
                  .ink = theme_.colour(Ink::Text),
                  .bold = true,
                  .align = model::Align::Left});
        svg.line({c.margin, top_ - 2}, {c.width - c.margin, top_ - 2}, theme_.colour(Ink::Line), 1);
    }

    /// Sentences and legend; with no canvas only their height.
    float place_words(SvgCanvas* svg) const {
        const float right = width_ - m_.margin;
        const float head_width = m_.text_font * 8.2F;
        const float advance = m_.text_font * m_.text_advance;
        const float line = m_.text_font * 1.45F;
        const auto room =
            static_cast<std::size_t>(std::max(20.0F, (right - words_x_ - head_width) / advance));
        float y = words_y_ + line / 2;
        for (const Paragraph& p : words_) {
            if (p.rule) {
                y += line * 0.35F;
                if (svg != nullptr)
                    svg->text({words_x_, y}, p.head,
                              {.size = m_.text_font, .ink = theme_.colour(Ink::Text), .bold = true});
                y += line * 1.1F;
                continue;
            }
            if (svg != nullptr)
                svg->text({words_x_, y}, p.head,
                          {.size = m_.small_font, .ink = theme_.colour(Ink::Faint), .mono = true});
            for (const std::string& part : wrapped(p.body, room)) {
                if (svg != nullptr)
                    svg->text({words_x_ + head_width, y}, part,
                              {.size = m_.text_font, .ink = theme_.colour(Ink::Text)});
                y += line;
            }
            y += line * 0.25F;
        }
        return y - words_y_;
    }

    const model::TraceSource& source_;
    const track::Tracker& tracker_;
    const SvgOptions& options_;
    const model::Theme& theme_;
    const model::Metrics& m_;
    model::Timeline timeline_;
    std::optional<model::Ladder> ladder_;
    std::vector<Paragraph> words_;
    float width_ = 0;
    float top_ = 0;
    float ladder_height_ = 0;
    float words_x_ = 0;
    float words_y_ = 0;
    float words_height_ = 0;
    bool beside_ = false;
};

}  // namespace

std::string svg_ladder(const model::TraceSource& source, const track::Tracker& tracker,
                       const SvgOptions& options) {
    return Page(source, tracker, options).svg();
}

}  // namespace synscope::render
