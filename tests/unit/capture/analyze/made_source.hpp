#pragma once
// A capture in memory for tests: TCP and UDP over IPv4 without link header, as many packets as asked for.

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/source/packet_source.hpp"
#include "net/wire/ip_protocol.hpp"
#include "net/wire/ipv4.hpp"
#include "net/wire/tcp.hpp"

namespace synscope::analyze {

struct Made {
    std::uint16_t from = 40'000;
    std::uint16_t to = 80;
    std::uint32_t seq = 0;
    std::optional<std::uint32_t> ack = std::nullopt;
    std::uint16_t flags = 0;  ///< besides ACK
    std::size_t length = 0;
    std::uint8_t protocol = wire::ip_protocol::kTcp;
    bool quoted = false;  ///< comes inside an ICMP error instead
};

/// Hosts are 192.0.2.1 (the one with the port that is not 80) and 192.0.2.2.
inline std::vector<std::byte> frame_of(const Made& made) {
    wire::TcpHeader tcp;
    tcp.source_port = made.from;
    tcp.destination_port = made.to;
    tcp.seq = Seq32{made.seq};
    tcp.ack = Seq32{made.ack.value_or(0)};
    tcp.flags =
        wire::TcpFlags{static_cast<std::uint16_t>(made.flags | (made.ack ? wire::TcpFlags::kAck : 0))};
    tcp.window = 1'000;
    wire::Ipv4Header ip;
    ip.protocol = made.protocol;
    ip.source = IpAddress::v4(made.from == 80 ? 0xc0000202 : 0xc0000201);
    ip.destination = IpAddress::v4(made.from == 80 ? 0xc0000201 : 0xc0000202);
    ip.total_length = static_cast<std::uint16_t>(40 + made.length);
    std::vector<std::byte> frame(ip.total_length);
    ip.emit(frame);
    tcp.emit(MutableByteSpan(frame).subspan(20));
    if (!made.quoted) return frame;
    wire::Ipv4Header outer = ip;
    outer.protocol = wire::ip_protocol::kIcmp;
    outer.total_length = static_cast<std::uint16_t>(28 + frame.size());
    std::vector<std::byte> error(outer.total_length);
    outer.emit(error);
    error[20] = std::byte{3};
    std::copy(frame.begin(), frame.end(), error.begin() + 28);
    return error;
}

class MadeSource final : public source::PacketSource {
  public:
    explicit MadeSource(const std::vector<Made>& packets, std::optional<UserError> end = std::nullopt)
        : end_(std::move(end)) {
        for (const Made& made : packets)
            frames_.push_back(frame_of(made));
        interface_.link_type = wire::LinkType::Raw;
    }
    Result<std::optional<source::RawPacket>, UserError> next() override {
        if (at_ == frames_.size() && end_) return failure(*end_);
        if (at_ == frames_.size()) return std::optional<source::RawPacket>{};
        return std::optional{packet(at_++)};
    }
    Result<std::size_t, UserError> next_batch(std::span<source::RawPacket> batch) override {
        if (at_ == frames_.size() && end_) return failure(*end_);
        const std::size_t count = std::min(batch.size(), frames_.size() - at_);
        for (std::size_t i = 0; i < count; ++i)
            batch[i] = packet(at_++);
        return count;
    }
    [[nodiscard]] const trace::Interface& interface(std::uint16_t) const override { return interface_; }
    [[nodiscard]] wire::LinkType link_type() const override { return wire::LinkType::Raw; }
    [[nodiscard]] bool keeps_bytes() const override { return true; }
    [[nodiscard]] CaptureCounters stats() const override { return {at_, 0, 0}; }

  private:
    [[nodiscard]] source::RawPacket packet(std::size_t index) const {
        source::RawPacket raw;
        raw.at = Instant{static_cast<std::int64_t>(index + 1) * 1'000'000};
        raw.original_length = static_cast<std::uint32_t>(frames_[index].size());
        raw.link_type = wire::LinkType::Raw;
        raw.bytes = frames_[index];
        return raw;
    }
    std::vector<std::vector<std::byte>> frames_;
    std::optional<UserError> end_;
    trace::Interface interface_;
    std::size_t at_ = 0;
};

}  // namespace synscope::analyze
