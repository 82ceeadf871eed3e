#pragma once
// What a conversation said, as lines; and what is missing from it, as sentences. The columns are documented
// in docs/FORMATS.md. Everything from packets is escaped. Thread rule: pure; one thread per object.

#include <optional>
#include <string>
#include <string_view>

#include "capture/track/reassembly.hpp"
#include "net/base/bytes.hpp"
#include "net/base/tcp_state.hpp"

namespace synscope::render {

/// "c2s", "s2c".
[[nodiscard]] std::string_view direction_text(Direction direction) noexcept;

/// Runs of bytes of both directions, in the order in which they came, as one line for each line of the
/// stream: direction, offset, text. A line is cut after a line feed or kLineBytes, or when the other side
/// speaks.
class StreamText {
  public:
    static constexpr std::size_t kLineBytes = 160;

    /// Appends the lines that are complete to `out`.
    void bytes(Direction direction, std::uint64_t offset, ByteSpan run, std::string& out);
    /// Appends the line that was begun.
    void flush(std::string& out);

  private:
    void line(std::size_t length, std::string& out);
    Direction direction_ = Direction::ClientToServer;
    std::uint64_t offset_ = 0;  ///< of the first byte in begun_
    std::string begun_;
};

/// A message or datagram as a row under message_header(): tab-separated.
[[nodiscard]] std::string_view message_header() noexcept;
void append_message(std::string& out, Direction direction, std::uint64_t index, std::uint64_t offset,
                    ByteSpan body);

/// "3 bytes missing at offset 17: acknowledged by the receiver, not captured".
[[nodiscard]] std::string gap_text(const track::StreamGap& gap);
[[nodiscard]] std::string notice_text(const track::StreamNotice& notice);

}  // namespace synscope::render
