#pragma once
// TCP options written into a header, byte by byte. Private to sim/tcp. Thread rule: values.

#include "net/wire/tcp_options.hpp"
#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

class OptionWriter {
  public:
    explicit OptionWriter(wire::OptionBytes& out) noexcept : out_(out) {}
    void byte(std::uint32_t value) noexcept { out_.push(static_cast<std::byte>(value & 0xff)); }
    void be16(std::uint32_t value) noexcept {
        byte(value >> 8);
        byte(value);
    }
    void be32(std::uint32_t value) noexcept {
        be16(value >> 16);
        be16(value);
    }
    void nop() noexcept { byte(wire::tcp_option::kNoOp); }
    void mss(std::uint32_t value) noexcept {
        byte(wire::tcp_option::kMss);
        byte(4);
        be16(value);
    }
    void window_scale(std::uint32_t shift) noexcept {
        byte(wire::tcp_option::kWindowScale);
        byte(3);
        byte(shift);
    }
    void sack_permitted() noexcept {
        byte(wire::tcp_option::kSackPermitted);
        byte(2);
    }
    void timestamps(std::uint32_t value, std::uint32_t echo) noexcept {
        byte(wire::tcp_option::kTimestamps);
        byte(10);
        be32(value);
        be32(echo);
    }
    void sack(const SequenceRange* blocks, std::size_t count) noexcept {
        byte(wire::tcp_option::kSack);
        byte(static_cast<std::uint32_t>(2 + 8 * count));
        for (std::size_t i = 0; i < count; ++i) {
            be32(blocks[i].begin.raw());
            be32(blocks[i].end.raw());
        }
    }
    /// RFC 7413 section 4.1.1, or its form before the option had a number.
    void fastopen(ByteSpan cookie, bool experimental) noexcept {
        byte(experimental ? 254 : 34);
        byte(static_cast<std::uint32_t>(cookie.size() + (experimental ? 4 : 2)));
        if (experimental) be16(0xf989);
        for (const std::byte b : cookie)
            out_.push(b);
        while (out_.size() % 4 != 0)
            nop();
    }
    [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }

  private:
    wire::OptionBytes& out_;
};

/// What a SYN or SYN-ACK offers.
struct SynOptions {
    std::uint16_t mss = 1460;
    bool window_scaling = false;
    std::uint8_t scale = 0;
    bool sack = false;
    bool timestamps = false;
    std::uint32_t ts_value = 0;
    std::uint32_t ts_echo = 0;
    bool fastopen = false;
    bool fastopen_experimental = false;
    ByteSpan cookie;
};

inline void write_syn_options(OptionWriter& w, const SynOptions& o, OptionOrder order) noexcept {
    w.mss(o.mss);
    if (order == OptionOrder::FreeBsd) {
        if (o.window_scaling) {
            w.nop();
            w.window_scale(o.scale);
        }
        if (o.sack) w.sack_permitted();
        if (o.timestamps) {
            while (w.size() % 4 != 2)
                w.nop();
            w.timestamps(o.ts_value, o.ts_echo);
        }
        if (w.size() % 4 != 0) w.byte(wire::tcp_option::kEndOfList);
        return;
    }
    if (o.timestamps) {
        if (o.sack) {
            w.sack_permitted();
        } else {
            w.nop();
            w.nop();
        }
        w.timestamps(o.ts_value, o.ts_echo);
    } else if (o.sack) {
        w.nop();
        w.nop();
        w.sack_permitted();
    }
    if (o.window_scaling) {
        w.nop();
        w.window_scale(o.scale);
    }
    if (o.fastopen) w.fastopen(o.cookie, o.fastopen_experimental);
}

}  // namespace synscope::sim::tcp
