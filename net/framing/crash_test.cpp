#include "net/framing/crash_test.hpp"

#include <algorithm>
#include <array>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::framing {

namespace {

ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

template <class Piece>
void for_each_piece(const Sample& sample, Cuts cuts, const Piece& piece) {
    std::size_t begin = 0;
    for (const std::size_t end : cuts) {
        piece(begin, end);
        begin = end;
    }
    piece(begin, sample.stream.size());
}

/// One bright or dim sign per cut.
class Row {
  public:
    explicit Row(bool colour) : colour_(colour) {}
    void add(bool right) { rights_.push_back(right); }
    [[nodiscard]] std::size_t right() const {
        return static_cast<std::size_t>(std::count(rights_.begin(), rights_.end(), true));
    }
    [[nodiscard]] std::size_t size() const { return rights_.size(); }
    [[nodiscard]] std::string part(std::size_t begin, std::size_t end) const {
        std::string out;
        for (std::size_t i = begin; i < end; ++i) {
            const bool turns = i == begin || rights_[i] != rights_[i - 1];
            if (colour_ && turns) out.append(rights_[i] ? "\x1b[32m" : "\x1b[31m");
            out.push_back(rights_[i] ? '.' : 'X');
        }
        if (colour_) out.append("\x1b[0m");
        return out;
    }

  private:
    bool colour_;
    std::vector<bool> rights_;
};

constexpr std::size_t kLabel = 12;
constexpr std::size_t kWidth = 64;

std::string label(std::string_view name) {
    return concat("  ", name, std::string(name.size() < kLabel ? kLabel - name.size() : 1, ' '));
}

/// Where messages lie: a '|' at each one's first byte.
std::string ruler(const Sample& sample, std::size_t begin, std::size_t end) {
    std::string out(end - begin, '-');
    for (const Placed& place : sample.places)
        if (place.bytes.begin >= begin && place.bytes.begin < end) out[place.bytes.begin - begin] = '|';
    return out;
}

std::string count_text(std::string_view what, std::string_view name, std::size_t naive, std::size_t right,
                       std::size_t all) {
    return concat(what, ": one recv = one message is right in ", naive, " of ", all, " cuts, the ", name,
                  " decoder in ", right, " of ", all, "\n");
}

std::string messages_text(const FramingInfo& framing, const Sample& sample) {
    std::string out = concat("framing ", framing.name, ": ", sample.places.size(), " messages, ",
                             sample.stream.size(), " bytes on the stream\n");
    for (std::size_t i = 0; i < sample.places.size(); ++i) {
        const Placed& place = sample.places[i];
        append(out, concat("  message ", i, ", bytes ", place.bytes.begin, " to ", place.bytes.end - 1,
                           ": \"", escaped(sample.contents[i], Medium::Terminal), "\"\n"));
    }
    return out;
}

/// Every place for one cut, `kWidth` to a line: below the stream the two readers.
std::string two_reads_text(const FramingInfo& framing, const Sample& sample, bool colour) {
    Row naive{colour};
    Row decoder{colour};
    for (std::size_t at = 1; at < sample.stream.size(); ++at) {
        const std::array cut{at};
        naive.add(naive_reader_is_right(sample, cut));
        decoder.add(decoder_is_right(framing, sample, cut));
    }
    std::string out{"one cut, at each place in turn (. both messages right, X wrong):\n"};
    for (std::size_t begin = 0; begin < naive.size(); begin += kWidth) {
        const std::size_t end = std::min(begin + kWidth, naive.size());
        // A cut before byte n stands below byte n.
        append(out, concat(label("stream"), ruler(sample, begin + 1, end + 1), '\n'));
        append(out, concat(label("naive"), naive.part(begin, end), '\n'));
        append(out, concat(label(framing.name), decoder.part(begin, end), '\n'));
    }
    append(out, count_text("2 messages cut into 2 reads", framing.name, naive.right(), decoder.right(),
                           naive.size()));
    return out;
}

std::string three_reads_text(const FramingInfo& framing, const Sample& sample) {
    std::size_t all = 0;
    std::size_t naive = 0;
    std::size_t right = 0;
    for (std::size_t first = 1; first < sample.stream.size(); ++first)
        for (std::size_t second = first + 1; second < sample.stream.size(); ++second) {
            const std::array cuts{first, second};
            ++all;
            naive += naive_reader_is_right(sample, cuts) ? 1u : 0u;
            right += decoder_is_right(framing, sample, cuts) ? 1u : 0u;
        }
    return count_text("3 messages cut into 3 reads", framing.name, naive, right, all);
}

}  // namespace

Sample sample_of(const FramingInfo& framing, std::size_t most) {
    Sample sample;
    const auto encoder = framing.encoder({});
    for (const std::string_view content : framing.examples.first(std::min(most, framing.examples.size()))) {
        const auto place = encoder->encode(bytes_of(content), sample.stream);
        if (!place) continue;
        if (encoder->waiting()) encoder->hear(Signal::GoAhead, sample.stream);
        sample.contents.push_back(content);
        sample.places.push_back(*place);
    }
    return sample;
}

bool naive_reader_is_right(const Sample& sample, Cuts cuts) {
    std::size_t index = 0;
    bool right = cuts.size() + 1 == sample.places.size();
    for_each_piece(sample, cuts, [&](std::size_t begin, std::size_t end) {
        right = right && sample.places[index++].bytes == ByteRange{begin, end};
    });
    return right;
}

bool decoder_is_right(const FramingInfo& framing, const Sample& sample, Cuts cuts) {
    const auto decoder = framing.decoder({});
    std::size_t index = 0;
    bool right = true;
    for_each_piece(sample, cuts, [&](std::size_t begin, std::size_t end) {
        // A copy of its own, as large as the read: who reads beyond it, or keeps a view of it, is caught.
        const std::vector<std::byte> read(sample.stream.begin() + static_cast<std::ptrdiff_t>(begin),
                                          sample.stream.begin() + static_cast<std::ptrdiff_t>(end));
        decoder->feed(read);
        for (auto m = decoder->next(); m; m = decoder->next(), ++index) {
            const ByteSpan wanted =
                index < sample.contents.size() ? bytes_of(sample.contents[index]) : ByteSpan{};
            right = right && index < sample.places.size() &&
                    static_cast<const Placed&>(*m) == sample.places[index] &&
                    std::equal(m->content.begin(), m->content.end(), wanted.begin(), wanted.end());
        }
    });
    return right && index == sample.places.size() && !decoder->error() && !decoder->at_end();
}

std::string crash_test_text(const FramingInfo& framing, bool colour) {
    if (!framing.boundaries)
        return concat("framing ", framing.name,
                      " marks no boundaries: every cut makes other \"messages\", and none is right or "
                      "wrong. Try 'line' or 'len32'.\n");
    const Sample two = sample_of(framing, 2);
    std::string out = messages_text(framing, two);
    append(out, two_reads_text(framing, two, colour));
    append(out, three_reads_text(framing, sample_of(framing, 3)));
    append(out,
           "A read returns what has arrived, not what was sent together: only a reader that looks for the "
           "boundaries itself is right wherever the stream is cut.\n");
    return out;
}

}  // namespace synscope::framing
