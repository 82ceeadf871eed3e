#pragma once
// What the functions of this folder work on: the connections of one stack, how they are found, and where what
// they send goes. `now` is the time of the call in hand. Private to sim/tcp. Thread rule: one stack, one
// thread.

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/base/hash.hpp"
#include "sim/tcp/isn.hpp"
#include "sim/tcp/stack.hpp"
#include "sim/tcp/tcb.hpp"
#include "sim/tcp/timers.hpp"

namespace synscope::sim::tcp {

/// A connection's two ends.
struct Pair {
    Endpoint local;
    Endpoint remote;
    friend bool operator==(const Pair&, const Pair&) = default;
};
struct PairHash {
    std::size_t operator()(const Pair& pair) const noexcept;
};

/// The client's memory of a server's fast open cookie (RFC 7413 section 4.1.3.1).
struct CookieEntry {
    IpAddress peer;
    std::array<std::byte, 16> cookie{};
    std::uint8_t size = 0;
    std::uint16_t mss = 0;
    bool experimental = false;  ///< the cookie came by the option's experimental form
    std::uint8_t try_experimental =
        0;  ///< no cookie by the option: 1 try the other form, 2 that was tried too
    bool syn_data_lost = false;
    std::optional<Instant> failed_at;
};

struct Core {
    explicit Core(StackOptions options);

    Personality p;
    Observer* observer = nullptr;
    Instant now;
    std::vector<IpAddress> addresses;
    bool link_refuses = false;  ///< the host's own link has no room: data is not even sent
    std::vector<Segment> out;
    std::vector<SocketId> woken;
    StackCounters counters;

    SipKey isn_key;
    SipKey timestamp_key;
    SipKey port_key;
    SipKey cookie_key;
    SipKey tfo_key;
    std::uint64_t port_counter = 0;
    std::optional<Instant> challenge_second;
    std::uint32_t challenge_left = 0;
    std::vector<CookieEntry> cookie_cache;
    std::optional<Instant> fastopen_off_until;
    std::uint32_t fastopen_off_times = 0;

    std::vector<std::unique_ptr<Tcb>> slots;
    std::vector<std::uint32_t> free_slots;
    std::vector<std::uint32_t> slot_of_id;  ///< by id: slot + 1, 0 when gone
    std::unordered_map<Pair, std::uint32_t, PairHash> pairs;
    std::vector<SocketId> listeners;
    DeadlineHeap deadlines;
    std::vector<std::uint32_t> to_sweep;
    Tcb* last_found = nullptr;

    // ---- the table
    Tcb& create();
    void destroy(Tcb& t);
    [[nodiscard]] Tcb* find(SocketId id) noexcept;
    [[nodiscard]] const Tcb* find(SocketId id) const noexcept;
    [[nodiscard]] Tcb* find(const Endpoint& local, const Endpoint& remote) noexcept;
    [[nodiscard]] Tcb* find_listener(const Endpoint& local) noexcept;
    void hash(Tcb& t);
    void unhash(Tcb& t) noexcept;
    void sweep();
    [[nodiscard]] bool is_local(const IpAddress& address) const noexcept;

    // ---- telling
    void wake(const Tcb& t);
    void note(const Tcb* t, std::string_view why) const {
        if (observer != nullptr) observer->note(now, t, why);
    }

    // ---- timers
    void arm(Tcb& t, TimerPlace place, TimerKind kind, Instant at);
    void stop(Tcb& t, TimerPlace place);
    void stop(Tcb& t, TimerPlace place, TimerKind kind) {
        if (t.timers.runs(place, kind)) stop(t, place);
    }
};

[[nodiscard]] bool is_any(const IpAddress& address) noexcept;
/// Multicast, or the broadcast address: nobody's own.
[[nodiscard]] bool is_group(const IpAddress& address) noexcept;

}  // namespace synscope::sim::tcp
