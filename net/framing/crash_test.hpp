#pragma once
// What a stream's cuts do to two readers of it: one that takes each recv() for a message, and the framing's
// decoder. A cut is where one read ends and the next begins; TCP puts it anywhere. Thread rule: pure.

#include <span>
#include <string>
#include <vector>

#include "net/framing/framing.hpp"

namespace synscope::framing {

/// A framing's examples, sent.
struct Sample {
    std::vector<std::byte> stream;
    std::vector<std::string_view> contents;
    std::vector<Placed> places;
};
/// The first `most` examples. `ready` is told to go ahead wherever it waits.
[[nodiscard]] Sample sample_of(const FramingInfo& framing, std::size_t most);

/// Offsets where reads end, rising, each above 0 and below the stream's size.
using Cuts = std::span<const std::size_t>;
/// Whether one recv() is one message, with these cuts.
[[nodiscard]] bool naive_reader_is_right(const Sample& sample, Cuts cuts);
/// Whether the decoder finds the messages where they are, and nothing else.
[[nodiscard]] bool decoder_is_right(const FramingInfo& framing, const Sample& sample, Cuts cuts);

/// Both readers, cut by cut, as lines of text: '.' for right and 'X' for wrong, with `colour` also green and
/// red (ANSI).
[[nodiscard]] std::string crash_test_text(const FramingInfo& framing, bool colour);

}  // namespace synscope::framing
