// Service `source`: sends as fast as its peer reads, from the first moment and until the peer has had enough
// (RFC 864, character generator: lines of 72 printable characters, each begun one character later). With a
// framing every line is a message. What the peer sends is not looked at; its end-of-file ends the stream.
#include <algorithm>
#include <array>

#include "net/service/service.hpp"

namespace synscope::service {

namespace {

constexpr std::uint32_t kPrintable = 95;  // ' ' to '~'
constexpr std::size_t kLine = 72;
constexpr std::size_t kLinesAtOnce = 800;  // 58 kB: a few dozen turns fill the conversation's room

/// A line begins with any of them and goes on behind the last with the first.
constexpr auto kRow = [] {
    std::array<std::byte, kPrintable + kLine> row{};
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = static_cast<std::byte>(' ' + i % kPrintable);
    return row;
}();

class SourceSession final : public Session {
  public:
    void on_boundaries(bool whole_messages) override { whole_messages_ = whole_messages; }
    void on_open(Effects& effects) override { ask(effects); }
    void on_message(ByteSpan, Effects&) override {}
    void on_eof(Effects& effects) override {
        done_ = true;
        effects.add(Close{});
    }
    void on_effect_result(const EffectResult&, Effects& effects) override {
        if (done_) return;
        if (whole_messages_) {
            for (std::size_t i = 0; i < kLinesAtOnce; ++i)
                write_line(effects.reply(kLine));
        } else {
            const MutableByteSpan room = effects.reply((kLine + 2) * kLinesAtOnce);
            for (std::size_t at = 0; at < room.size(); at += kLine + 2) {
                write_line(room.subspan(at, kLine));
                room[at + kLine] = std::byte{'\r'};
                room[at + kLine + 1] = std::byte{'\n'};
            }
        }
        ask(effects);
    }

  private:
    static void ask(Effects& effects) { effects.add(WaitForRoom{RequestId{0}}); }
    void write_line(MutableByteSpan line) {
        std::copy_n(kRow.begin() + first_, line.size(), line.begin());
        first_ = (first_ + 1) % kPrintable;
    }

    std::uint32_t first_ = 0;  ///< of the next line's characters
    bool whole_messages_ = false;
    bool done_ = false;
};

class Source final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey, const Endpoint&) override {
        return std::make_unique<SourceSession>();
    }
};

}  // namespace

std::unique_ptr<Service> make_source() {
    return std::make_unique<Source>();
}

}  // namespace synscope::service
