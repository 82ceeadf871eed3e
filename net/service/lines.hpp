#pragma once
// Text services under any framing: what a framing delivers whole is a line, and without one a line ends with
// a line feed. Thread rule: values.

#include <string>
#include <string_view>
#include <utility>

#include "net/service/service.hpp"

namespace synscope::service {

/// The lines of one direction.
class Lines {
  public:
    static constexpr std::size_t kLongest = 4096;

    explicit Lines(bool whole_messages = false) noexcept : whole_messages_(whole_messages) {}

    /// Calls `line` with each whole line, without its end. False when one is too long: then nothing more
    /// comes.
    template <class Line>
    [[nodiscard]] bool feed(ByteSpan bytes, const Line& line) {
        std::string_view rest{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        if (whole_messages_) {
            if (rest.ends_with('\n')) rest.remove_suffix(1);
            return pass(rest, line);
        }
        for (;;) {
            const std::size_t end = rest.find('\n');
            held_.append(rest.substr(0, end));
            if (end == std::string_view::npos) return held_.size() <= kLongest;
            rest.remove_prefix(end + 1);
            // Taken out first: `line` may feed nothing, but it may take long.
            const std::string whole = std::exchange(held_, {});
            if (!pass(whole, line)) return false;
        }
    }

  private:
    template <class Line>
    static bool pass(std::string_view text, const Line& line) {
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (text.size() > kLongest) return false;
        line(text);
        return true;
    }

    bool whole_messages_;
    std::string held_;  ///< the beginning of a line
};

/// A line with the end that the framing does not give it.
[[nodiscard]] std::string line_text(std::string_view text, bool whole_messages);
void say_line(std::string_view text, bool whole_messages, Effects& effects);
[[nodiscard]] inline ByteSpan bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span{text.data(), text.size()});
}

}  // namespace synscope::service
