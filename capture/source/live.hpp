#pragma once
// Live capture from a network interface through libpcap.
//
//     auto live = LiveCapture::open({.interface = "lo", .filter = "tcp port 7000"});
//     poll(live->descriptor(), POLLIN);  live->take(4096, [](const RawPacket& p) { ... });
//
// Once open() returns the capture is armed: whatever passes the interface from then on is kept, or counted as
// dropped.
//
// The kernel hands over blocks of packets (TPACKET_V3), a block being closed after `latency` at the latest.
// libpcap's immediate mode is not used: it would mean rings of fixed-size slots, and on loopback with its 64
// KiB packets a slot is so large that a 2 MiB ring holds eight packets.
//
// A packet on loopback passes the capture point twice, going out and coming in; only the arrival is kept.
// libpcap would throw the other one away after it has taken its place in the ring; here the kernel does, so
// that the counters count packets. Promiscuous mode is never switched on. Thread rule: one thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>

#include "capture/source/packet_source.hpp"

namespace synscope::source {

/// What the capture is for decides how large its ring is and how long a block may wait.
enum class LiveJob : std::uint8_t {
    Watch,   ///< drawn while it happens: 32 MiB, blocks of at most 5 ms
    Record,  ///< written to a file: 64 MiB, blocks of at most 50 ms
};

struct LiveOptions {
    std::string interface = "lo";         ///< or "any"
    std::string filter;                   ///< BPF expression; empty for everything
    std::uint32_t snap_length = 262'144;  ///< bytes kept of each packet
    LiveJob job = LiveJob::Watch;
};

class LiveCapture final : public PacketSource {
  public:
    /// Needs CAP_NET_RAW in the user namespace that owns the network namespace; only during this call.
    [[nodiscard]] static Result<LiveCapture, UserError> open(const LiveOptions& options);
    LiveCapture(LiveCapture&&) noexcept;
    LiveCapture& operator=(LiveCapture&&) noexcept;
    ~LiveCapture() override;

    /// Readable when packets wait.
    [[nodiscard]] int descriptor() const noexcept;
    /// The socket the counters are asked of.
    [[nodiscard]] int packet_socket() const noexcept;
    /// Calls `each` for at most `limit` packets that wait, without blocking; returns how many. The bytes are
    /// the ring's and gone when `each` returns.
    template <class Each>
    [[nodiscard]] Result<std::size_t, UserError> take(std::size_t limit, Each&& each) {
        using Callable = std::remove_reference_t<Each>;
        return take_raw(
            limit, [](void* context, const RawPacket& packet) { (*static_cast<Callable*>(context))(packet); },
            const_cast<void*>(static_cast<const void*>(&each)));
    }

    [[nodiscard]] Result<std::optional<RawPacket>, UserError> next() override;
    [[nodiscard]] wire::LinkType link_type() const override;
    [[nodiscard]] const trace::Interface& interface(std::uint16_t number) const override;
    /// `received` counts what passed the filter and was kept. `dropped_by_interface` stays 0: see
    /// InterfaceDrops.
    [[nodiscard]] CaptureCounters stats() const override;
    /// How long a packet may wait in the kernel before descriptor() becomes readable.
    [[nodiscard]] Duration latency() const noexcept;

  private:
    struct Impl;
    explicit LiveCapture(std::unique_ptr<Impl> impl);
    using Sink = void (*)(void*, const RawPacket&);
    [[nodiscard]] Result<std::size_t, UserError> take_raw(std::size_t limit, Sink sink, void* context);

    std::unique_ptr<Impl> impl_;
};

/// Packets that the interface itself lost since this was opened (rtnl_link_stats64: rx_missed_errors,
/// rx_fifo_errors), asked over netlink: /sys shows the interfaces of another namespace as soon as we are in
/// our own.
class InterfaceDrops {
  public:
    /// Unknown interfaces ("any") count nothing.
    [[nodiscard]] static InterfaceDrops watch(const std::string& interface);
    InterfaceDrops(InterfaceDrops&&) noexcept;
    InterfaceDrops& operator=(InterfaceDrops&&) noexcept;
    ~InterfaceDrops();
    /// Nothing when the kernel cannot be asked.
    [[nodiscard]] std::optional<std::uint64_t> count() const;
    /// The netlink socket, -1 when there is none.
    [[nodiscard]] int descriptor() const noexcept;

  private:
    struct Impl;
    explicit InterfaceDrops(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::source
